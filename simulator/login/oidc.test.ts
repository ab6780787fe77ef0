import {
  AccessDeniedException,
  AuthorizationPendingException,
  CreateTokenCommand,
  ExpiredTokenException,
  InternalServerException,
  InvalidClientException,
  InvalidGrantException,
  RegisterClientCommand,
  SlowDownException,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand,
  UnsupportedGrantTypeException,
} from '@aws-sdk/client-sso-oidc'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator, type IssuedAccount, type Simulator } from '../index.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const startUrl = 'https://view.awsapps.com/start'

let simulator: Simulator
let client: SSOOIDCClient

beforeEach(async () => {
  simulator = await startSimulator({ pace: { deviceIntervalMs: 0 } })
  client = new SSOOIDCClient({
    region: 'us-east-1',
    endpoint: simulator.environment.AMAZONQ_TOKEN_ENDPOINT,
    maxAttempts: 1,
  })
})

afterEach(async () => {
  client.destroy()
  await simulator.close()
})

async function register(): Promise<{ readonly clientId: string; readonly clientSecret: string }> {
  const { clientId = '', clientSecret = '' } = await client.send(
    new RegisterClientCommand({
      clientName: 'Test',
      clientType: 'public',
      scopes: ['codewhisperer:completions'],
      redirectUris: ['http://127.0.0.1/oauth/callback'],
    }),
  )
  return { clientId, clientSecret }
}

async function startLogin(): Promise<{
  readonly credentials: { readonly clientId: string; readonly clientSecret: string }
  readonly deviceCode: string
  readonly userCode: string
  readonly page: string
}> {
  const credentials = await register()
  const started = await client.send(new StartDeviceAuthorizationCommand({ ...credentials, startUrl }))
  expect(started.expiresIn).toBe(600)
  return {
    credentials,
    deviceCode: started.deviceCode ?? '',
    userCode: started.userCode ?? '',
    page: started.verificationUriComplete ?? '',
  }
}

function refresh(account: IssuedAccount, refreshToken = account.refreshToken): Promise<{ refreshToken?: string }> {
  const { clientId, clientSecret } = account
  return client.send(
    new CreateTokenCommand({ clientId, clientSecret, grantType: 'refresh_token', refreshToken }),
  ) as Promise<{
    refreshToken?: string
  }>
}

async function decide(page: string, userCode: string, decision: 'approve' | 'deny'): Promise<void> {
  const body = new URLSearchParams({ user_code: userCode, decision, email: 'page@example.com', plan: 'power' })
  const response = await fetch(`${new URL(page).origin}/oidc/device`, { method: 'POST', body })
  expect(response.status).toBe(200)
}

