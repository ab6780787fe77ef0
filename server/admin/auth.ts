import type { LoginStart, LoginView } from '../accounts/logins/login-service.ts'
import { loginMethodSchema } from '../contract/login.ts'
import { viewAccount } from './account-view.ts'
import type { AdminDependencies } from './dependencies.ts'
import { managementError, notFound } from './errors.ts'
import { implementFoundLogins } from './found-logins.ts'
import type { Implementer } from './implementer.ts'
import { isRunning, viewLogin } from './login-view.ts'

const claimTimeoutMs = 5 * 60_000
const switchedOffLimit = 100

/** Signing in: `Contract['auth']`. */
export function implementAuth(os: Implementer, dependencies: AdminDependencies) {
  const { accounts, logins, now, closing } = dependencies
  const auth = os.auth
  const switchedOff = createSwitchedOff(dependencies)

  function existing(id: string): LoginView {
    const login = logins.get(id)
    if (login === undefined) throw notFound('login')
    return login
  }

  return {
    start: auth.start.handler(async ({ input }) => {
      const target = input?.accountId ? accounts.get(input.accountId) : undefined
      const login = await logins.start(loginStart(input ?? {}, target?.authMethod))
      if (input?.enabled === false) switchedOff.add(login.id)
      return {
        authId: login.id,
        method: login.kind,
        verificationUri: login.verificationUri,
        verificationUriComplete: login.verificationUriComplete,
        userCode: login.userCode,
        expiresIn: Math.max(0, Math.round((login.expiresAt - now()) / 1_000)),
        interval: Math.max(1, Math.round(login.intervalMs / 1_000)),
      }
    }),
    list: auth.list.handler(() => ({ logins: logins.list().map((login) => viewLogin(login, now())) })),
    status: auth.status.handler(({ input }) => viewLogin(existing(input.authId), now())),
    claim: auth.claim.handler(async ({ input, signal }) => {
      existing(input.authId)
      const waits = AbortSignal.any(signal === undefined ? [closing] : [closing, signal])
      const login = await logins
        .wait(input.authId, { timeoutMs: claimTimeoutMs, signal: waits })
        .catch((error: unknown) => {
          throw waits.aborted
            ? managementError('unavailable', 'Culvert is closing. The sign-in goes on at its next start.')
            : error
        })
      if (isRunning(login.status)) throw managementError('timeout', stillWaiting)
      await switchedOff.settle(login)
      const { status, error, accountId } = viewLogin(login, now())
      const account = accountId === null ? undefined : accounts.get(accountId)
      return { status, error, accountId, account: account === undefined ? null : viewAccount(account, now()) }
    }),
    cancel: auth.cancel.handler(async ({ input }) => {
      existing(input.authId)
      return viewLogin(await logins.cancel(input.authId), now())
    }),
    submitCallbackUrl: auth.submitCallbackUrl.handler(async ({ input }) => {
      existing(input.authId)
      return viewLogin(await logins.submitCallbackUrl(input.authId, input.url), now())
    }),
    ...implementFoundLogins(os, dependencies),
  }
}

const stillWaiting =
  'Nobody has finished this sign-in within 5 minutes. Open its address and confirm the code, then claim it again.'

interface StartInput {
  readonly method?: LoginStart['kind'] | null | undefined
  readonly type?: 'kiro' | 'amazonq' | null | undefined
  readonly label?: string | null | undefined
  readonly startUrl?: string | null | undefined
  readonly region?: string | null | undefined
  readonly accountId?: string | null | undefined
}

/** A login of an account that is here already goes the way that it went before. */
function loginStart(input: StartInput, authMethod: string | undefined): LoginStart {
  const known = loginMethodSchema.options.find((method) => method === authMethod)
  const kind = input.method ?? known ?? (input.startUrl ? 'idc' : 'builder-id')
  return {
    kind,
    accountType: input.type ?? (kind === 'social' ? 'kiro' : 'amazonq'),
    ...(input.label ? { label: input.label } : {}),
    ...(input.startUrl ? { startUrl: input.startUrl } : {}),
    ...(input.region ? { region: input.region } : {}),
    ...(input.accountId ? { targetAccountId: input.accountId } : {}),
  }
}

/** Logins whose new account shall be switched off at first, as the older projects' scripts may ask. Bounded. */
function createSwitchedOff({ accounts, logins, closing, onError }: AdminDependencies) {
  const ids = new Set<string>()

  async function settle(login: LoginView): Promise<void> {
    if (isRunning(login.status) || !ids.delete(login.id) || login.accountId === null) return
    await accounts.update(login.accountId, { enabled: false })
  }

  const unsubscribe = logins.subscribe((login) => void settle(login).catch(onError))
  closing.addEventListener('abort', unsubscribe, { once: true })
  return {
    settle,
    add(id: string): void {
      ids.add(id)
      const oldest = ids.values().next()
      if (ids.size > switchedOffLimit && !oldest.done) ids.delete(oldest.value)
    },
  }
}
