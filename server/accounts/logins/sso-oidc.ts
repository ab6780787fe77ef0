import type * as Sdk from '@aws-sdk/client-sso-oidc'
import type { UpstreamClient } from '../../backends/fetch-upstream.ts'
import { ProxyError } from '../../canonical/error.ts'
import { codeForStatus, shortText, SignInError } from '../sign-in-error.ts'
import type { TokenSet } from '../token-set.ts'
import { createOidcTransport } from './oidc-transport.ts'

/** A client registration at SSO-OIDC. A refresh token is bound to the one that obtained it. */
export interface OidcRegistration {
  readonly clientId: string
  readonly clientSecret: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

export interface DeviceAuthorization {
  readonly deviceCode: string
  readonly userCode: string
  readonly verificationUri: string
  readonly verificationUriComplete: string
  readonly expiresInMs: number
  readonly intervalMs: number
}

export type OidcCredentials = Pick<OidcRegistration, 'clientId' | 'clientSecret'>

/** Where and how a login call goes. */
export interface LoginCall {
  readonly region: string
  /** The account's own proxy; absent: the program's. */
  readonly proxy?: string
  readonly signal?: AbortSignal
}

/** AWS's login service (amazon-q.md §1.1). Every call rejects with `SignInError` or `ProxyError`. */
export interface SsoOidc {
  register(call: LoginCall, startUrl: string): Promise<OidcRegistration>
  startDevice(call: LoginCall, credentials: OidcCredentials, startUrl: string): Promise<DeviceAuthorization>
  deviceToken(call: LoginCall, credentials: OidcCredentials, deviceCode: string): Promise<TokenSet>
  refresh(call: LoginCall, credentials: OidcCredentials, refreshToken: string): Promise<TokenSet>
  /** Loads AWS's client (some 50 ms) ahead of its first use. */
  warmUp(): Promise<void>
}

export interface SsoOidcOptions {
  readonly client: UpstreamClient
  /** Another base for all regions, or its `/token` (`AMAZONQ_TOKEN_ENDPOINT`); `{region}` in it is filled in. */
  readonly endpoint?: string
  readonly userAgent: () => string
  readonly now: () => number
}

const SCOPES = ['completions', 'analysis', 'conversations', 'transformations', 'taskassist'].map(
  (scope) => `codewhisperer:${scope}`,
)
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** AWS's toolkit assumes this interval where the service names none. */
const DEFAULT_INTERVAL_MS = 5_000

const MAX_CLIENTS = 20

/** AWS's own SSO-OIDC client, over Culvert's HTTP (so that proxies and timeouts apply to logins too). */
export function createSsoOidc(options: SsoOidcOptions): SsoOidc {
  const clients = new Map<string, Sdk.SSOOIDCClient>()
  const loadSdk = (): Promise<typeof Sdk> => import('@aws-sdk/client-sso-oidc')

  async function clientFor({ region, proxy }: LoginCall): Promise<Sdk.SSOOIDCClient> {
    const key = `${region} ${proxy ?? ''}`
    const known = clients.get(key)
    if (known !== undefined) return known
    const sdk = await loadSdk()
    const created = new sdk.SSOOIDCClient({
      region,
      endpoint: oidcBase(region, options.endpoint),
      requestHandler: createOidcTransport(options.client, { userAgent: options.userAgent, proxy }),
      // A repeated refresh whose first answer was lost would present a token that has already been rotated.
      maxAttempts: 1,
      retryMode: 'standard',
      defaultsMode: 'standard',
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      userAgentAppId: () => Promise.resolve(undefined),
    })
    if (clients.size >= MAX_CLIENTS) clients.clear()
    clients.set(key, created)
    return created
  }

  async function token(
    call: LoginCall,
    { clientId, clientSecret }: OidcCredentials,
    grant: { grantType: string; deviceCode?: string; refreshToken?: string },
  ): Promise<TokenSet> {
    const [sdk, client] = [await loadSdk(), await clientFor(call)]
    const command = new sdk.CreateTokenCommand({ clientId, clientSecret, ...grant })
    const answer = await client.send(command, sendOptions(call)).catch(rethrow)
    if (answer.accessToken === undefined || answer.accessToken === '') throw incomplete('a token')
    return {
      accessToken: answer.accessToken,
      expiresAt: options.now() + (answer.expiresIn ?? 3_600) * 1_000,
      ...(answer.refreshToken === undefined || answer.refreshToken === '' ? {} : { refreshToken: answer.refreshToken }),
    }
  }

  return {
    async register(call, startUrl) {
      const [sdk, client] = [await loadSdk(), await clientFor(call)]
      const command = new sdk.RegisterClientCommand({
        clientName: 'Culvert',
        clientType: 'public',
        scopes: SCOPES,
        grantTypes: [DEVICE_GRANT, 'refresh_token'],
        issuerUrl: startUrl,
      })
      const answer = await client.send(command, sendOptions(call)).catch(rethrow)
      if (answer.clientId === undefined || answer.clientSecret === undefined) throw incomplete('a registration')
      return {
        clientId: answer.clientId,
        clientSecret: answer.clientSecret,
        expiresAt: (answer.clientSecretExpiresAt ?? 0) * 1_000,
      }
    },
    async startDevice(call, { clientId, clientSecret }, startUrl) {
      const [sdk, client] = [await loadSdk(), await clientFor(call)]
      const command = new sdk.StartDeviceAuthorizationCommand({ clientId, clientSecret, startUrl })
      const answer = await client.send(command, sendOptions(call)).catch(rethrow)
      if (answer.deviceCode === undefined || answer.verificationUri === undefined) throw incomplete('a device code')
      return {
        deviceCode: answer.deviceCode,
        userCode: answer.userCode ?? '',
        verificationUri: answer.verificationUri,
        verificationUriComplete: answer.verificationUriComplete ?? answer.verificationUri,
        expiresInMs: (answer.expiresIn ?? 600) * 1_000,
        intervalMs: answer.interval === undefined ? DEFAULT_INTERVAL_MS : answer.interval * 1_000,
      }
    },
    deviceToken: (call, credentials, deviceCode) => token(call, credentials, { grantType: DEVICE_GRANT, deviceCode }),
    refresh: (call, credentials, refreshToken) =>
      token(call, credentials, { grantType: 'refresh_token', refreshToken }),
    warmUp: async () => void (await loadSdk()),
  }
}

/** The base address of SSO-OIDC for a region. A trailing slash or `/token` of an override is dropped. */
export function oidcBase(region: string, override: string | undefined): string {
  if (override === undefined) return `https://oidc.${region}.amazonaws.com`
  return override
    .replaceAll('{region}', region)
    .replace(/\/+$/u, '')
    .replace(/\/token$/u, '')
}

function sendOptions({ signal }: LoginCall): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal }
}

/** The SDK's exceptions carry `error` and `error_description`; without `x-amzn-errortype` they have no better name. */
function rethrow(error: unknown): never {
  if (error instanceof ProxyError || !(error instanceof Error)) throw error
  const fields = error as Error & Readonly<Record<string, unknown>>
  const metadata = fields['$metadata'] as { readonly httpStatusCode?: number } | undefined
  const status = metadata?.httpStatusCode ?? 0
  if (status === 0) {
    throw new ProxyError(
      'upstream-invalid',
      'The AWS login service sent an answer that Culvert can not read. Try again.',
      {
        cause: error,
      },
    )
  }
  const region = typeof fields['region'] === 'string' ? fields['region'] : undefined
  const code = typeof fields['error'] === 'string' ? fields['error'] : codeForStatus(status === 401 ? 400 : status)
  const text = typeof fields['error_description'] === 'string' ? fields['error_description'] : error.message
  throw new SignInError(code, shortText(text), { status, ...(region === undefined ? {} : { region }) })
}

function incomplete(what: string): ProxyError {
  return new ProxyError('upstream-invalid', `The AWS login service answered without ${what}. Try again in a minute.`)
}
