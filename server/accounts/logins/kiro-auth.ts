import { createHash } from 'node:crypto'
import type { UpstreamClient } from '../../backends/fetch-upstream.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { ProxyError } from '../../canonical/error.ts'
import { codeForStatus, retryAfterMs, shortText, SignInError } from '../sign-in-error.ts'
import type { TokenSet } from '../token-set.ts'
import type { LoginCall } from './sso-oidc.ts'

/** Kiro's own login service for Google and GitHub accounts (amazon-q.md §1.5). */
export interface KiroAuth {
  /** Where the person signs in. `redirectUri` has no path. */
  signInUrl(pkce: Pick<Pkce, 'challenge' | 'state'>, redirectUri: string): string
  /** Turns the code of a callback into tokens. Rejects with `SignInError` or `ProxyError`. */
  exchange(call: LoginCall, code: string, verifier: string, redirectUri: string): Promise<TokenSet>
  refresh(call: LoginCall, refreshToken: string): Promise<TokenSet>
}

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
  readonly state: string
}

export interface KiroAuthOptions {
  readonly client: UpstreamClient
  /** Another address for the service and its sign-in page (`KIRO_AUTH_ENDPOINT`). */
  readonly endpoint?: string
  readonly userAgent: () => string
  readonly now: () => number
}

const PORTAL = 'https://app.kiro.dev'
const RESPONSE_LIMIT_BYTES = 262_144
const TIMEOUT_MS = 20_000

export function createKiroAuth(options: KiroAuthOptions): KiroAuth {
  const override = options.endpoint?.replace(/\/+$/u, '')
  // Only this region's service is known to exist.
  const base = override ?? 'https://prod.us-east-1.auth.desktop.kiro.dev'

  async function post(call: LoginCall, path: string, body: JsonObject): Promise<TokenSet> {
    const response = await options.client.request({
      url: `${base}${path}`,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': options.userAgent() },
      body: JSON.stringify(body),
      firstByteTimeoutMs: TIMEOUT_MS,
      idleTimeoutMs: TIMEOUT_MS,
      ...(call.proxy === undefined ? {} : { proxy: call.proxy }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    })
    const answer = parseObject(await response.text(RESPONSE_LIMIT_BYTES))
    if (response.status !== 200) {
      const wait = retryAfterMs(response.headers.get('retry-after'), options.now())
      throw signInErrorOf(response.status, answer, wait)
    }
    return tokenSetOf(answer, options.now())
  }

  return {
    signInUrl(pkce, redirectUri) {
      const query = new URLSearchParams({
        state: pkce.state,
        code_challenge: pkce.challenge,
        code_challenge_method: 'S256',
        redirect_uri: redirectUri,
        redirect_from: 'KiroIDE',
      })
      return `${override ?? PORTAL}/signin?${query.toString()}`
    },
    exchange: (call, code, verifier, redirectUri) =>
      post(call, '/oauth/token', { code, code_verifier: verifier, redirect_uri: redirectUri }),
    refresh: (call, refreshToken) => post(call, '/refreshToken', { refreshToken }),
  }
}

/** A PKCE pair and a state from 32 random bytes each (`random(size)` gives bytes). */
export function createPkce(random: (size: number) => Uint8Array): Pkce {
  const verifier = Buffer.from(random(32)).toString('base64url')
  return { verifier, challenge: challengeOf(verifier), state: Buffer.from(random(32)).toString('base64url') }
}

/** RFC 7636, method S256. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

function tokenSetOf(answer: JsonObject, now: number): TokenSet {
  const { accessToken, refreshToken, expiresIn, profileArn } = answer
  if (typeof accessToken !== 'string' || accessToken === '') {
    throw new ProxyError('upstream-invalid', 'The Kiro login service answered without a token. Try again in a minute.')
  }
  return {
    accessToken,
    expiresAt: now + (typeof expiresIn === 'number' && expiresIn > 0 ? expiresIn : 3_600) * 1_000,
    ...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken } : {}),
    ...(typeof profileArn === 'string' && profileArn !== '' ? { profileArn } : {}),
  }
}

function signInErrorOf(status: number, answer: JsonObject, wait: number | undefined): SignInError {
  const own = typeof answer['error'] === 'string' ? answer['error'] : undefined
  // The service says 401 for a refresh token that it no longer knows, whatever the body's words are.
  const code = status === 401 || own === undefined ? codeForStatus(status) : own
  const text = [answer['error_description'], answer['message']].find((value) => typeof value === 'string')
  return new SignInError(code, shortText(typeof text === 'string' ? text : `Status ${status}.`), {
    status,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  })
}
