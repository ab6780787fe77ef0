import type { LoginView } from '../accounts/logins/login-service.ts'
import type { Login } from '../contract/login.ts'
import type { LoginStatus } from '../store/types.ts'
import { isoTime } from './account-view.ts'

/** A login as it is read back. `now` is epoch milliseconds. */
export function viewLogin(login: LoginView, now: number): Login {
  return {
    authId: login.id,
    method: login.kind,
    label: login.label === '' ? null : login.label,
    status: olderStatus(login.status),
    state: login.status,
    error:
      login.status === 'waiting' || login.status === 'slow-down' || login.status === 'done' ? null : loginError(login),
    remaining: isRunning(login.status) ? Math.max(0, Math.ceil((login.expiresAt - now) / 1_000)) : 0,
    expires_at: isoTime(login.expiresAt),
    verificationUri: login.verificationUri,
    verificationUriComplete: login.verificationUriComplete,
    userCode: login.userCode,
    acceptsCallbackUrl: login.acceptsCallbackUrl,
    accountId: login.accountId,
  }
}

/** Whether somebody may still finish the login. */
export function isRunning(status: LoginStatus): boolean {
  return status === 'waiting' || status === 'slow-down'
}

/** The older projects' words for it. */
function olderStatus(status: LoginStatus): Login['status'] {
  switch (status) {
    case 'waiting':
    case 'slow-down':
      return 'pending'
    case 'done':
      return 'completed'
    case 'expired':
      return 'timeout'
    case 'denied':
    case 'cancelled':
    case 'failed':
      return 'error'
  }
}

function loginError(login: LoginView): string {
  if (login.statusReason !== null && login.statusReason !== '') return login.statusReason
  switch (login.status) {
    case 'denied':
      return 'The sign-in was denied in the browser. Start again to try once more.'
    case 'expired':
      return 'The code expired before anybody used it. Start again for a new one.'
    case 'cancelled':
      return 'The sign-in was cancelled.'
    default:
      return 'The sign-in failed. Start again; if it keeps failing, the log has the details.'
  }
}
