import { setTimeout as pause } from 'node:timers/promises'
import type { AccountPool, Candidate, PoolQuery } from '../accounts/pool.ts'
import type { TokenService } from '../accounts/tokens.ts'
import type { Backend, BackendOptions, BackendStream } from '../backends/backend.ts'
import type { ModelInfo } from '../canonical/offering.ts'
import { ProxyError, toProxyError } from '../canonical/error.ts'
import type { CompletionStream } from '../canonical/event.ts'
import type { CompletionRequest } from '../canonical/request.ts'
import { pauseBefore, reactionTo } from './failover.ts'
import { withFirstBatch } from './first-batch.ts'
import { elapsed, type RequestTrace } from './trace.ts'

export interface CompleteDeps {
  readonly pool: AccountPool
  readonly tokens: TokenService
  readonly backendFor: (accountType: string) => Backend
  /** The model of one account that answers for a name, see `route.ts`. */
  readonly resolve: (requested: string, offered: readonly string[]) => string | undefined
  readonly random: () => number
}

export interface CompleteOptions {
  readonly firstByteTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly maxAttempts: number
  readonly maxAttemptsMs: number
  readonly backend: BackendOptions
}

export interface CompleteCall {
  readonly request: CompletionRequest
  readonly conversation: { readonly key: string; readonly id: string }
  /** The client insists on one account (`X-Account-ID`). */
  readonly accountId?: string
  /** The endpoint uses accounts of these types only. */
  readonly accountTypes?: readonly string[]
  readonly signal: AbortSignal
  readonly trace: RequestTrace
  readonly options: CompleteOptions
}

/** A completion that has begun: its first batch is there, so it can no longer move to another account. */
export interface Completion {
  readonly events: CompletionStream
  readonly accountId: string
  readonly model: string
  readonly modelInfo: ModelInfo | undefined
  /** Must be called once when the stream is over, with the error that ended it, if one did. */
  readonly settle: (error?: unknown) => void
}

/**
 * Serves one request from the first account that can. Accounts are tried in the pool's order until one yields its first
 * event, at most `maxAttempts` times and not after `maxAttemptsMs`. Throws the `ProxyError` that is most useful to the
 * client when none did. Fills `call.trace` as it goes.
 */
export async function complete(deps: CompleteDeps, call: CompleteCall): Promise<Completion> {
  const { request, trace, options } = call
  const query: PoolQuery = {
    resolve: (account) => deps.resolve(request.model, account.modelIds),
    conversationKey: call.conversation.key,
    ...(call.accountId === undefined ? {} : { accountId: call.accountId }),
    ...(call.accountTypes === undefined ? {} : { accountTypes: call.accountTypes }),
  }
  const tried = new Set<string>()
  let failure: ProxyError | undefined
  for (let attempt = 1; attempt <= options.maxAttempts; attempt += 1) {
    const reaction = failure && reactionTo(failure.kind)
    if (reaction === 'stop') break
    if (failure && elapsed(trace) >= options.maxAttemptsMs) break
    const usable = deps.pool.candidates(query)
    const fresh = usable.find((candidate) => !tried.has(candidate.account.id))
    const candidate = fresh ?? (reaction === 'again' ? usable[0] : undefined)
    if (candidate === undefined) {
      failure ??= deps.pool.unavailability(query)
      break
    }
    if (failure && (fresh === undefined || failure.kind === 'overloaded')) {
      await wait(pauseBefore(attempt - 1, failure.kind, deps.random), call.signal)
    }
    tried.add(candidate.account.id)
    try {
      return await attemptOn(deps, call, candidate)
    } catch (error) {
      failure = toProxyError(error)
    }
  }
  throw failure ?? deps.pool.unavailability(query)
}

async function attemptOn(deps: CompleteDeps, call: CompleteCall, candidate: Candidate): Promise<Completion> {
  const { trace } = call
  const accountId = candidate.account.id
  const startedMs = elapsed(trace)
  deps.pool.started(accountId)
  try {
    const begun = await begin(deps, call, candidate)
    const waited = elapsed(trace) - startedMs
    trace.attempts.push({ accountId, startedMs, durationMs: waited })
    trace.upstreamFirstByteMs = (trace.upstreamFirstByteMs ?? 0) + waited
    trace.accountId = accountId
    trace.servedModel = candidate.model
    trace.contextWindow = candidate.modelInfo?.contextWindow ?? null
    trace.repairs = begun.stream.repairs
    trace.upstreamRequestId = begun.stream.upstreamRequestId ?? null
    return {
      events: begun.events,
      accountId,
      model: candidate.model,
      modelInfo: candidate.modelInfo,
      settle: (error) => settle(deps, call, candidate, error),
    }
  } catch (error) {
    const failure = toProxyError(error)
    deps.pool.finished(accountId)
    if (failure.kind !== 'cancelled') deps.pool.failed(accountId, failure, candidate.model)
    const waited = elapsed(trace) - startedMs
    trace.upstreamFirstByteMs = (trace.upstreamFirstByteMs ?? 0) + waited
    trace.accountId = accountId
    trace.servedModel = candidate.model
    trace.contextWindow = candidate.modelInfo?.contextWindow ?? null
    trace.attempts.push({
      accountId,
      startedMs,
      durationMs: waited,
      errorKind: failure.kind,
      message: failure.message,
      ...(failure.upstreamStatus === 0 ? {} : { upstreamStatus: failure.upstreamStatus }),
    })
    throw failure
  }
}

interface Begun {
  readonly stream: BackendStream
  readonly events: CompletionStream
}

/** One call, and one more with a renewed token when the service refused the first one's. */
async function begin(deps: CompleteDeps, call: CompleteCall, candidate: Candidate): Promise<Begun> {
  const token = await deps.tokens.fresh(candidate.account.id, call.signal)
  try {
    return await open(deps, call, candidate, token)
  } catch (error) {
    if (!(error instanceof ProxyError) || error.kind !== 'token-invalid') throw error
    const renewed = await deps.tokens.renew(candidate.account.id, token)
    return await open(deps, call, candidate, renewed)
  }
}

async function open(deps: CompleteDeps, call: CompleteCall, candidate: Candidate, accessToken: string): Promise<Begun> {
  const { options, trace } = call
  const backend = deps.backendFor(candidate.account.type)
  trace.upstream = backend.upstream
  const remaining = Math.max(1_000, options.maxAttemptsMs - elapsed(trace))
  const stream = await backend.stream({
    account: candidate.account,
    accessToken,
    request: { ...call.request, model: candidate.model },
    conversationId: call.conversation.id,
    signal: call.signal,
    timeouts: {
      firstByteMs: Math.min(options.firstByteTimeoutMs, remaining),
      idleMs: options.idleTimeoutMs,
    },
    options: options.backend,
    ...(candidate.modelInfo === undefined ? {} : { modelInfo: candidate.modelInfo }),
  })
  return { stream, events: await withFirstBatch(stream.events) }
}

function settle(deps: CompleteDeps, call: CompleteCall, candidate: Candidate, error: unknown): void {
  const accountId = candidate.account.id
  deps.pool.finished(accountId)
  if (error === undefined) {
    deps.pool.succeeded(accountId, call.conversation.key, candidate.model)
    return
  }
  const failure = toProxyError(error)
  if (failure.kind === 'cancelled') return
  deps.pool.failed(accountId, failure, candidate.model)
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal })
  } catch {
    throw new ProxyError('cancelled', 'The client closed the connection.')
  }
}
