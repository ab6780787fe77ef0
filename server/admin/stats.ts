import type { RequestStats } from '../store/types.ts'
import { isoTime, isoTimeOrNull } from './account-view.ts'
import type { AdminDependencies } from './dependencies.ts'
import type { Implementer } from './implementer.ts'
import { sinceHours } from './logs.ts'

const nothing: RequestStats = { requests: 0, errors: 0, inputTokens: 0, outputTokens: 0, credits: 0 }

/** Sums by account and by key: `Contract['stats']`. */
export function implementStats(
  os: Implementer,
  dependencies: Pick<AdminDependencies, 'accounts' | 'keys' | 'requests' | 'now'>,
) {
  const { accounts, keys, requests, now } = dependencies
  return {
    accounts: os.stats.accounts.handler(async ({ input }) => {
      const since = sinceHours(input.hours, now())
      const sums = await requests.statsBy('account', since)
      const list = accounts.list().map((account) => ({
        ...(sums.get(account.id) ?? nothing),
        id: account.id,
        label: account.label,
        enabled: account.enabled,
        status: account.status,
        success_count: account.successCount,
        error_count: account.errorCount,
        last_used_at: isoTimeOrNull(account.lastUsedAt),
      }))
      return { since: isoTime(since), accounts: list }
    }),
    apiKeys: os.stats.apiKeys.handler(async ({ input }) => {
      const since = sinceHours(input.hours, now())
      const sums = await requests.statsBy('key', since)
      const list = keys.list().map(({ id, name, lastUsedAt }) => ({
        ...(sums.get(id) ?? nothing),
        id,
        name,
        last_used_at: isoTimeOrNull(lastUsedAt),
      }))
      return { since: isoTime(since), keys: list }
    }),
  }
}
