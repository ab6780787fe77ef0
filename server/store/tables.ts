import type { RequestRecord, StoredAccount, StoredApiKey, StoredLogin } from './types.ts'

/**
 * What a row of each table looks like. Columns bear the names of the fields they keep, so a row differs from its
 * record only where SQL lacks the type: booleans are 0 or 1, JSON is text.
 */
export interface Tables {
  readonly accounts: AccountRow
  readonly logins: StoredLogin
  readonly keys: KeyRow
  readonly settings: SettingRow
  readonly requests: RequestRow
  readonly requestHours: RequestHourRow
  readonly calibration: CalibrationRow
}

export type TableName = keyof Tables

export type AccountRow = Omit<StoredAccount, 'enabled' | 'quota' | 'models' | 'other'> & {
  readonly enabled: number
  readonly quota: string | null
  readonly models: string | null
  readonly other: string
}

export type KeyRow = Omit<StoredApiKey, 'enabled'> & { readonly enabled: number }

export interface SettingRow {
  readonly name: string
  readonly value: string
}

export interface CalibrationRow {
  readonly model: string
  readonly factor: number
  readonly samples: number
}

export type RequestRow = Omit<RequestRecord, 'stream' | 'attempts' | 'repairs'> & {
  readonly stream: number
  readonly attempts: string
  readonly repairs: string
  /** 1 when the client got an error, whether by its status or in the middle of a stream. */
  readonly failed: number
}

/** Sums of one hour for one model, account and key; '' stands for "none", since a key column can't be null. */
export interface RequestHourRow {
  /** Start of the hour, epoch milliseconds. */
  readonly hour: number
  readonly model: string
  readonly accountId: string
  readonly keyId: string
  readonly requests: number
  readonly errors: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly credits: number
}

/** How a column's values are kept; `key` is text short enough to be in an index. */
export type ColumnType = 'key' | 'text' | 'integer' | 'real'

/**
 * All columns of all tables as the newest schema has them. Only these are ever written, whatever else an object
 * that is handed to the store may carry.
 */
export const columnTypes: { readonly [Name in TableName]: { readonly [Column in keyof Tables[Name]]: ColumnType } } = {
  accounts: {
    id: 'key',
    label: 'text',
    type: 'text',
    authMethod: 'text',
    enabled: 'integer',
    status: 'text',
    statusReason: 'text',
    restsUntil: 'integer',
    statusSince: 'integer',
    consecutiveFailures: 'integer',
    clientId: 'text',
    clientSecretExpiresAt: 'integer',
    ssoRegion: 'text',
    startUrl: 'text',
    apiRegion: 'text',
    profileArn: 'text',
    accessTokenExpiresAt: 'integer',
    email: 'text',
    plan: 'text',
    quota: 'text',
    models: 'text',
    modelsFetchedAt: 'integer',
    other: 'text',
    lastRefreshTime: 'integer',
    lastRefreshStatus: 'text',
    lastUsedAt: 'integer',
    errorCount: 'integer',
    successCount: 'integer',
    createdAt: 'integer',
    updatedAt: 'integer',
  },
  logins: {
    id: 'key',
    kind: 'text',
    accountType: 'text',
    label: 'text',
    status: 'text',
    statusReason: 'text',
    clientId: 'text',
    clientSecretExpiresAt: 'integer',
    ssoRegion: 'text',
    startUrl: 'text',
    userCode: 'text',
    verificationUri: 'text',
    verificationUriComplete: 'text',
    intervalMs: 'integer',
    expiresAt: 'integer',
    accountId: 'text',
    targetAccountId: 'text',
    createdAt: 'integer',
  },
  keys: {
    id: 'key',
    name: 'text',
    prefix: 'text',
    hash: 'key',
    enabled: 'integer',
    expiresAt: 'integer',
    lastUsedAt: 'integer',
    createdAt: 'integer',
    updatedAt: 'integer',
  },
  settings: { name: 'key', value: 'text' },
  requests: {
    id: 'key',
    time: 'integer',
    dialect: 'text',
    path: 'text',
    client: 'text',
    keyId: 'key',
    stream: 'integer',
    conversationId: 'text',
    requestedModel: 'text',
    servedModel: 'text',
    upstream: 'text',
    accountId: 'key',
    status: 'integer',
    failed: 'integer',
    errorKind: 'text',
    errorMessage: 'text',
    finishReason: 'text',
    attempts: 'text',
    repairs: 'text',
    upstreamRequestId: 'text',
    firstEventMs: 'real',
    totalMs: 'real',
    upstreamFirstByteMs: 'real',
    inputTokens: 'integer',
    outputTokens: 'integer',
    cacheReadTokens: 'integer',
    cacheWriteTokens: 'integer',
    inputSource: 'text',
    outputSource: 'text',
    credits: 'real',
  },
  requestHours: {
    hour: 'integer',
    model: 'key',
    accountId: 'key',
    keyId: 'key',
    requests: 'integer',
    errors: 'integer',
    inputTokens: 'integer',
    outputTokens: 'integer',
    cacheReadTokens: 'integer',
    cacheWriteTokens: 'integer',
    credits: 'real',
  },
  calibration: { model: 'key', factor: 'real', samples: 'integer' },
}

/** What a column may hold. */
export type ColumnValue = string | number | null

/** The names of a table's columns, always in the same order. */
export function columnsOf<Name extends TableName>(table: Name): readonly (keyof Tables[Name] & string)[] {
  return Object.keys(columnTypes[table]) as (keyof Tables[Name] & string)[]
}

/**
 * A value as its column can keep it. A fraction in an integer column is rounded and NaN becomes 0, because one odd
 * number must not keep a whole batch of the log from being written.
 */
export function toColumnValue(type: ColumnType, value: unknown): ColumnValue {
  if (typeof value === 'string') return value
  if (typeof value !== 'number') return null
  if (!Number.isFinite(value)) return 0
  return type === 'integer' ? Math.round(value) : value
}

/** The part of `change` that the table has columns for, with values as they keep them; what is undefined is left out. */
export function toColumnValues<Name extends TableName>(
  table: Name,
  change: Partial<Tables[Name]>,
): Record<string, ColumnValue> {
  const values: Record<string, ColumnValue> = {}
  for (const column of columnsOf(table)) {
    const value = change[column]
    if (value !== undefined) values[column] = toColumnValue(columnTypes[table][column], value)
  }
  return values
}
