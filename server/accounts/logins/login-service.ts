import type { AccountType } from '../../backends/backend.ts'
import { ProxyError, toProxyError } from '../../canonical/error.ts'
import type { SecretStore } from '../../secrets/secret-store.ts'
import type { Store, StoredLogin } from '../../store/types.ts'
import type { AccountService } from '../account-service.ts'
import { BUILDER_ID_START_URL, invalid, optionOf } from '../account-input.ts'
import { openDevice, pollDevice } from './device-login.ts'
import { finishLogin } from './finish-login.ts'
import type { KiroAuth } from './kiro-auth.ts'
import { createLoginSecrets } from './login-secrets.ts'
import { createLoginTable } from './login-table.ts'
import { isWaiting, toLoginView } from './login-view.ts'
import type { LoginView } from './login-view.ts'
import { createSocialLogins } from './social-login.ts'
import type { LoginCall, SsoOidc } from './sso-oidc.ts'
import { parseRegion, parseStartUrl } from './start-url.ts'

export type { LoginView }

export interface LoginStart {
  readonly kind: 'builder-id' | 'idc' | 'social'
  /** Default `kiro`. */
  readonly accountType?: AccountType
  readonly label?: string
  /** For `idc`. */
  readonly startUrl?: string
  /** Region of the login. For `idc`; default `us-east-1`. */
  readonly region?: string
  /** Sign this account in again instead of adding one. */
  readonly targetAccountId?: string
}

