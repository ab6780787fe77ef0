import type { JsonObject, JsonValue } from '../canonical/json.ts'

/**
 * What the store keeps, as the rest of the program sees it. Times are epoch milliseconds, durations milliseconds,
 * ids UUIDs. No secret is ever among these fields.
 */
export interface StoredAccount {
  readonly id: string
  readonly label: string
  readonly type: string
  readonly authMethod: string
  readonly enabled: boolean
  readonly status: AccountStatus
  /** Why the status is what it is, in words for a person. */
  readonly statusReason: string | null
  /** Until when the account rests (`resting`) or its limit resets (`limit-reached`). */
  readonly restsUntil: number | null
  /** Since when the status holds. */
  readonly statusSince: number
  /** Failures in a row that made it rest; drives the growing pause. */
  readonly consecutiveFailures: number
  readonly clientId: string | null
  readonly clientSecretExpiresAt: number | null
  /** Region of the login (SSO-OIDC). */
  readonly ssoRegion: string | null
  readonly startUrl: string | null
  readonly apiRegion: string
  readonly profileArn: string | null
  readonly accessTokenExpiresAt: number | null
  readonly email: string | null
  readonly plan: string | null
  readonly quota: JsonValue | null
  readonly models: JsonValue | null
  readonly modelsFetchedAt: number | null
  /**
   * The person's own per-account options (promises.md §2 `other`), free of secrets: in the database `proxy` is without
   * its password; only the account book has it whole.
   */
  readonly other: JsonObject
  readonly lastRefreshTime: number | null
  readonly lastRefreshStatus: string | null
  readonly lastUsedAt: number | null
  readonly errorCount: number
  readonly successCount: number
  readonly createdAt: number
  readonly updatedAt: number
}

/**
 * `ready`: may be used · `resting`: throttled, until `restsUntil` · `limit-reached`: allowance used up, until
 * `restsUntil` · `suspended`: locked by the provider, never retried · `sign-in-needed`: the refresh token is dead.
 */
export type AccountStatus = 'ready' | 'resting' | 'limit-reached' | 'suspended' | 'sign-in-needed'

/** A login in progress, so that it survives a restart. Its device code and verifier are in the SecretStore. */
export interface StoredLogin {
  readonly id: string
  readonly kind: 'builder-id' | 'idc' | 'social'
  readonly accountType: string
  readonly label: string
  readonly status: LoginStatus
  readonly statusReason: string | null
  readonly clientId: string | null
  readonly clientSecretExpiresAt: number | null
  readonly ssoRegion: string | null
  readonly startUrl: string | null
  readonly userCode: string | null
  readonly verificationUri: string | null
  readonly verificationUriComplete: string | null
  readonly intervalMs: number
  readonly expiresAt: number
  /** Set when done. */
  readonly accountId: string | null
  /** Re-login in place: the account that gets the new tokens. */
  readonly targetAccountId: string | null
  readonly createdAt: number
}

export type LoginStatus = 'waiting' | 'slow-down' | 'denied' | 'expired' | 'cancelled' | 'failed' | 'done'

export interface StoredApiKey {
  readonly id: string
  readonly name: string
  /** First characters of the key, enough to recognise it by. */
  readonly prefix: string
  /** SHA-256 of the key, hex. The key has 256 bits of its own entropy, so a fast hash is enough. */
  readonly hash: string
  readonly enabled: boolean
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** One attempt at an upstream for a request. */
export interface AttemptRecord {
  readonly accountId: string
  readonly startedMs: number
  readonly durationMs: number
  /** Absent: this attempt served the request. */
  readonly errorKind?: string
  readonly upstreamStatus?: number
  readonly message?: string
}

/** One record per client request, written in batches. Durations in milliseconds with fractions. */
export interface RequestRecord {
  /** Best a UUID of version 7: ids that grow with time cost the log's index a third of what random ones do. */
  readonly id: string
  readonly time: number
  readonly dialect: string
  readonly path: string
  readonly client: string
  readonly keyId: string | null
  readonly stream: boolean
  readonly conversationId: string | null
  readonly requestedModel: string
  readonly servedModel: string | null
  readonly upstream: string | null
  readonly accountId: string | null
  /** HTTP status that the client got. */
  readonly status: number
  readonly errorKind: string | null
  readonly errorMessage: string | null
  readonly finishReason: string | null
  readonly attempts: readonly AttemptRecord[]
  readonly repairs: readonly { readonly rule: string; readonly where: string; readonly detail?: string }[]
  readonly upstreamRequestId: string | null
  /** Received → first byte to the client. */
  readonly firstEventMs: number | null
  readonly totalMs: number
  /** Of `firstEventMs`, the part spent waiting for upstreams. */
  readonly upstreamFirstByteMs: number | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly inputSource: string
  readonly outputSource: string
  readonly credits: number | null
}

/** The store as the rest of the program uses it: one repository a table. All methods reject with `StoreError` only. */
export interface Store {
  readonly accounts: {
    list(): Promise<readonly StoredAccount[]>
    insert(account: StoredAccount): Promise<void>
    /** Changes the named fields and `updatedAt`. */
    update(id: string, change: Partial<Omit<StoredAccount, 'id'>>): Promise<void>
    delete(id: string): Promise<void>
  }
  readonly logins: {
    list(): Promise<readonly StoredLogin[]>
    put(login: StoredLogin): Promise<void>
    delete(id: string): Promise<void>
  }
  readonly keys: {
    list(): Promise<readonly StoredApiKey[]>
    insert(key: StoredApiKey): Promise<void>
    update(id: string, change: Partial<Omit<StoredApiKey, 'id'>>): Promise<void>
    delete(id: string): Promise<void>
  }
  readonly settings: {
    /** All settings that were ever set, by name. */
    all(): Promise<ReadonlyMap<string, JsonValue>>
    set(entries: ReadonlyMap<string, JsonValue>): Promise<void>
  }
  readonly requests: {
    /** Writes many records in one transaction. */
    insertMany(records: readonly RequestRecord[]): Promise<void>
    /** Newest first; `before` is the `cursor` of the last page. */
    page(query: RequestQuery): Promise<{ readonly records: readonly RequestRecord[]; readonly cursor: string | null }>
    get(id: string): Promise<RequestRecord | undefined>
    /** Sums since then, from the hourly sums: the hour that `sinceMs` (epoch) lies in counts whole. */
    stats(sinceMs: number): Promise<RequestStats>
    /** The same by account or by key, under their ids; requests without one are left out. */
    statsBy(group: 'account' | 'key', sinceMs: number): Promise<ReadonlyMap<string, RequestStats>>
    /** Removes records older than `beforeMs`; returns how many. */
    deleteBefore(beforeMs: number): Promise<number>
  }
  /** Calibration factors of the token estimate by model id. */
  readonly calibration: {
    all(): Promise<ReadonlyMap<string, { readonly factor: number; readonly samples: number }>>
    put(model: string, factor: number, samples: number): Promise<void>
  }
  close(): Promise<void>
}

export interface RequestQuery {
  /** 1–500. */
  readonly limit: number
  readonly before?: string
  readonly accountId?: string
  readonly keyId?: string
  readonly status?: 'ok' | 'error'
}

export interface RequestStats {
  readonly requests: number
  readonly errors: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly credits: number
}

/** The database can't do what was asked (locked, full, damaged). The message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}