describe('login/oidc', () => {
  it("signs in by device code with AWS's own client", async () => {
    const { credentials, deviceCode, userCode } = await startLogin()
    const poll = new CreateTokenCommand({ ...credentials, grantType: deviceGrant, deviceCode })
    await expect(client.send(poll)).rejects.toBeInstanceOf(AuthorizationPendingException)
    simulator.approve(userCode, { email: 'me@example.com' })
    const token = await client.send(poll)
    expect(token).toMatchObject({ tokenType: 'Bearer', expiresIn: 3_600 })
    expect(token.accessToken).toMatch(/^aoa/u)
    expect(token.refreshToken).toMatch(/^aor.{100,}/u)
    await expect(client.send(poll)).rejects.toBeInstanceOf(ExpiredTokenException)
  })

  it('lets a person approve on the page', async () => {
    const { credentials, deviceCode, userCode, page } = await startLogin()
    const html = await (await fetch(page)).text()
    expect(html).toContain(userCode)
    expect(html).toContain('codewhisperer:completions')
    await decide(page, userCode, 'approve')
    const poll = new CreateTokenCommand({ ...credentials, grantType: deviceGrant, deviceCode })
    await expect(client.send(poll)).resolves.toMatchObject({ tokenType: 'Bearer' })
  })

  it('lets a person deny on the page', async () => {
    const { credentials, deviceCode, userCode, page } = await startLogin()
    await decide(page, userCode, 'deny')
    const poll = new CreateTokenCommand({ ...credentials, grantType: deviceGrant, deviceCode })
    await expect(client.send(poll)).rejects.toBeInstanceOf(AccessDeniedException)
    expect(() => simulator.approve(userCode)).toThrow('decided or over')
  })

  it('tells a client that polls too fast to slow down, and one that is too late that it is over', async () => {
    simulator.configure({ pace: { deviceIntervalMs: 60_000 } })
    const { credentials, deviceCode } = await startLogin()
    const poll = new CreateTokenCommand({ ...credentials, grantType: deviceGrant, deviceCode })
    await expect(client.send(poll)).rejects.toBeInstanceOf(AuthorizationPendingException)
    await expect(client.send(poll)).rejects.toBeInstanceOf(SlowDownException)

    simulator.configure({ pace: { deviceLifetimeMs: 0 } })
    const late = await client.send(new StartDeviceAuthorizationCommand({ ...credentials, startUrl }))
    const { deviceCode: lateCode } = late
    const latePoll = new CreateTokenCommand({ ...credentials, grantType: deviceGrant, deviceCode: lateCode })
    await expect(client.send(latePoll)).rejects.toBeInstanceOf(ExpiredTokenException)
  })

  it('gives a short interval as a fraction of a second', async () => {
    simulator.configure({ pace: { deviceIntervalMs: 50 } })
    const started = await client.send(new StartDeviceAuthorizationCommand({ ...(await register()), startUrl }))
    expect(started.interval).toBe(0.05)
  })

  it('rotates refresh tokens, and knows one that comes again', async () => {
    const account = simulator.issueAccount()
    const first = await refresh(account)
    expect(first.refreshToken).not.toBe(account.refreshToken)
    await expect(refresh(account)).rejects.toBeInstanceOf(InvalidGrantException)
    expect(simulator.refreshTokenReuse).toBe(1)
    await expect(refresh(account, first.refreshToken)).resolves.toBeDefined()
  })

  it('keeps the old refresh token when told not to rotate', async () => {
    simulator.configure({ behaviour: { rotateRefreshTokens: false } })
    const account = simulator.issueAccount()
    expect((await refresh(account)).refreshToken).toBeUndefined()
    await expect(refresh(account)).resolves.toBeDefined()
  })

  it('does not rotate for a client that left before the answer', async () => {
    simulator.configure({ pace: { delayTokenMs: 60_000 } })
    const account = simulator.issueAccount()
    const controller = new AbortController()
    const body = {
      clientId: account.clientId,
      clientSecret: account.clientSecret,
      grantType: 'refresh_token',
      refreshToken: account.refreshToken,
    }
    const killed = fetch(`${simulator.environment.AMAZONQ_TOKEN_ENDPOINT}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: controller.signal,
    })
    await simulator.when((request) => request.route === 'token')
    controller.abort()
    await expect(killed).rejects.toThrow(/abort/iu)
    await simulator.when((request) => request.route === 'token' && request.outcome === 'aborted')
    simulator.configure({ pace: { delayTokenMs: 0 } })
    await expect(refresh(account)).resolves.toBeDefined()
    expect(simulator.refreshTokenReuse).toBe(0)
  })

  it('binds a refresh token to its client', async () => {
    const account = simulator.issueAccount()
    const other = await register()
    await expect(refresh({ ...account, ...other })).rejects.toBeInstanceOf(InvalidGrantException)
    await expect(refresh({ ...account, clientSecret: 'wrong' })).rejects.toBeInstanceOf(InvalidClientException)
    simulator.revokeRefreshToken(account.id)
    await expect(refresh(account)).rejects.toBeInstanceOf(InvalidGrantException)
  })

  it('answers errors that the SDK knows by type', async () => {
    const account = simulator.issueAccount()
    const { clientId, clientSecret } = account
    const odd = new CreateTokenCommand({ clientId, clientSecret, grantType: 'password' })
    await expect(client.send(odd)).rejects.toBeInstanceOf(UnsupportedGrantTypeException)
    simulator.setFault({ name: 'server-error', on: 'token', times: 1 })
    const failure = await refresh(account).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(InternalServerException)
    expect(failure).toMatchObject({ error: 'server_error', error_description: 'Internal server error' })
    await expect(refresh(account)).resolves.toBeDefined()
  })

  it('strikes one account only, and names the right region', async () => {
    const [one, other] = [simulator.issueAccount(), simulator.issueAccount()]
    simulator.setFault({ name: 'invalid-request-region', on: 'token' }, { accountId: one.id })
    const failure = await refresh(one).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      name: 'InvalidRequestRegionException',
      endpoint: simulator.url,
      region: 'us-east-1',
    })
    await expect(refresh(other)).resolves.toBeDefined()
  })

  it('exchanges an authorization code with PKCE, once', async () => {
    const credentials = await register()
    const codeVerifier = 'v'.repeat(43)
    const redirectUri = 'http://127.0.0.1:9999/oauth/callback'
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: credentials.clientId,
      redirect_uri: redirectUri,
      scopes: 'codewhisperer:completions',
      state: 's1',
      code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const page = `${simulator.environment.AMAZONQ_TOKEN_ENDPOINT}/authorize?${query.toString()}`
    expect((await fetch(page)).status).toBe(200)
    const body = new URLSearchParams({ decision: 'approve' })
    const back = await fetch(page, { method: 'POST', body, redirect: 'manual' })
    const location = new URL(back.headers.get('location') ?? '')
    expect(location.searchParams.get('state')).toBe('s1')
    const exchange = new CreateTokenCommand({
      ...credentials,
      grantType: 'authorization_code',
      code: location.searchParams.get('code') ?? '',
      redirectUri,
      codeVerifier,
    })
    await expect(client.send(exchange)).resolves.toMatchObject({ tokenType: 'Bearer' })
    await expect(client.send(exchange)).rejects.toBeInstanceOf(InvalidGrantException)
  })
})
