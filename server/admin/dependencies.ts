import type { AccountService } from '../accounts/account-service.ts'
import type { FoundLogins } from '../accounts/logins/import-found.ts'
import type { LoginService } from '../accounts/logins/login-service.ts'
import type { TokenService } from '../accounts/tokens.ts'
import type { SecretStore, SecretStoreDescription } from '../secrets/secret-store.ts'
import type { RequestRecord, Store } from '../store/types.ts'
import type { KeyService } from './key-service.ts'
import type { SettingsService } from './settings-service.ts'

/** The accounts as management needs them. All methods reject with ProxyError or StoreError. */
export type AccountsPort = Pick<
  AccountService,
  'list' | 'get' | 'add' | 'update' | 'remove' | 'refreshDetails' | 'subscribe'
>

/** The logins as management needs them. All methods reject with ProxyError or StoreError. */
export type LoginsPort = Pick<
  LoginService,
  'start' | 'get' | 'list' | 'cancel' | 'wait' | 'submitCallbackUrl' | 'subscribe'
>

export interface AccountTest {
  readonly ok: boolean
  readonly latencyMs: number
  readonly model?: string | undefined
  /** The model's answer. */
  readonly text?: string | undefined
  /** A whole sentence. */
  readonly error?: string | undefined
}

/** What the server says of itself. Times are epoch milliseconds. */
export interface ServerFacts {
  readonly version: string
  readonly startedAt: number
  readonly host: string
  /** The port really listened on. */
  readonly port: number
  readonly url: string
  readonly secretStore: SecretStoreDescription
  readonly capabilities: readonly string[]
}

/** All that the management API stands on. */
export interface AdminDependencies {
  readonly accounts: AccountsPort
  readonly tokens: Pick<TokenService, 'renewByHand'>
  readonly logins: LoginsPort
  /** Sign-ins of other programs on this computer; loaded on first use. */
  readonly foundLogins: () => Promise<Pick<FoundLogins, 'list' | 'import'>>
  readonly settings: SettingsService
  readonly keys: KeyService
  readonly requests: RequestLogPort
  /** Read for exports only. */
  readonly secrets: Pick<SecretStore, 'get'>
  /** One real small request on the account; never rejects for the account's own failures. */
  readonly testAccount: (id: string, signal?: AbortSignal) => Promise<AccountTest>
  /** Each request as it is recorded. */
  readonly requestFeed: { subscribe(listener: (record: RequestRecord) => void): () => void }
  readonly server: () => ServerFacts
  readonly now: () => number
  /** For what is our own fault; the caller gets a sentence without details. */
  readonly onError: (error: unknown) => void
  /** Aborted when the server closes: it ends the event streams and the waits. */
  readonly closing: AbortSignal
}

/** The request log as management needs it. */
export type RequestLogPort = Pick<Store['requests'], 'page' | 'stats' | 'statsBy' | 'deleteBefore'>
