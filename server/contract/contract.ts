import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { managementEventSchema, topicSchema } from './event.ts'
import { accountsContract } from './procedures/accounts.ts'
import { apiKeysContract } from './procedures/api-keys.ts'
import { authContract } from './procedures/auth.ts'
import { base } from './procedures/base.ts'
import { logsContract } from './procedures/logs.ts'
import { settingsContract } from './procedures/settings.ts'
import { statsContract } from './procedures/stats.ts'
import { statusSchema } from './status.ts'

const eventsInput = z.object({
  topics: z
    .string()
    .regex(/^[a-z-]+(?:,[a-z-]+)*$/u, 'expected names with commas between them')
    .max(100)
    .optional()
    .describe(`Only these, with commas between them: ${topicSchema.options.join(', ')}. Default: all.`),
})

/**
 * Everything that a screen or a script may ask of the server. Every procedure has a name, a REST route, and schemas
 * for what goes in and out; no secret goes out, except a key when it is made and an export that was asked for.
 */
export const contract = {
  accounts: accountsContract,
  auth: authContract,
  settings: settingsContract,
  logs: logsContract,
  apiKeys: apiKeysContract,
  stats: statsContract,
  status: base
    .route({ method: 'GET', path: '/v2/status', tags: ['Status'], summary: 'Version, address, capabilities' })
    .output(statusSchema),
  events: base
    .route({
      method: 'GET',
      path: '/v2/events',
      tags: ['Live data'],
      summary: 'What happens, as it happens (server-sent events)',
    })
    .input(eventsInput)
    .output(eventIterator(managementEventSchema)),
}

export type Contract = typeof contract
