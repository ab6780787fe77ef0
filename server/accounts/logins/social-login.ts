import { toProxyError } from '../../canonical/error.ts'
import type { StoredLogin } from '../../store/types.ts'
import { invalid } from '../account-input.ts'
import { SignInError } from '../sign-in-error.ts'
import { listenForCallback } from './callback-server.ts'
import type { CallbackAnswer } from './callback-server.ts'
import { readCallback } from './callback.ts'
import { createPkce } from './kiro-auth.ts'
import type { KiroAuth } from './kiro-auth.ts'
import type { LoginSecrets, SocialSecret } from './login-secrets.ts'
import type { LoginTable } from './login-table.ts'
import { isWaiting } from './login-view.ts'
import type { LoginCall } from './sso-oidc.ts'

/** Logins through Kiro's page (Google, GitHub, or from there to AWS), amazon-q.md §1.5 flow (a). */
export interface SocialLogins {
  start(login: StoredLogin): Promise<StoredLogin>
  /** Listens again for a login that a stop of the program interrupted. */
  resume(login: StoredLogin): Promise<void>
  /** Takes an address that a person copied. Rejects with `ProxyError`. */
  submit(login: StoredLogin, address: string): Promise<void>
}

export interface SocialLoginDeps {
  readonly kiroAuth: KiroAuth
  readonly secrets: LoginSecrets
  readonly table: LoginTable
  readonly callbackPorts: readonly number[]
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  /** A signal that aborts when the login is over. */
  readonly signalFor: (loginId: string) => AbortSignal
  readonly end: (login: StoredLogin, status: 'denied' | 'expired' | 'failed', reason: string) => Promise<void>
  readonly finish: (login: StoredLogin) => Promise<void>
  readonly openAws: (
    login: StoredLogin,
    kind: 'builder-id' | 'idc',
    startUrl: string,
    region: string,
  ) => Promise<StoredLogin>
  readonly callFor: (login: StoredLogin, region: string) => LoginCall
  readonly onError: (error: unknown) => void
}

const LIFETIME_MS = 10 * 60_000
const DONE_PAGE: CallbackAnswer = {
  type: 'page',
  status: 200,
  title: 'Signed in',
  text: 'Culvert has the account. You can close this page.',
}

export function createSocialLogins(deps: SocialLoginDeps): SocialLogins {
  const { kiroAuth, secrets, table, now } = deps
  /** Logins whose code is being exchanged: a code works once, and browsers load pages twice. */
  const exchanging = new Set<string>()

  /** Ends the login when its time is over; the signal ends the timer and the listener. */
  async function watch(login: StoredLogin, ports: readonly number[]): Promise<number | undefined> {
    const signal = deps.signalFor(login.id)
    const server = await listenForCallback(ports, (url) => answer(login.id, url))
    const timer = setTimeout(() => {
      const current = table.get(login.id)
      if (current === undefined || !isWaiting(current)) return
      deps.end(current, 'expired', 'Nobody signed in within ten minutes. Start the sign-in again.').catch(deps.onError)
    }, login.expiresAt - now()).unref()
    const stop = (): void => {
      clearTimeout(timer)
      server?.close()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    return server?.port
  }

  /** What the browser sees. */
  async function answer(loginId: string, url: URL): Promise<CallbackAnswer> {
    const login = table.get(loginId)
    if (login === undefined || !isWaiting(login)) {
      return { type: 'page', status: 410, title: 'This sign-in is over', text: 'Start a new one in Culvert.' }
    }
    try {
      return await accept(login, url)
    } catch (error) {
      return { type: 'page', status: 400, title: 'Sign-in failed', text: toProxyError(error).message }
    }
  }

  async function accept(login: StoredLogin, url: URL): Promise<CallbackAnswer> {
    const secret = await secrets.social(login.id)
    if (secret === undefined) throw invalid('url', 'What this sign-in needs was not kept. Start it again.')
    const callback = readCallback(url, secret.state)
    if (callback.type === 'refused') {
      await deps.end(login, callback.status, callback.reason)
      return { type: 'page', status: 200, title: 'Not signed in', text: callback.reason }
    }
    if (exchanging.has(login.id)) return DONE_PAGE
    exchanging.add(login.id)
    try {
      if (callback.type === 'aws') {
        const opened = await deps.openAws(login, callback.kind, callback.startUrl, callback.region)
        return { type: 'redirect', location: opened.verificationUriComplete ?? opened.verificationUri ?? '/' }
      }
      return await exchange(login, secret, callback)
    } finally {
      exchanging.delete(login.id)
    }
  }

  async function exchange(
    login: StoredLogin,
    secret: SocialSecret,
    callback: { readonly code: string; readonly redirectPath: string },
  ): Promise<CallbackAnswer> {
    const redirectUri = `${redirectBase(secret.port)}${callback.redirectPath}`
    try {
      const call = deps.callFor(login, 'us-east-1')
      const tokens = await kiroAuth.exchange(call, callback.code, secret.verifier, redirectUri)
      await secrets.putTokens(login.id, tokens)
    } catch (error) {
      const reason =
        error instanceof SignInError
          ? `Kiro's login service did not accept the sign-in (“${error.message}”). Start it again.`
          : toProxyError(error).message
      await deps.end(login, 'failed', reason)
      return { type: 'page', status: 502, title: 'Sign-in failed', text: reason }
    }
    await deps.finish(login)
    const finished = table.get(login.id)
    if (finished?.status === 'done') return DONE_PAGE
    return { type: 'page', status: 500, title: 'Sign-in failed', text: finished?.statusReason ?? 'Start it again.' }
  }

  return {
    async start(login) {
      const opened = { ...login, expiresAt: now() + LIFETIME_MS }
      const pkce = createPkce(deps.randomBytes)
      // Without a free port the person can still copy the address that the browser ends at.
      const port = (await watch(opened, deps.callbackPorts)) ?? deps.callbackPorts.find((one) => one !== 0) ?? 3128
      await secrets.putSocial(login.id, { verifier: pkce.verifier, state: pkce.state, port })
      const url = kiroAuth.signInUrl(pkce, redirectBase(port))
      const stored: StoredLogin = { ...opened, verificationUri: url, verificationUriComplete: url }
      await table.put(stored)
      return stored
    },
    async resume(login) {
      const secret = await secrets.social(login.id)
      if (secret === undefined) await deps.end(login, 'failed', 'What this sign-in needs was not kept. Start it again.')
      else await watch(login, [secret.port])
    },
    async submit(login, address) {
      const url = URL.parse(address.trim())
      if (url === null || address.length > 16_384) throw invalid('url', 'This is not a whole address. Copy it again.')
      if (!isWaiting(login)) throw invalid('url', 'This sign-in is over. Start a new one.')
      if (login.kind !== 'social')
        throw invalid('url', 'This sign-in needs no address: confirm its code in the browser.')
      await accept(login, url)
    },
  }
}

/** The service compares the redirect address letter by letter, and accepts `localhost` (amazon-q.md §1.5). */
function redirectBase(port: number): string {
  return `http://localhost:${port}`
}
