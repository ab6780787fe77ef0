import type { UpstreamClient } from '../../backends/fetch-upstream.ts'
import { ProxyError } from '../../canonical/error.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { codeForStatus, retryAfterMs, shortText, SignInError } from '../sign-in-error.ts'
import type { TokenSet } from '../token-set.ts'

/** How an organisation's own OAuth provider is asked for a new token (amazon-q.md §1.6). */
export interface ExternalIdpRefresh {
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly refreshToken: string
  readonly scope?: string
  readonly proxy?: string
  readonly signal?: AbortSignal
}

export interface ExternalIdpOptions {
  readonly client: UpstreamClient
  readonly userAgent: () => string
  readonly now: () => number
  /** Further hosts that may get a refresh token, over plain HTTP too. */
  readonly trustedHosts?: readonly string[]
}

/** Providers of which organisations' login hosts are known; a leading dot takes every sub-domain. */
const KNOWN_HOSTS = [
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'oauth2.googleapis.com',
  '.okta.com',
  '.okta-emea.com',
  '.oktapreview.com',
  '.auth0.com',
  '.onelogin.com',
  '.pingone.com',
  '.pingone.eu',
]

const TIMEOUT_MS = 20_000

/**
 * Refreshes at the provider that the account names. The refresh token is sent only to a known provider over HTTPS, so
 * that an imported file can not direct it elsewhere. Rejects with `SignInError` or `ProxyError`.
 */
export async function refreshAtExternalIdp(
  options: ExternalIdpOptions,
  refresh: ExternalIdpRefresh,
): Promise<TokenSet> {
  if (!isTrustedTokenEndpoint(refresh.tokenEndpoint, options.trustedHosts ?? [])) {
    throw new ProxyError(
      'forbidden',
      'The account names a token endpoint that is not one of the login providers that Culvert knows, so its refresh token was not sent there. Remove the account and sign in again.',
    )
  }
  const form = new URLSearchParams({
    client_id: refresh.clientId,
    grant_type: 'refresh_token',
    refresh_token: refresh.refreshToken,
  })
  if (refresh.scope !== undefined) form.set('scope', refresh.scope)
  const response = await options.client.request({
    url: refresh.tokenEndpoint,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': options.userAgent(),
    },
    body: form.toString(),
    firstByteTimeoutMs: TIMEOUT_MS,
    idleTimeoutMs: TIMEOUT_MS,
    ...(refresh.proxy === undefined ? {} : { proxy: refresh.proxy }),
    ...(refresh.signal === undefined ? {} : { signal: refresh.signal }),
  })
  const answer = parse(await response.text(262_144))
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer
  if (response.status !== 200) {
    const code = typeof answer['error'] === 'string' ? answer['error'] : codeForStatus(response.status)
    const text =
      typeof answer['error_description'] === 'string' ? answer['error_description'] : `Status ${response.status}.`
    const wait = retryAfterMs(response.headers.get('retry-after'), options.now())
    throw new SignInError(code, shortText(text), {
      status: response.status,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    })
  }
  if (typeof accessToken !== 'string' || accessToken === '') {
    throw new ProxyError('upstream-invalid', "The organisation's login provider answered without a token.")
  }
  const lifetime = Number(expiresIn)
  return {
    accessToken,
    expiresAt: options.now() + (lifetime > 0 ? lifetime : 3_600) * 1_000,
    ...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken } : {}),
  }
}

/** Whether a refresh token may be sent to `endpoint`. */
export function isTrustedTokenEndpoint(endpoint: string, trustedHosts: readonly string[]): boolean {
  let url: URL
  try {
    url = new URL(endpoint)
  } catch {
    return false
  }
  if (url.username !== '' || url.password !== '') return false
  if (trustedHosts.includes(url.host)) return true
  if (url.protocol !== 'https:' || url.port !== '') return false
  return KNOWN_HOSTS.some((host) => (host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host))
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}
