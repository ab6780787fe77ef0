import type { Upstream } from './request.ts'

/**
 * Why a request failed. A closed list: every dialect's `encode-error` switches over all of it, and `complete` decides
 * from it alone whether another account may be tried.
 */
export type ErrorKind =
  // -- the client's
  | 'invalid-request' // the request is malformed or asks for something that can't be served; `param` says where
  | 'prompt-too-long' // the conversation does not fit the model's context window
  | 'request-too-large' // the HTTP body is over the limit
  | 'unauthenticated' // no client key, or a wrong, revoked or expired one
  | 'forbidden' // this key, address, host or origin may not do that
  | 'not-found' // no such path or thing
  | 'model-not-found' // no enabled account serves the model
  | 'client-rate-limited' // this client key is over its own limit
  | 'cancelled' // the client went away
  // -- an account's
  | 'token-invalid' // the access token was refused: refresh once, retry once
  | 'sign-in-needed' // the refresh token is dead: the person must sign in again
  | 'rate-limited' // the account is throttled for a while
  | 'quota-exhausted' // the account's allowance is used up until it resets
  | 'suspicious-activity' // temporary security limit: never retried automatically (field-notes.md fact 4)
  | 'suspended' // the account is locked: never retried
  | 'feature-not-supported' // this account or plan may not make this call
  | 'signature-invalid' // replayed reasoning was refused: strip it, retry once
  // -- the upstream's
  | 'overloaded' // the model or service is busy for everyone
  | 'upstream-error' // 5xx or an error of no known class
  | 'upstream-invalid' // bytes that are not what the protocol promises (bad checksum, cut frame, not JSON)
  | 'empty-response' // 200 with no content
  | 'timeout' // no first byte, or silence for too long
  | 'network' // connection refused, reset, DNS, TLS
  // -- ours
  | 'no-account' // no account is set up, or none may be used now; `retryAfterMs` when one will be
  | 'shutting-down'
  | 'internal'

export interface ProxyErrorOptions {
  /** The HTTP status that the upstream answered with, or 0 when there was no HTTP answer. */
  readonly upstreamStatus?: number
  /** Milliseconds until trying again may succeed. */
  readonly retryAfterMs?: number
  /** The path of the offending field in the client's request, e.g. `messages.3.content.0.type`. */
  readonly param?: string
  readonly promptSize?: PromptSize
  readonly upstream?: UpstreamErrorDetail
  readonly cause?: unknown
}

/** By how much a prompt is too long, tokens, rather too low than too high: clients drop the difference at once. */
export interface PromptSize {
  readonly tokens: number
  readonly limit: number
}

/** What the upstream itself said. Bounded and free of secrets: it goes to the log and to the person. */
export interface UpstreamErrorDetail {
  readonly upstream: Upstream
  /** The provider's machine-readable reason or exception name, e.g. `MONTHLY_REQUEST_COUNT`. */
  readonly code?: string
  /** The provider's own sentence, at most 1,000 characters. */
  readonly message?: string
  readonly requestId?: string
}

/**
 * The only error that crosses module borders on the request path. `message` is a whole sentence for a person: what
 * happened, whose fault it is and what to do next. It never holds a secret.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  readonly kind: ErrorKind
  readonly upstreamStatus: number
  readonly retryAfterMs: number | undefined
  readonly param: string | undefined
  readonly promptSize: PromptSize | undefined
  readonly upstream: UpstreamErrorDetail | undefined

  constructor(kind: ErrorKind, message: string, options: ProxyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.upstreamStatus = options.upstreamStatus ?? 0
    this.retryAfterMs = options.retryAfterMs
    this.param = options.param
    this.promptSize = options.promptSize
    this.upstream = options.upstream
  }
}

/** Any thrown value as a ProxyError; what is not one already becomes `internal`, its own text kept as the cause. */
export function toProxyError(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error
  return new ProxyError(
    'internal',
    'Culvert hit an error of its own while handling this request. The log has the details; please report it.',
    { cause: error },
  )
}
