import type { AccountService } from '../accounts/account-service.ts'
import type { TokenService } from '../accounts/tokens.ts'
import type { SecretStore, SecretStoreDescription } from '../secrets/secret-store.ts'
import type { LoginStatus, RequestRecord, RequestStats, Store } from '../store/types.ts'
import type { KeyService } from './key-service.ts'
import type { SettingsService } from './settings-service.ts'

/** The accounts as management needs them. All methods reject with ProxyError or StoreError. */
export type AccountsPort = Pick<
  AccountService,
  'list' | 'get' | 'add' | 'update' | 'remove' | 'refreshDetails' | 'subscribe'
>

/** A login as it may be shown. Times are epoch milliseconds. */
export interface LoginState {
  readonly id: string
  readonly kind: 'builder-id' | 'idc' | 'social'
  readonly label: string
  readonly status: LoginStatus
  readonly statusReason: string | null
  readonly userCode: string | null
  readonly verificationUri: string | null
  readonly verificationUriComplete: string | null
  readonly intervalMs: number
  readonly expiresAt: number
  readonly accountId: string | null
}

export interface LoginRequest {
  readonly kind: LoginState['kind']
  readonly accountType?: 'kiro' | 'amazonq'
  readonly label?: string
  readonly startUrl?: string
  readonly region?: string
  readonly targetAccountId?: string
}

/** The logins as management needs them. All methods reject with ProxyError or StoreError. */
export interface LoginsPort {
  start(request: LoginRequest): Promise<LoginState>
  get(id: string): LoginState | undefined
  list(): readonly LoginState[]
  cancel(id: string): Promise<LoginState>
  /** Resolves when the login has ended or the time is over, with its state then. */
  wait(id: string, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<LoginState>
  submitCallbackUrl(id: string, url: string): Promise<LoginState>
  subscribe(listener: (login: LoginState) => void): () => void
}

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
  readonly tokens: Pick<TokenService, 'fresh' | 'renew'>
  readonly logins: LoginsPort
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
export type RequestLogPort = Pick<Store['requests'], 'page' | 'stats' | 'deleteBefore'> & {
  /** Sums by account or by key since a time, under their ids. */
  statsBy(group: 'account' | 'key', sinceMs: number): Promise<ReadonlyMap<string, RequestStats>>
}
