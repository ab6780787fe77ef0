import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator, type Simulator } from '../index.ts'
import { socialArn } from '../state/accounts.ts'

const verifier = 'verifier-of-more-than-forty-three-characters-x'
const challenge = createHash('sha256').update(verifier).digest('base64url')

let simulator: Simulator

beforeEach(async () => {
  simulator = await startSimulator()
})

afterEach(() => simulator.close())

function signInUrl(path: 'signin' | 'login', changes: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    state: 's1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    redirect_uri: path === 'signin' ? 'http://localhost:3128' : 'http://localhost:49153/oauth/callback',
    ...(path === 'signin' ? { redirect_from: 'KiroIDE' } : { idp: 'Github' }),
    ...changes,
  })
  return `${simulator.environment.KIRO_AUTH_ENDPOINT}/${path}?${query.toString()}`
}

function post(path: string, body: unknown): Promise<Response> {
  return fetch(`${simulator.environment.KIRO_AUTH_ENDPOINT}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function choose(url: string, choice: string): Promise<URL> {
  expect((await fetch(url)).status).toBe(200)
  const back = await fetch(url, { method: 'POST', body: new URLSearchParams({ choice }), redirect: 'manual' })
  expect(back.status).toBe(302)
  return new URL(back.headers.get('location') ?? '')
}

describe('login/kiro-auth', () => {
  it.each(['google', 'github'] as const)('signs in through the portal with %s', async (option) => {
    const location = await choose(signInUrl('signin'), option)
    expect(location.origin + location.pathname).toBe('http://localhost:3128/oauth/callback')
    expect(location.searchParams.get('login_option')).toBe(option)
    expect(location.searchParams.get('state')).toBe('s1')
    const response = await post('/oauth/token', {
      code: location.searchParams.get('code'),
      code_verifier: verifier,
      redirect_uri: `http://localhost:3128/oauth/callback?login_option=${option}`,
    })
    expect(response.status).toBe(200)
    const token = (await response.json()) as Record<string, unknown>
    expect(token).toMatchObject({ expiresIn: 3_600, profileArn: socialArn })
    expect(String(token['refreshToken']).length).toBeGreaterThan(100)
  })

  it.each([
    ['builderid', 'https://view.awsapps.com/start'],
    ['awsidc', 'https://simulated.awsapps.com/start'],
  ] as const)('sends the %s choice on to the AWS login, without a code', async (choice, issuer) => {
    const location = await choose(signInUrl('signin'), choice)
    expect(location.pathname).toBe('/signin/callback')
    expect(location.searchParams.get('login_option')).toBe(choice)
    expect(location.searchParams.get('issuer_url')).toBe(issuer)
    expect(location.searchParams.get('idc_region')).toBe('us-east-1')
    expect(location.searchParams.get('state')).toBe('s1')
    expect(location.searchParams.has('code')).toBe(false)
  })

  it('tells of a cancelled sign-in', () => {
    const location = new URL(simulator.choose(signInUrl('signin'), 'deny'))
    expect(location.searchParams.get('error')).toBe('access_denied')
  })

  it('signs in directly, also to the custom scheme', async () => {
    const location = await choose(signInUrl('login'), 'github')
    expect(location.href).toContain('http://localhost:49153/oauth/callback?code=')
    expect(location.searchParams.has('login_option')).toBe(false)
    const scheme = 'kiro://kiro.kiroAgent/authenticate-success'
    expect(simulator.choose(signInUrl('login', { redirect_uri: scheme }), 'github')).toContain(`${scheme}?code=`)
  })

  it.each([
    ['a foreign host', { redirect_uri: 'http://example.com' }],
    ['a path on the portal', { redirect_uri: 'http://localhost:3128/oauth/callback' }],
    ['no state', { state: '' }],
    ['plain PKCE', { code_challenge_method: 'plain' }],
  ])('refuses a sign-in page with %s', async (_name, changes) => {
    expect((await fetch(signInUrl('signin', changes))).status).toBe(400)
  })

  it.each([
    ['a wrong verifier', { code_verifier: 'wrong' }],
    ['a redirect without login_option', { redirect_uri: 'http://localhost:3128/oauth/callback' }],
    ['camelCase members', { code_verifier: undefined, codeVerifier: verifier }],
  ])('refuses the exchange with %s, and the code is gone', async (_name, changes) => {
    const code = new URL(simulator.choose(signInUrl('signin'), 'google')).searchParams.get('code')
    const redirect_uri = 'http://localhost:3128/oauth/callback?login_option=google'
    const good = { code, code_verifier: verifier, redirect_uri }
    expect((await post('/oauth/token', { ...good, ...changes })).status).toBe(400)
    expect((await post('/oauth/token', good)).status).toBe(400)
  })

  it('rotates refresh tokens', async () => {
    const { refreshToken } = simulator.issueAccount({ kind: 'social' })
    const first = (await (await post('/refreshToken', { refreshToken })).json()) as { refreshToken: string }
    expect((await post('/refreshToken', { refreshToken })).status).toBe(401)
    expect(simulator.refreshTokenReuse).toBe(1)
    expect((await post('/refreshToken', { refreshToken: first.refreshToken })).status).toBe(200)
  })

  it.each([
    ['invalid-grant', 400, '{"error":"invalid_grant","error_description":"Invalid refresh token provided"}'],
    ['unauthorized', 401, '{"message":"Unauthorized","reason":null}'],
    ['throttled', 429, '{"message":"Rate exceeded","reason":null}'],
  ] as const)('fails as told: %s', async (name, status, body) => {
    const { refreshToken } = simulator.issueAccount({ kind: 'social' })
    simulator.setFault({ name, on: 'kiro-refresh', times: 1, retryAfter: 7 })
    const response = await post('/refreshToken', { refreshToken })
    expect(response.status).toBe(status)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(await response.text()).toBe(body)
    expect((await post('/refreshToken', { refreshToken })).status).toBe(200)
  })
})
