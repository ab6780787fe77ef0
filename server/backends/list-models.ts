import { ProxyError } from '../canonical/error.ts'
import type { ModelInfo } from '../canonical/offering.ts'
import { ownModels } from './account-address.ts'
import type { ControlCall } from './backend.ts'
import type { UpstreamClient } from './fetch-upstream.ts'

/** How one dialect lists its models. */
export interface ModelListing {
  /** The address of the list, without a query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** A page; undefined: the answer is none. */
  readonly decode: (body: unknown) => { readonly models: readonly ModelInfo[]; readonly next?: string } | undefined
  readonly refusal: (status: number, headers: { get(name: string): string | undefined }, text: string) => ProxyError
  /** The query of the page after that id; of the first one for undefined. */
  readonly query: (after: string | undefined) => string
}

const RESPONSE_LIMIT_BYTES = 4_194_304
const TIMEOUT_MS = 20_000
const MAX_PAGES = 10

/** The models that the person listed for the account, else those that the service lists. Rejects with `ProxyError`. */
export async function listModels(
  client: UpstreamClient,
  call: ControlCall,
  listing: () => ModelListing,
): Promise<readonly ModelInfo[]> {
  const own = ownModels(call.account)
  if (own !== undefined) return own.map((id) => ({ id, name: id }))
  const models: ModelInfo[] = []
  const asked = listing()
  let after: string | undefined
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const found = asked.decode(await ask(client, call, asked, after))
    if (found === undefined) throw notAList(undefined)
    models.push(...found.models)
    after = found.next
    if (after === undefined) break
  }
  return models
}

async function ask(
  client: UpstreamClient,
  call: ControlCall,
  listing: ModelListing,
  after: string | undefined,
): Promise<unknown> {
  const proxy = call.account.options['proxy']
  const response = await client.request({
    url: `${listing.url}${listing.query(after)}`,
    method: 'GET',
    headers: { ...listing.headers, accept: 'application/json' },
    signal: call.signal,
    firstByteTimeoutMs: TIMEOUT_MS,
    idleTimeoutMs: TIMEOUT_MS,
    ...(typeof proxy === 'string' && proxy !== '' ? { proxy } : {}),
  })
  const text = await response.text(RESPONSE_LIMIT_BYTES)
  if (response.status !== 200) throw listing.refusal(response.status, response.headers, text)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notAList(error)
  }
}

function notAList(cause: unknown): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    'The service answered the question for its models with something else. Check the baseUrl of the account, or name the models in its options.',
    { upstreamStatus: 200, cause },
  )
}
