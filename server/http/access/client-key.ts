import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ProxyError } from '../../canonical/error.ts'
import { isLoopbackAddress } from './authority.ts'
import type { FailureLimiter } from './failure-limiter.ts'

/** Which client key a request showed. */
export interface ClientIdentity {
  readonly id: string
  readonly name: string
  /** The key has too little entropy to be safe from guessing (a person chose it). */
  readonly guessable: boolean
}

/** Who knows the client keys. */
export interface ClientKeyVerifier {
  verify(presented: string): ClientIdentity | undefined
}

export interface ClientKeyPolicy {
  readonly keys: ClientKeyVerifier
  /** Whether the settings ask for a key. Never waived for anything but loopback. */
  readonly keysRequired: boolean
  /** Whether the server listens on loopback only. */
  readonly listensOnLoopback: boolean
  readonly failures: FailureLimiter
}

export type ClientDecision =
  /** `identity` is null where no key was asked for and none, or an unknown one, was shown. */
  { readonly ok: true; readonly identity: ClientIdentity | null } | { readonly ok: false; readonly error: ProxyError }

const maximumKeyLength = 512
const bearerPattern = /^Bearer +(?<key>\S+) *$/iu
const forwardedHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip'] as const

/** The keys that a request shows, in `x-api-key` and in `Authorization: Bearer`. */
export function presentedKeys(headers: IncomingHttpHeaders): readonly string[] {
  const apiKey = headers['x-api-key']
  const bearer = bearerToken(headers)
  const keys = [typeof apiKey === 'string' ? apiKey.trim() : '', bearer ?? '']
  return keys.filter((key) => key !== '' && key.length <= maximumKeyLength)
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return bearerPattern.exec(headers.authorization ?? '')?.groups?.['key']
}

/**
 * Whether this client may use the API. One valid key among those shown is enough: some clients send a stale one along.
 * Addresses that fail often are locked out for a while; a key that can't be guessed still opens, so that one wrongly
 * configured tool does not lock out the others on its machine.
 */
export function decideClient(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  policy: ClientKeyPolicy,
): ClientDecision {
  const keys = presentedKeys(request.headers)
  const identity = firstValid(keys, policy.keys)
  const address = request.socket.remoteAddress ?? ''
  const local = isLoopbackAddress(address) && forwardedHeaders.every((name) => request.headers[name] === undefined)
  if (identity !== undefined && (local || !identity.guessable)) return { ok: true, identity }
  if (!policy.keysRequired && policy.listensOnLoopback && local) return { ok: true, identity: identity ?? null }
  return decideRemote(keys, identity, address, local, policy)
}

function decideRemote(
  keys: readonly string[],
  identity: ClientIdentity | undefined,
  address: string,
  local: boolean,
  policy: ClientKeyPolicy,
): ClientDecision {
  const lockedFor = local ? 0 : policy.failures.lockedFor(address)
  if (lockedFor > 0) return { ok: false, error: lockedOut(lockedFor) }
  if (identity !== undefined) {
    policy.failures.succeed(address)
    return { ok: true, identity }
  }
  if (keys.length > 0 && !local) policy.failures.fail(address)
  return { ok: false, error: new ProxyError('unauthenticated', keys.length === 0 ? noKey : wrongKey) }
}

const noKey =
  'This request shows no Culvert key. Send one in the header x-api-key or as Authorization: Bearer; ' +
  'Culvert prints one at its first start and makes more under API keys.'
const wrongKey =
  'Culvert does not know this key: it is mistyped, revoked or expired. Put a valid Culvert key into your tool, ' +
  'not a key of Anthropic or OpenAI.'

function firstValid(keys: readonly string[], verifier: ClientKeyVerifier): ClientIdentity | undefined {
  for (const key of keys) {
    const identity = verifier.verify(key)
    if (identity !== undefined) return identity
  }
  return undefined
}

function lockedOut(retryAfterMs: number): ProxyError {
  const seconds = Math.ceil(retryAfterMs / 1_000)
  return new ProxyError(
    'client-rate-limited',
    `This address showed wrong keys too often, so Culvert does not listen to it for another ${seconds} seconds.`,
    { retryAfterMs },
  )
}
