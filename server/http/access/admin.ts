import type { IncomingMessage } from 'node:http'
import { ProxyError } from '../../canonical/error.ts'
import { bearerToken } from './client-key.ts'
import type { FailureLimiter } from './failure-limiter.ts'

/** Who knows the admin token. */
export interface AdminTokenVerifier {
  /** Compares in constant time. */
  verify(presented: string): boolean
}

export type AdminDecision = { readonly ok: true } | { readonly ok: false; readonly error: ProxyError }

const maximumTokenLength = 1_024

/**
 * Whether this request may use the management API: it shows the admin token as `Authorization: Bearer`. Client keys
 * never do. An address that shows five wrong tokens is locked out (promises.md §5), on loopback as well, and then even
 * the right token does not open.
 */
export function decideAdmin(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  admin: AdminTokenVerifier,
  failures: FailureLimiter,
): AdminDecision {
  const address = request.socket.remoteAddress ?? ''
  const lockedFor = failures.lockedFor(address)
  if (lockedFor > 0) return { ok: false, error: lockedOut(lockedFor) }
  const token = bearerToken(request.headers)
  if (token === undefined) return { ok: false, error: new ProxyError('unauthenticated', noToken) }
  if (token.length > maximumTokenLength || !admin.verify(token)) {
    failures.fail(address)
    return { ok: false, error: new ProxyError('unauthenticated', wrongToken) }
  }
  failures.succeed(address)
  return { ok: true }
}

const noToken =
  'The management API asks for the admin token as Authorization: Bearer. Culvert prints the token at its first start; ' +
  'the environment variable ADMIN_TOKEN sets one of your own.'
const wrongToken = 'This is not the admin token. Client keys do not open the management API.'

function lockedOut(retryAfterMs: number): ProxyError {
  const minutes = Math.ceil(retryAfterMs / 60_000)
  return new ProxyError(
    'client-rate-limited',
    `This address showed wrong admin tokens too often. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
    { retryAfterMs },
  )
}
