import { implementAccounts } from './accounts.ts'
import { implementApiKeys } from './api-keys.ts'
import { implementAuth } from './auth.ts'
import type { AdminDependencies } from './dependencies.ts'
import { implementEvents } from './events.ts'
import { createImplementer } from './implementer.ts'
import { implementLogs } from './logs.ts'
import { implementSettings } from './settings.ts'
import { implementStats } from './stats.ts'
import { implementStatus } from './status.ts'

/** The contract, implemented. The same router serves every carrier. */
export function createManagementRouter(dependencies: AdminDependencies) {
  const os = createImplementer(dependencies)
  return os.router({
    accounts: implementAccounts(os, dependencies),
    auth: implementAuth(os, dependencies),
    settings: implementSettings(os, dependencies),
    logs: implementLogs(os, dependencies),
    apiKeys: implementApiKeys(os, dependencies),
    stats: implementStats(os, dependencies),
    status: implementStatus(os, dependencies),
    events: implementEvents(os, dependencies),
  })
}

export type ManagementRouter = ReturnType<typeof createManagementRouter>
