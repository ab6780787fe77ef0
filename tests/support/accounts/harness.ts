import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccountBook } from '../../../server/accounts/account-book.ts'
import type { AccountBook } from '../../../server/accounts/account-book.ts'
import { createAccountCare } from '../../../server/accounts/account-care.ts'
import type { AccountCare } from '../../../server/accounts/account-care.ts'
import { createAccountDetails } from '../../../server/accounts/account-details.ts'
import { createAccountService } from '../../../server/accounts/account-service.ts'
import type { AccountService } from '../../../server/accounts/account-service.ts'
import { createKiroAuth } from '../../../server/accounts/logins/kiro-auth.ts'
import { createLoginService } from '../../../server/accounts/logins/login-service.ts'
import type { LoginService } from '../../../server/accounts/logins/login-service.ts'
import { createSsoOidc } from '../../../server/accounts/logins/sso-oidc.ts'
import { createAccountPool } from '../../../server/accounts/pool.ts'
import type { AccountPool } from '../../../server/accounts/pool.ts'
import { createTokenRefresh } from '../../../server/accounts/token-refresh.ts'
import { createTokenService } from '../../../server/accounts/tokens.ts'
import type { TokenService } from '../../../server/accounts/tokens.ts'
import { createAmazonQBackend } from '../../../server/backends/amazon-q/backend.ts'
import type { Backend } from '../../../server/backends/backend.ts'
import { createUpstreamClient } from '../../../server/backends/fetch-upstream.ts'
import { openStore } from '../../../server/store/open-store.ts'
import type { Store } from '../../../server/store/types.ts'
import type { Simulator } from '../../../simulator/index.ts'
import { recordingSecrets } from './fixtures.ts'
import type { RecordingSecrets } from './fixtures.ts'

/** All of `server/accounts` and the Amazon Q backend, over a real database, against a simulator. */
export interface Program {
  readonly store: Store
  readonly book: AccountBook
  readonly tokens: TokenService
  readonly pool: AccountPool
  readonly service: AccountService
  readonly logins: LoginService
  readonly care: AccountCare
  readonly backend: Backend
  /** What went wrong in the background. */
  readonly errors: unknown[]
  /** An orderly stop. */
  stop(): Promise<void>
  /** As `kill -9` leaves it: nothing more is written. */
  kill(): Promise<void>
}

export interface ProgramOptions {
  readonly now?: () => number
  /** What of the simulator's address the q host's base is. Default `/q`. */
  readonly qPath?: string
}

/** A place on disk and a keychain that outlive the program. */
export interface Machine {
  readonly secrets: RecordingSecrets
  start(options?: ProgramOptions): Promise<Program>
  remove(): Promise<void>
}

export async function createMachine(simulator: Simulator): Promise<Machine> {
  const directory = await mkdtemp(join(tmpdir(), 'culvert-accounts-'))
  const secrets = recordingSecrets()
  const running = new Set<Program>()
  return {
    secrets,
    async start(options = {}) {
      const program = await startProgram(simulator, join(directory, 'culvert.sqlite3'), secrets, options)
      running.add(program)
      return program
    },
    async remove() {
      for (const program of running) await program.kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startProgram(
  simulator: Simulator,
  path: string,
  secrets: RecordingSecrets,
  { now = Date.now, qPath = '/q' }: ProgramOptions,
): Promise<Program> {
  const { environment } = simulator
  let isDead = false
  const store = await openStore({ path })
  // A killed program writes nothing more, not even what was under way.
  const living: RecordingSecrets = {
    ...secrets,
    set: (name, value) => (isDead ? new Promise(() => undefined) : secrets.set(name, value)),
    delete: (name) => (isDead ? new Promise(() => undefined) : secrets.delete(name)),
  }
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const client = createUpstreamClient({ proxy: 'none' })
  const options = { userAgent: 'Culvert/test', optOutOfTraining: true, cachePoints: true }
  const userAgent = () => options.userAgent
  const backend = createAmazonQBackend({
    client,
    endpoints: { qBase: `${simulator.url}${qPath}`, kiroRuntimeBase: environment.KIRO_RUNTIME_ENDPOINT },
    now,
  })
  const book = await openAccountBook({ store, secrets: living, now, onError })
  const oidc = createSsoOidc({ client, endpoint: environment.AMAZONQ_TOKEN_ENDPOINT, userAgent, now })
  const kiroAuth = createKiroAuth({ client, endpoint: environment.KIRO_AUTH_ENDPOINT, userAgent, now })
  const refresh = createTokenRefresh({ secrets: living, oidc, kiroAuth, client, userAgent, now })
  const tokens = createTokenService({ book, secrets: living, refresh, now })
  const settings = () => ({ strategy: 'sticky' as const, maxErrorCount: 100 })
  const pool = createAccountPool({ book, settings, now, random: () => 0, onError })
  const details = createAccountDetails({
    book,
    tokens,
    backendFor: () => backend,
    options: () => options,
    now,
    onAccountFailure: (id, error) => pool.failed(id, error, ''),
  })
  const service = createAccountService({ book, secrets: living, tokens, details, now, randomUuid: randomUUID })
  const logins = createLoginService({
    store,
    secrets: living,
    accounts: service,
    oidc,
    kiroAuth,
    callbackPorts: [0],
    now,
    randomUuid: randomUUID,
    randomBytes,
    onError,
  })
  const care = createAccountCare({ book, details, tokens, now, onError })
  const close = async (): Promise<void> => {
    await logins.close()
    await care.close()
    details.close()
    pool.close()
    await book.close()
    await client.close()
    await store.close()
  }
  let closed: Promise<void> | undefined
  return {
    store,
    book,
    tokens,
    pool,
    service,
    logins,
    care,
    backend,
    errors,
    stop: () => (closed ??= close()),
    kill() {
      isDead = true
      // What is in the database is in the database; the rest of an orderly end does not happen.
      closed ??= (async () => {
        // Ends timers and listeners; a write that hangs is not waited for.
        logins.close().catch(() => undefined)
        await client.close()
        await store.close().catch(() => undefined)
      })()
      return closed
    },
  }
}
