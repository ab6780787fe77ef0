import { randomBytes, randomUUID } from 'node:crypto'
import { homedir } from 'node:os'
import { type AccountBook, openAccountBook } from './accounts/account-book.ts'
import { type AccountCare, createAccountCare } from './accounts/account-care.ts'
import { createAccountDetails } from './accounts/account-details.ts'
import { type AccountService, createAccountService } from './accounts/account-service.ts'
import type { FoundLogins } from './accounts/logins/import-found.ts'
import { createImportedRefresh } from './accounts/logins/imported-refresh.ts'
import { createKiroAuth } from './accounts/logins/kiro-auth.ts'
import { createLoginService, type LoginService } from './accounts/logins/login-service.ts'
import { createSsoOidc } from './accounts/logins/sso-oidc.ts'
import { type AccountPool, createAccountPool } from './accounts/pool.ts'
import { createTokenRefresh } from './accounts/token-refresh.ts'
import { createTokenService, type TokenService } from './accounts/tokens.ts'
import type { Backend, BackendOptions } from './backends/backend.ts'
import type { UpstreamClient } from './backends/fetch-upstream.ts'
import type { Foundation } from './foundation.ts'
import { lazily } from './lazily.ts'
import { whenIdle } from './when-idle.ts'

/** Everything about accounts, wired together. */
export interface Accounts {
  readonly book: AccountBook
  readonly pool: AccountPool
  readonly tokens: TokenService
  readonly service: AccountService
  readonly logins: LoginService
  /** Sign-ins of other programs on this computer. */
  foundLogins(): Promise<FoundLogins>
  /** Loads what the first sign-in or renewal at AWS needs, once `isIdle` says that nobody has to wait for it. */
  warmUpWhen(isIdle: () => boolean): void
  readonly care: AccountCare
  close(): Promise<void>
}

export interface AccountsDeps {
  readonly foundation: Foundation
  readonly client: UpstreamClient
  readonly backendFor: (accountType: string) => Backend | undefined
  readonly backendOptions: () => BackendOptions
}

/** The ports that Kiro's sign-in page may send the browser back to (amazon-q.md §1.5). */
const kiroCallbackPorts = [3128, 4649, 6588, 8008, 9091, 49153, 50153, 51153, 52153, 53153]

/** Well after the start, whose first requests need the processor more. */
const warmUpAfterMs = 2_000

/** Loads the accounts and builds what looks after them. Nothing runs in the background before `care.start()`. */
export async function assembleAccounts(deps: AccountsDeps): Promise<Accounts> {
  const { foundation, client, backendFor, backendOptions } = deps
  const { store, secrets, settings, now, log, config } = foundation
  const onError = (error: unknown) => log.error({ error }, 'keeping the state of an account failed')
  const userAgent = () => settings.current().userAgent
  const book = await openAccountBook({ store, secrets, now, onError })
  const oidc = createSsoOidc({
    client,
    userAgent,
    now,
    ...(config.endpoints.amazonQToken === undefined ? {} : { endpoint: config.endpoints.amazonQToken }),
  })
  const kiroAuth = createKiroAuth({
    client,
    userAgent,
    now,
    ...(config.endpoints.kiroAuth === undefined ? {} : { endpoint: config.endpoints.kiroAuth }),
  })
  const importFound = lazily(() => import('./accounts/logins/import-found.ts'))
  const foundLogins = lazily(async () =>
    (await importFound()).createFoundLogins({
      accounts: service,
      home: homedir(),
      platform: process.platform,
      environment: process.env,
    }),
  )
  const refresh = createImportedRefresh({
    refresh: createTokenRefresh({ secrets, oidc, kiroAuth, client, userAgent, now }),
    book,
    secrets,
    read: async (source) => await (await foundLogins()).read(source),
    programOf: async (source) => (await importFound()).programOf(source),
  })
  const tokens = createTokenService({ book, secrets, refresh, now })
  const pool = createAccountPool({ book, settings: settings.current, now, random: Math.random, onError })
  const details = createAccountDetails({
    book,
    tokens,
    backendFor,
    options: backendOptions,
    now,
    onAccountFailure: (accountId, failure) => pool.failed(accountId, failure, ''),
  })
  const service = createAccountService({ book, secrets, tokens, details, now, randomUuid: randomUUID })
  const logins = createLoginService({
    store,
    secrets,
    accounts: service,
    oidc,
    kiroAuth,
    callbackPorts: config.endpoints.kiroAuth === undefined ? kiroCallbackPorts : [0],
    now,
    randomUuid: randomUUID,
    randomBytes,
    onError,
  })
  let callOff: (() => void) | undefined
  const care = createAccountCare({ book, details, tokens, now, onError })
  await addBootstrapAccount(foundation, service)
  return {
    book,
    pool,
    tokens,
    service,
    logins,
    foundLogins,
    care,
    warmUpWhen(isIdle) {
      callOff = whenIdle(warmUpAfterMs, isIdle, () => void oidc.warmUp().catch(onError))
    },
    async close() {
      callOff?.()
      await logins.close()
      await care.close()
      details.close()
      pool.close()
      await book.close()
    },
  }
}

/** The one account of the environment (promises.md §1), unless it is already there. */
async function addBootstrapAccount(foundation: Foundation, service: AccountService): Promise<void> {
  const { bootstrap } = foundation.config
  if (!bootstrap) return
  const label = 'From the environment'
  const known = service.list().find((account) => account.label === label)
  if (known) {
    // The stored refresh token may be newer than the environment's: rotation replaces it.
    if (known.status === 'sign-in-needed') await service.update(known.id, bootstrap)
    return
  }
  await service.add({ type: 'amazonq', label, ...bootstrap })
}
