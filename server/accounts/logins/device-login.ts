import { ProxyError } from '../../canonical/error.ts'
import type { StoredLogin } from '../../store/types.ts'
import { BUILDER_ID_START_URL, invalid } from '../account-input.ts'
import { SignInError } from '../sign-in-error.ts'
import type { TokenSet } from '../token-set.ts'
import { pause } from './pause.ts'
import type { DeviceAuthorization, LoginCall, OidcRegistration, SsoOidc } from './sso-oidc.ts'

/** A device login that AWS has opened. */
export interface OpenedDevice {
  readonly registration: OidcRegistration
  readonly authorization: DeviceAuthorization
}

/** Registers a client and opens a device login (amazon-q.md §1.1). Rejects with `ProxyError`. */
export async function openDevice(oidc: SsoOidc, call: LoginCall, startUrl: string): Promise<OpenedDevice> {
  try {
    const registration = await oidc.register(call, startUrl)
    return { registration, authorization: await oidc.startDevice(call, registration, startUrl) }
  } catch (error) {
    throw openingFailure(error, call.region, startUrl)
  }
}

function openingFailure(error: unknown, region: string, startUrl: string): unknown {
  if (!(error instanceof SignInError)) return error
  if (error.region !== undefined && error.region !== region) {
    return invalid(
      'region',
      `This start URL does not belong to the region ${region} but to ${error.region}. Choose ${error.region} and start again.`,
    )
  }
  if (error.status >= 400 && error.status < 500 && startUrl !== BUILDER_ID_START_URL) {
    return invalid(
      'startUrl',
      `AWS does not know this start URL in the region ${region} (“${error.message}”). Check both with your administrator.`,
    )
  }
  return new ProxyError(
    'upstream-error',
    `The AWS login service refused to start a sign-in (“${error.message}”). Try again in a minute.`,
    { cause: error, upstreamStatus: error.status },
  )
}

export type DeviceOutcome =
  | { readonly status: 'done'; readonly tokens: TokenSet }
  | { readonly status: 'denied' | 'expired' | 'failed'; readonly reason: string }

export interface PollOptions {
  readonly oidc: SsoOidc
  readonly call: LoginCall
  readonly login: Pick<StoredLogin, 'clientId' | 'intervalMs' | 'expiresAt'>
  readonly secret: { readonly deviceCode: string; readonly clientSecret: string }
  /** Ends the polling: it then rejects with the signal's reason. */
  readonly signal: AbortSignal
  readonly now: () => number
  /** Told when the service asked for slower polling. */
  readonly onSlowDown: (intervalMs: number) => void
}

/** Added to the interval at every `slow_down` (RFC 8628 §3.5). */
const SLOW_DOWN_MS = 5_000
/** Between polls while the service can not be reached. */
const OUTAGE_MS = 5_000
const MIN_INTERVAL_MS = 100

/** Polls until the person has decided, the code has expired, or the service refuses for good (amazon-q.md §1.2). */
export async function pollDevice(options: PollOptions): Promise<DeviceOutcome> {
  const { oidc, login, secret, signal, now } = options
  const credentials = { clientId: login.clientId ?? '', clientSecret: secret.clientSecret }
  let intervalMs = Math.max(MIN_INTERVAL_MS, login.intervalMs)
  let waitMs = intervalMs
  for (;;) {
    await pause(waitMs, signal)
    if (now() >= login.expiresAt) return expired()
    waitMs = intervalMs
    try {
      const call = { ...options.call, signal }
      return { status: 'done', tokens: await oidc.deviceToken(call, credentials, secret.deviceCode) }
    } catch (error) {
      signal.throwIfAborted()
      // The service can't be reached at the moment: the code lives on.
      if (error instanceof ProxyError) waitMs = Math.max(intervalMs, OUTAGE_MS)
      else if (!(error instanceof SignInError)) throw error
      else if (error.code === 'slow_down') {
        intervalMs += SLOW_DOWN_MS
        waitMs = intervalMs
        options.onSlowDown(intervalMs)
      } else if (error.code === 'access_denied') {
        return {
          status: 'denied',
          reason: 'The sign-in was refused in the browser. Start it again if that was a mistake.',
        }
      } else if (error.code === 'expired_token') return expired()
      else if (error.status >= 500 || error.code === 'rate_limited') waitMs = Math.max(intervalMs, OUTAGE_MS)
      else if (error.code !== 'authorization_pending') {
        return {
          status: 'failed',
          reason: `The AWS login service ended the sign-in (“${error.message}”). Start it again.`,
        }
      }
    }
  }
}

function expired(): DeviceOutcome {
  return { status: 'expired', reason: 'The code was not confirmed in time. Start the sign-in again.' }
}
