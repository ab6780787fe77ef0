import type { Schema } from './migration.ts'

/** Accounts, logins, keys, settings, the request log with its hourly sums, and token calibration. */
export function up(schema: Schema): void {
  for (const [table, columns] of Object.entries(tablesOf(schema))) {
    schema.run(`create table ${schema.name(table)} (${columns.join(', ')}) ${schema.tableOptions}`)
  }
  for (const [index, table, columns] of indices) {
    const names = columns.map((column) => schema.name(column)).join(', ')
    schema.run(`create index ${schema.name(index)} on ${schema.name(table)} (${names})`)
  }
}

function tablesOf(schema: Schema): Readonly<Record<string, readonly string[]>> {
  const { name, key, text, integer, real } = schema
  const id = `${name('id')} ${key} not null primary key`
  const required = (type: string, ...columns: readonly string[]): readonly string[] =>
    columns.map((column) => `${name(column)} ${type} not null`)
  const optional = (type: string, ...columns: readonly string[]): readonly string[] =>
    columns.map((column) => `${name(column)} ${type}`)
  return {
    accounts: [
      id,
      ...required(text, 'label', 'type', 'authMethod', 'status', 'apiRegion', 'other'),
      ...required(integer, 'enabled', 'statusSince', 'consecutiveFailures', 'errorCount', 'successCount'),
      ...required(integer, 'createdAt', 'updatedAt'),
      ...optional(text, 'statusReason', 'clientId', 'ssoRegion', 'startUrl', 'profileArn', 'email', 'plan'),
      ...optional(text, 'quota', 'models', 'lastRefreshStatus'),
      ...optional(integer, 'restsUntil', 'clientSecretExpiresAt', 'accessTokenExpiresAt', 'modelsFetchedAt'),
      ...optional(integer, 'lastRefreshTime', 'lastUsedAt'),
    ],
    logins: [
      id,
      ...required(text, 'kind', 'accountType', 'label', 'status'),
      ...required(integer, 'intervalMs', 'expiresAt', 'createdAt'),
      ...optional(text, 'statusReason', 'clientId', 'ssoRegion', 'startUrl', 'userCode', 'verificationUri'),
      ...optional(text, 'verificationUriComplete', 'accountId', 'targetAccountId'),
      ...optional(integer, 'clientSecretExpiresAt'),
    ],
    keys: [
      id,
      ...required(text, 'name', 'prefix'),
      `${name('hash')} ${key} not null unique`,
      ...required(integer, 'enabled', 'createdAt', 'updatedAt'),
      ...optional(integer, 'expiresAt', 'lastUsedAt'),
    ],
    settings: [`${name('name')} ${key} not null primary key`, ...required(text, 'value')],
    calibration: [
      `${name('model')} ${key} not null primary key`,
      ...required(real, 'factor'),
      ...required(integer, 'samples'),
    ],
    requests: [
      id,
      ...required(integer, 'time', 'stream', 'status', 'failed'),
      ...required(text, 'dialect', 'path', 'client', 'requestedModel', 'attempts', 'repairs'),
      ...required(text, 'inputSource', 'outputSource'),
      ...required(real, 'totalMs'),
      ...required(integer, 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'),
      ...optional(key, 'keyId', 'accountId'),
      ...optional(text, 'conversationId', 'servedModel', 'upstream', 'errorKind', 'errorMessage', 'finishReason'),
      ...optional(text, 'upstreamRequestId'),
      ...optional(real, 'firstEventMs', 'upstreamFirstByteMs', 'credits'),
    ],
    requestHours: [
      ...required(integer, 'hour'),
      ...required(key, 'model', 'accountId', 'keyId'),
      ...required(integer, 'requests', 'errors', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'),
      ...required(real, 'credits'),
      `primary key (${['hour', 'model', 'accountId', 'keyId'].map(name).join(', ')})`,
    ],
  }
}

/** Each ends in (time, id), the order of the log's pages, so that every filter has its page in one index range. */
const indices: readonly (readonly [string, string, readonly string[]])[] = [
  ['requestsByTime', 'requests', ['time', 'id']],
  ['requestsByAccount', 'requests', ['accountId', 'time', 'id']],
  ['requestsByKey', 'requests', ['keyId', 'time', 'id']],
  ['requestsByOutcome', 'requests', ['failed', 'time', 'id']],
]
