import { ProxyError } from '../canonical/error.ts'
import type { StoredAccount } from '../store/types.ts'
import { endsSignIn, SignInError } from './sign-in-error.ts'

/** What a failed renewal is to whoever needed the token. */
export function refreshFailure(account: StoredAccount, error: unknown): ProxyError {
  if (error instanceof ProxyError) return error
  if (endsSignIn(error)) return signInNeeded(account, error)
  if (error instanceof SignInError) {
    const isBusy = error.code === 'rate_limited' || error.code === 'slow_down'
    return new ProxyError(
      isBusy ? 'rate-limited' : 'upstream-error',
      `The sign-in of “${account.label}” could not be renewed: the login service answered “${error.message}”. Culvert keeps the sign-in and tries again.`,
      {
        cause: error,
        upstreamStatus: error.status,
        ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      },
    )
  }
  return new ProxyError(
    'internal',
    `The sign-in of “${account.label}” could not be renewed because of an error in Culvert.`,
    {
      cause: error,
    },
  )
}

/** The account's sign-in is over: only the person can help. Without a cause, for the reason that is known already. */
export function signInNeeded(account: StoredAccount, cause: unknown): ProxyError {
  const known = cause === undefined && account.status === 'sign-in-needed' ? account.statusReason : null
  return new ProxyError('sign-in-needed', known ?? whyToSignIn(account, cause), { cause })
}

function whyToSignIn({ label }: StoredAccount, cause: unknown): string {
  const said = cause instanceof SignInError ? ` The login service said “${cause.message}”.` : ''
  const program = cause instanceof SignInError ? cause.sharedWith : undefined
  if (program === undefined) {
    return `The sign-in of “${label}” is no longer valid.${said} Open Culvert's accounts and sign in again.`
  }
  return (
    `${program} and “${label}” shared one sign-in, and ${program} has signed Culvert out by renewing or ending it.${said} ` +
    "Open Culvert's accounts and sign in again: with a sign-in of its own this does not happen."
  )
}

/** Somebody asks to renew an access token that came without a refresh token. */
export function nothingToRenewWith({ label }: StoredAccount): ProxyError {
  return new ProxyError(
    'sign-in-needed',
    `“${label}” has only an access token, so there is nothing to renew it with. Sign in again, or add its refresh token.`,
  )
}
