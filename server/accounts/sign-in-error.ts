/**
 * What a login service answered instead of tokens. `code` is its OAuth error code (`invalid_grant`,
 * `authorization_pending`, …), `rate_limited` for a 429 without one, `server_error` for a 5xx, `unknown` else.
 * Unreachable services are a `ProxyError` (`network`, `timeout`), not this.
 */
export class SignInError extends Error {
  override readonly name = 'SignInError'
  readonly code: string
  /** HTTP status. */
  readonly status: number
  readonly retryAfterMs: number | undefined
  /** The region that the service says is the right one (InvalidRequestRegionException). */
  readonly region: string | undefined
  /** The program that the dead sign-in was shared with. */
  readonly sharedWith: string | undefined

  constructor(
    code: string,
    message: string,
    details: {
      readonly status: number
      readonly retryAfterMs?: number
      readonly region?: string
      readonly sharedWith?: string
    },
  ) {
    super(message)
    this.code = code
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
    this.region = details.region
    this.sharedWith = details.sharedWith
  }
}

/** Whether the refresh token or registration is dead for good, so that only the person can help (amazon-q.md §1.2). */
export function endsSignIn(error: unknown): error is SignInError {
  return (
    error instanceof SignInError &&
    (error.code === 'invalid_grant' || error.code === 'invalid_client' || error.code === 'expired_token')
  )
}

/** The code for an answer that has none of its own. */
export function codeForStatus(status: number): string {
  if (status === 401) return 'invalid_grant'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'server_error' : 'unknown'
}

/** `Retry-After` (seconds or a date) as milliseconds from `now`; undefined when absent or unreadable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/u.test(header)) return Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** A provider's sentence, fit for a message: one line, at most 300 characters. */
export function shortText(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}