/** Logins of people at AWS and Kiro. They survive a restart. Methods reject with `ProxyError` (or `StoreError`). */
export interface LoginService {
  start(input: LoginStart): Promise<LoginView>
  get(id: string): LoginView | undefined
  /** Newest first; finished ones for an hour. */
  list(): readonly LoginView[]
  /** Ends a waiting login; a finished one stays as it is. */
  cancel(id: string): Promise<LoginView>
  /** Resolves when the login is finished, or after `timeoutMs` with what it is then. */
  wait(id: string, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<LoginView>
  /** For computers without a browser: the address that the sign-in ended at, copied by hand. */
  submitCallbackUrl(id: string, url: string): Promise<LoginView>
  /** The listener must not throw. */
  subscribe(listener: (login: LoginView) => void): () => void
  /** Goes on with the logins that a stop of the program interrupted. */
  resumeAll(): Promise<void>
  close(): Promise<void>
}

export interface LoginServiceDeps {
  readonly store: Pick<Store, 'logins'>
  readonly secrets: SecretStore
  readonly accounts: Pick<AccountService, 'add' | 'get' | 'signInAgain'>
  readonly oidc: SsoOidc
  readonly kiroAuth: KiroAuth
  /** Ports for the browser's way back from Kiro's page; `[0]`: any. */
  readonly callbackPorts: readonly number[]
  readonly now: () => number
  readonly randomUuid: () => string
  readonly randomBytes: (size: number) => Uint8Array
  readonly onError: (error: unknown) => void
}

const MAX_WAITING = 20

export function createLoginService(deps: LoginServiceDeps): LoginService {
  const { accounts, oidc, now } = deps
  const secrets = createLoginSecrets(deps.secrets)
  const table = createLoginTable(deps.store, secrets, now)
  /** Ends the polling or the listener of a waiting login. */
  const running = new Map<string, AbortController>()
  const social = createSocialLogins({ ...deps, secrets, table, signalFor, end, finish, openAws, callFor })

  function signalFor(id: string): AbortSignal {
    const controller = new AbortController()
    running.get(id)?.abort(new Error('Replaced.'))
    running.set(id, controller)
    return controller.signal
  }

  /** An account that signs in again goes through its own proxy. */
  function callFor({ targetAccountId }: StoredLogin, region: string): LoginCall {
    const target = targetAccountId === null ? undefined : accounts.get(targetAccountId)
    const proxy = optionOf(target?.other, 'proxy')
    return proxy === undefined ? { region } : { region, proxy }
  }

  async function end(login: StoredLogin, status: 'denied' | 'expired' | 'failed' | 'cancelled', reason: string | null) {
    running.get(login.id)?.abort(new Error('The login is over.'))
    running.delete(login.id)
    await table.put({ ...login, status, statusReason: reason })
    await secrets.delete(login.id)
  }

  async function finish(login: StoredLogin): Promise<void> {
    try {
      const accountId = await finishLogin({ accounts, secrets, now }, login)
      await table.put({ ...login, status: 'done', statusReason: null, accountId })
      await secrets.delete(login.id)
      running.get(login.id)?.abort(new Error('The login is over.'))
      running.delete(login.id)
    } catch (error) {
      await end(login, 'failed', toProxyError(error).message)
    }
  }

  /** Polls in the background until the login is over. */
  function pollInBackground(login: StoredLogin): void {
    const signal = signalFor(login.id)
    const run = async (): Promise<void> => {
      const secret = await secrets.device(login.id)
      if (secret === undefined) {
        await end(login, 'failed', 'What this sign-in needs was not kept. Start it again.')
        return
      }
      const outcome = await pollDevice({
        oidc,
        call: callFor(login, login.ssoRegion ?? 'us-east-1'),
        login,
        secret,
        signal,
        now,
        onSlowDown: (intervalMs) => {
          table.put({ ...(table.get(login.id) ?? login), status: 'slow-down', intervalMs }).catch(deps.onError)
        },
      })
      const current = table.get(login.id) ?? login
      if (signal.aborted) return
      if (outcome.status !== 'done') {
        await end(current, outcome.status, outcome.reason)
        return
      }
      await secrets.putTokens(login.id, outcome.tokens)
      await finish(current)
    }
    run().catch((error: unknown) => {
      if (signal.aborted) return
      deps.onError(error)
      end(table.get(login.id) ?? login, 'failed', toProxyError(error).message).catch(deps.onError)
    })
  }

  /** Opens a login at AWS, as a new one or in place of a social one whose person chose AWS. */
  async function openAws(login: StoredLogin, kind: 'builder-id' | 'idc', startUrl: string, region: string) {
    const { registration, authorization } = await openDevice(oidc, callFor(login, region), startUrl)
    await secrets.putDevice(login.id, authorization.deviceCode, registration.clientSecret)
    const opened: StoredLogin = {
      ...login,
      kind,
      clientId: registration.clientId,
      clientSecretExpiresAt: registration.expiresAt,
      ssoRegion: region,
      startUrl,
      userCode: authorization.userCode,
      verificationUri: authorization.verificationUri,
      verificationUriComplete: authorization.verificationUriComplete,
      intervalMs: authorization.intervalMs,
      expiresAt: now() + authorization.expiresInMs,
    }
    await table.put(opened)
    pollInBackground(opened)
    return opened
  }

  function known(id: string): StoredLogin {
    const login = table.get(id)
    if (login === undefined) throw new ProxyError('not-found', 'There is no sign-in with this id, or it is long over.')
    return login
  }

  return {
    async start(input) {
      if (table.list().filter(isWaiting).length >= MAX_WAITING) {
        throw new ProxyError(
          'invalid-request',
          `${MAX_WAITING} sign-ins are waiting already. Finish or cancel one first.`,
        )
      }
      const target = input.targetAccountId === undefined ? undefined : accounts.get(input.targetAccountId)
      if (input.targetAccountId !== undefined && target === undefined) {
        throw new ProxyError('not-found', 'The account to sign in again does not exist.', { param: 'targetAccountId' })
      }
      const blank: StoredLogin = {
        id: deps.randomUuid(),
        kind: input.kind,
        accountType: target?.type ?? input.accountType ?? 'kiro',
        label: input.label ?? '',
        status: 'waiting',
        statusReason: null,
        clientId: null,
        clientSecretExpiresAt: null,
        ssoRegion: null,
        startUrl: null,
        userCode: null,
        verificationUri: null,
        verificationUriComplete: null,
        intervalMs: 0,
        expiresAt: 0,
        accountId: null,
        targetAccountId: target?.id ?? null,
        createdAt: now(),
      }
      if (input.kind === 'social') return toLoginView(await social.start(blank))
      const region = parseRegion(input.region ?? target?.ssoRegion ?? 'us-east-1')
      if (input.kind === 'builder-id')
        return toLoginView(await openAws(blank, 'builder-id', BUILDER_ID_START_URL, region))
      const startUrl = input.startUrl ?? target?.startUrl
      if (startUrl === undefined || startUrl === null) {
        throw invalid('startUrl', 'A sign-in through IAM Identity Center needs the start URL of your organisation.')
      }
      return toLoginView(await openAws(blank, 'idc', parseStartUrl(startUrl), region))
    },
    get(id) {
      const login = table.get(id)
      return login === undefined ? undefined : toLoginView(login)
    },
    list: () => table.list().map(toLoginView),
    async cancel(id) {
      const login = known(id)
      if (isWaiting(login)) await end(login, 'cancelled', null)
      return toLoginView(known(id))
    },
    wait: async (id, options) => toLoginView(await table.finished(known(id), options.timeoutMs, options.signal)),
    async submitCallbackUrl(id, url) {
      await social.submit(known(id), url)
      return toLoginView(known(id))
    },
    subscribe: (listener) => table.subscribe((login) => listener(toLoginView(login))),
    async resumeAll() {
      await table.load()
      for (const login of table.list().filter(isWaiting)) {
        if ((await secrets.tokens(login.id)) !== undefined) await finish(login)
        else if (now() >= login.expiresAt)
          await end(login, 'expired', 'The sign-in ran out while Culvert was not running.')
        else if (login.kind === 'social') await social.resume(login)
        else pollInBackground(login)
      }
    },
    close() {
      for (const controller of running.values()) controller.abort(new Error('Culvert stops.'))
      running.clear()
      return table.flush()
    },
  }
}
