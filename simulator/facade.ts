import { checkFault, checkStep } from './check-step.ts'
import { configure } from './configuration.ts'
import { approveDevice, denyDevice } from './login/device-page.ts'
import { portalRedirect } from './login/kiro-portal.ts'
import { wholeFault } from './state/director.ts'
import type { DeviceLogin } from './state/logins.ts'
import type {
  AccountOptions,
  IssuedAccount,
  ScriptStep,
  Simulator,
  SimulatorEnvironment,
  SimulatorOptions,
} from './types.ts'
import { accessTokenLifetimeMs, issueTokens, resetWorld, type World } from './world.ts'

/** The simulator's interface over its world. `close` is the server's. */
export function createFacade(world: World, options: SimulatorOptions, close: () => Promise<void>): Simulator {
  return {
    url: world.url,
    environment: environmentOf(world.url),
    anthropic: {
      url: `${world.url}/anthropic`,
      issueKey: () => world.anthropic.issueKey(),
      revokeKey: (key) => world.anthropic.revokeKey(key),
      setFault: (name, key) => world.anthropic.setFault(name, key),
    },
    openAi: {
      url: `${world.url}/openai/v1`,
      issueKey: () => world.openAi.issueKey(),
      setFault: (name) => world.openAi.setFault(name),
    },
    issueAccount: (account = {}) => issueAccount(world, account),
    approve: (userCode, as = {}) => {
      const decided = approveDevice(world, deviceLogin(world, userCode), as)
      if (!decided) throw new Error(`The device login ${userCode} is decided or over.`)
    },
    deny: (userCode) => {
      if (!denyDevice(deviceLogin(world, userCode))) throw new Error(`The device login ${userCode} is decided already.`)
    },
    choose: (signInUrl, choice, as = {}) => portalRedirect(world, new URL(signInUrl), choice, as),
    script: (steps, scope = {}) => {
      const list: readonly ScriptStep[] = Array.isArray(steps) ? steps : [steps]
      for (const step of list) checkStep(step)
      world.director.script(list, scope)
    },
    setFault: (fault, scope = {}) => {
      const whole = fault === undefined ? undefined : wholeFault(fault)
      if (whole !== undefined) checkFault(whole)
      world.director.setFault(whole, scope)
    },
    configure: (changes) => {
      world.configuration = configure(changes, world.configuration)
    },
    setContextWindow: (modelId, tokens) => world.models.setContextWindow(modelId, tokens),
    setContextDenominator: (modelId, factor) => world.models.setContextDenominator(modelId, factor),
    expireAccessTokens: (accountId) => world.tokens.expireAccess(accountId),
    revokeRefreshToken: (accountId) => world.tokens.revokeRefresh(accountId),
    suspend: (accountId, message) => {
      const account = world.accounts.get(accountId)
      account.suspended = message ?? suspensionMessage(account.userId)
    },
    creditsUsed: (accountId) => world.accounts.get(accountId).base.used,
    get received() {
      return world.log.entries
    },
    get counts() {
      return world.log.counts
    },
    get refreshTokenReuse() {
      return world.tokens.reuse
    },
    get clientAborts() {
      return world.log.clientAborts
    },
    get openStreams() {
      return { ...world.streams }
    },
    when: (matches, timeoutMs = 10_000) => world.log.when(matches, timeoutMs),
    reset: () => resetWorld(world, options),
    close,
  }
}

/** The environment that points Culvert at a simulator at that address (promises.md §1). */
function environmentOf(url: string): SimulatorEnvironment {
  return {
    AMAZONQ_API_ENDPOINT: `${url}/q`,
    AMAZONQ_TOKEN_ENDPOINT: `${url}/oidc`,
    KIRO_AUTH_ENDPOINT: `${url}/kiro-auth`,
    KIRO_RUNTIME_ENDPOINT: `${url}/runtime`,
    GEMINI_API_ENDPOINT: `${url}/gemini`,
  }
}

function issueAccount(world: World, options: AccountOptions): IssuedAccount {
  const account = world.accounts.create(options)
  const client =
    account.kind === 'social'
      ? undefined
      : world.logins.register('Issued', [], [], world.configuration.pace.clientSecretLifetimeMs)
  const profileArn = account.profiles[0]?.arn
  return {
    id: account.id,
    kind: account.kind,
    clientId: client?.id ?? '',
    clientSecret: client?.secret ?? '',
    ...issueTokens(world, account, client?.id),
    expiresIn: Math.floor(accessTokenLifetimeMs(world, account) / 1_000),
    ...(profileArn === undefined ? {} : { profileArn }),
    email: account.email,
    ...(account.startUrl === undefined ? {} : { startUrl: account.startUrl }),
    region: account.region,
  }
}

function deviceLogin(world: World, userCode: string): DeviceLogin {
  const login = world.logins.deviceByUserCode(userCode)
  if (login === undefined) throw new Error(`The simulator knows no device login ${userCode}.`)
  return login
}

function suspensionMessage(userId: string): string {
  return (
    `Your User ID (${userId}) temporarily is suspended. We've locked your account as a security precaution. ` +
    'To restore your access, please contact our support team.'
  )
}
