import type { LoginStatus, StoredLogin } from '../../store/types.ts'

/** A login as a person or script sees it. The device code and the verifier are never in it. */
export interface LoginView {
  readonly id: string
  readonly kind: StoredLogin['kind']
  readonly accountType: string
  readonly label: string
  readonly status: LoginStatus
  /** Why it failed, in words. */
  readonly statusReason: string | null
  /** The code to type or compare; null for social logins. */
  readonly userCode: string | null
  readonly verificationUri: string | null
  /** The page to open in a browser. */
  readonly verificationUriComplete: string | null
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** Milliseconds between polls. */
  readonly intervalMs: number
  /** Whether the address that the browser ended at may be handed in by hand. */
  readonly acceptsCallbackUrl: boolean
  /** Set when done. */
  readonly accountId: string | null
}

/** Whether a login still waits for the person. */
export function isWaiting(login: Pick<StoredLogin, 'status'>): boolean {
  return login.status === 'waiting' || login.status === 'slow-down'
}

export function toLoginView(login: StoredLogin): LoginView {
  return {
    id: login.id,
    kind: login.kind,
    accountType: login.accountType,
    label: login.label,
    status: login.status,
    statusReason: login.statusReason,
    userCode: login.userCode,
    verificationUri: login.verificationUri,
    verificationUriComplete: login.verificationUriComplete ?? login.verificationUri,
    expiresAt: login.expiresAt,
    intervalMs: login.intervalMs,
    acceptsCallbackUrl: login.kind === 'social' && isWaiting(login),
    accountId: login.accountId,
  }
}
