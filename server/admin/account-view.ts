import { maskProxy } from '../accounts/proxy-credentials.ts'
import type { JsonObject, JsonValue } from '../canonical/json.ts'
import type { Account } from '../contract/account.ts'
import type { StoredAccount } from '../store/types.ts'
import { isJsonObject } from './json-object.ts'

const secretNamePattern = /(?:secret|token|password|passphrase|api_?key|credential|cookie|authorization)s?$/iu

/** The account as it is read back: times as ISO 8601, and nothing that could be a secret. `now` is epoch milliseconds. */
export function viewAccount(account: StoredAccount, now: number): Account {
  return {
    id: account.id,
    label: account.label,
    type: account.type,
    authMethod: account.authMethod,
    enabled: account.enabled,
    status: account.status,
    status_reason: account.statusReason,
    status_since: isoTime(account.statusSince),
    rests_until: isoTimeOrNull(account.restsUntil),
    profileArn: account.profileArn,
    region: account.apiRegion,
    email: account.email,
    plan: account.plan,
    quota: viewQuota(account.quota, now),
    models: modelIds(account.models),
    other: viewOther(account.other),
    expires_at: isoTimeOrNull(account.accessTokenExpiresAt),
    last_refresh_time: isoTimeOrNull(account.lastRefreshTime),
    last_refresh_status: account.lastRefreshStatus ?? 'never',
    last_used_at: isoTimeOrNull(account.lastUsedAt),
    error_count: account.errorCount,
    success_count: account.successCount,
    created_at: isoTime(account.createdAt),
    updated_at: isoTime(account.updatedAt),
  }
}

/** A person's options without what the older projects' users may have left in them: passwords, tokens, keys. */
export function viewOther(other: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(other).flatMap(([name, value]): [string, JsonValue][] => {
      if (isSecretName(name)) return []
      return [[name, withoutSecrets(value)]]
    }),
  )
}

/** Whether a member of `other` by its name holds a secret. */
export function isSecretName(name: string): boolean {
  return secretNamePattern.test(name)
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

export function isoTimeOrNull(milliseconds: number | null | undefined): string | null {
  return milliseconds === null || milliseconds === undefined ? null : isoTime(milliseconds)
}

/** A value without what by its name or form is a secret. */
export function withoutSecrets(value: JsonValue): JsonValue {
  if (typeof value === 'string') return maskProxy(value)
  if (isJsonObject(value)) return viewOther(value)
  return Array.isArray(value) ? value.map(withoutSecrets) : value
}

/** What the provider told was stored as it came from us; a row of an older version may lack a part. */
function viewQuota(quota: JsonValue | null, now: number): Account['quota'] {
  if (!isJsonObject(quota) || typeof quota['fetchedAt'] !== 'number') return null
  const buckets = Array.isArray(quota['buckets']) ? quota['buckets'] : []
  return {
    plan: textOrNull(quota['plan']),
    buckets: buckets.flatMap((bucket: JsonValue) => (isJsonObject(bucket) ? [viewBucket(bucket)] : [])),
    resets_at: isoTimeOrNull(numberOrNull(quota['resetsAt'])),
    fetched_at: isoTime(quota['fetchedAt']),
    age: Math.max(0, Math.round((now - quota['fetchedAt']) / 1_000)),
    source: 'provider',
  }
}

function viewBucket(bucket: JsonObject): NonNullable<Account['quota']>['buckets'][number] {
  const kinds = ['base', 'trial', 'bonus', 'overage'] as const
  return {
    kind: kinds.find((kind) => kind === bucket['kind']) ?? 'base',
    name: textOrNull(bucket['name']) ?? '',
    unit: textOrNull(bucket['unit']) ?? '',
    used: numberOrNull(bucket['used']) ?? 0,
    limit: numberOrNull(bucket['limit']) ?? 0,
    expires_at: isoTimeOrNull(numberOrNull(bucket['expiresAt'])),
  }
}

function modelIds(models: JsonValue | null): string[] {
  if (!Array.isArray(models)) return []
  return models.flatMap((model: JsonValue) => {
    const id = isJsonObject(model) ? model['id'] : model
    return typeof id === 'string' ? [id] : []
  })
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function numberOrNull(value: JsonValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}
