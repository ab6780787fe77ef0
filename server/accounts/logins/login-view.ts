import type { LoginStatus, StoredLogin } from '../../store/types.ts'

/** A login as a person or script sees it. The device code and the verifier are never in it. */
export interface LoginView {
  readonly id: string
  readonly kind: StoredLogin['kind']
  readonly accountType: string
  readonly label: string
  readonly status: LoginStatus
  /** Why it failed, in words. */
  readonly reason?: string
  /** The code to type or compare; empty for social logins. */
  readonly userCode: string
  readonly verificationUri: string
  /** The page to open in a browser. */
  readonly verificationUriComplete: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** Milliseconds between polls. */
  readonly intervalMs: number
  /** Whether the address that the browser ended at may be handed in by hand. */
  readonly acceptsCallbackUrl: boolean
  /** Set when done. */
  readonly accountId?: string
}

/** Whether a login still waits for the person. */
export function isWaiting(login: Pick<StoredLogin, 'status'>): boolean {
  return login.status === 'waiting' || login.status === 'slow-down'
}

export function toLoginView(login: StoredLogin): LoginView {
  const verificationUri = login.verificationUri ?? ''
  return {
    id: login.id,
    kind: login.kind,
    accountType: login.accountType,
    label: login.label,
    status: login.status,
    userCode: login.userCode ?? '',
    verificationUri,
    verificationUriComplete: login.verificationUriComplete ?? verificationUri,
    expiresAt: login.expiresAt,
    intervalMs: login.intervalMs,
    acceptsCallbackUrl: login.kind === 'social' && isWaiting(login),
    ...(login.statusReason === null ? {} : { reason: login.statusReason }),
    ...(login.accountId === null ? {} : { accountId: login.accountId }),
  }
}
