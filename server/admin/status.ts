import type { Status } from '../contract/status.ts'
import type { StoredAccount } from '../store/types.ts'
import { isoTime } from './account-view.ts'
import type { AdminDependencies } from './dependencies.ts'
import type { Implementer } from './implementer.ts'

/** What this Culvert is: `Contract['status']`. */
export function implementStatus(
  os: Implementer,
  dependencies: Pick<AdminDependencies, 'accounts' | 'settings' | 'server' | 'now'>,
) {
  const { accounts, settings, server, now } = dependencies
  return os.status.handler((): Status => {
    const facts = server()
    return {
      name: 'Culvert',
      version: facts.version,
      started_at: isoTime(facts.startedAt),
      uptime: Math.max(0, Math.round((now() - facts.startedAt) / 1_000)),
      address: { host: facts.host, port: facts.port, url: facts.url },
      secret_store: { kind: facts.secretStore.kind, sentence: facts.secretStore.sentence },
      capabilities: [...facts.capabilities],
      keys_required: settings.current().keysRequired,
      accounts: countAccounts(accounts.list()),
    }
  })
}

/**
 * How many accounts are in which state. A suspension switches an account off, so those that only the person can help are
 * counted whether they are on or off; of the others, those that are on.
 */
export function countAccounts(accounts: readonly StoredAccount[]): Status['accounts'] {
  const enabled = accounts.filter((account) => account.enabled)
  const count = (status: StoredAccount['status']): number => {
    const needsPerson = status === 'suspended' || status === 'sign-in-needed'
    return (needsPerson ? accounts : enabled).filter((account) => account.status === status).length
  }
  return {
    total: accounts.length,
    enabled: enabled.length,
    ready: count('ready'),
    resting: count('resting'),
    limit_reached: count('limit-reached'),
    suspended: count('suspended'),
    sign_in_needed: count('sign-in-needed'),
  }
}
