import type { AccountBook } from '../accounts/account-book.ts'
import { modelsOf, toBackendAccount } from '../accounts/backend-account.ts'
import type { AccountPool } from '../accounts/pool.ts'
import type { TokenService } from '../accounts/tokens.ts'
import type { Backend, BackendOptions, BackendStream } from '../backends/backend.ts'
import { ProxyError, toProxyError } from '../canonical/error.ts'
import type { CompletionRequest } from '../canonical/request.ts'
import { collect } from './collect.ts'

export interface TestAccountDeps {
  readonly book: AccountBook
  readonly pool: AccountPool
  readonly tokens: TokenService
  readonly backendFor: (accountType: string) => Backend | undefined
  readonly options: () => BackendOptions
}

export interface AccountTestResult {
  readonly ok: boolean
  readonly latencyMs: number
  readonly model?: string
  /** The model's answer. */
  readonly text?: string
  /** What went wrong, in words for a person. */
  readonly error?: string
}

const testTimeoutMs = 60_000
const fallbackModel = 'claude-haiku-4.5'

/**
 * One real small request on one account, whatever state it is in: the person asked for it. The outcome counts for the
 * account like any other request. Never rejects for a failure of the account.
 */
export async function testAccount(deps: TestAccountDeps, id: string, signal?: AbortSignal): Promise<AccountTestResult> {
  const account = deps.book.get(id)
  if (account === undefined) throw new ProxyError('not-found', 'There is no account with this id.', { param: 'id' })
  const model = cheapestModel(
    modelsOf(account).map((offered) => ({ id: offered.id, rate: offered.rateMultiplier ?? 1 })),
  )
  const startedAt = performance.now()
  const latencyMs = () => Math.round(performance.now() - startedAt)
  try {
    const timeout = AbortSignal.timeout(testTimeoutMs)
    const call = { model, signal: signal ? AbortSignal.any([signal, timeout]) : timeout }
    const stream = await openStream(deps, id, call)
    const message = await collect(stream.events)
    deps.pool.succeeded(id)
    const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    return { ok: true, latencyMs: latencyMs(), model, text: text.slice(0, 500) }
  } catch (error) {
    const failure = toProxyError(error)
    if (failure.kind !== 'cancelled') deps.pool.failed(id, failure, model)
    return { ok: false, latencyMs: latencyMs(), model, error: failure.message }
  }
}

async function openStream(
  deps: TestAccountDeps,
  id: string,
  call: { readonly model: string; readonly signal: AbortSignal },
): Promise<BackendStream> {
  const token = await deps.tokens.fresh(id, call.signal)
  try {
    return await streamWith(deps, id, call, token)
  } catch (error) {
    if (!(error instanceof ProxyError) || error.kind !== 'token-invalid') throw error
    return await streamWith(deps, id, call, await deps.tokens.renew(id, token))
  }
}

async function streamWith(
  deps: TestAccountDeps,
  id: string,
  call: { readonly model: string; readonly signal: AbortSignal },
  accessToken: string,
): Promise<BackendStream> {
  // Read anew: renewing the token may have found the profile.
  const account = deps.book.get(id)
  const backend = account && deps.backendFor(account.type)
  if (!account || !backend) {
    throw new ProxyError('no-account', `Culvert can't talk to accounts of type ${account?.type ?? 'unknown'} yet.`)
  }
  const modelInfo = modelsOf(account).find((offered) => offered.id === call.model)
  return await backend.stream({
    account: toBackendAccount(account),
    accessToken,
    request: smallRequest(call.model),
    conversationId: crypto.randomUUID(),
    signal: call.signal,
    timeouts: { firstByteMs: testTimeoutMs, idleMs: testTimeoutMs },
    options: deps.options(),
    ...(modelInfo === undefined ? {} : { modelInfo }),
  })
}

function smallRequest(model: string): CompletionRequest {
  return {
    model,
    system: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Reply with the single word OK.' }] }],
    tools: [],
    toolChoice: { type: 'auto' },
    sampling: { maxOutputTokens: 64 },
    stream: true,
    extras: {},
  }
}

function cheapestModel(models: readonly { readonly id: string; readonly rate: number }[]): string {
  return models.toSorted((left, right) => left.rate - right.rate)[0]?.id ?? fallbackModel
}
