import { z } from 'zod'
import { accountStatusSchema } from '../account.ts'
import { idSchema, timeSchema } from '../common.ts'
import { statsQuerySchema, statsSchema } from '../request-log.ts'
import { base } from './base.ts'

const tags = ['Statistics']

const accountStats = statsSchema.extend({
  id: idSchema,
  label: z.string(),
  enabled: z.boolean(),
  status: accountStatusSchema,
  success_count: z.int().min(0).describe('Since the account was added.'),
  error_count: z.int().min(0).describe('Since the account was added.'),
  last_used_at: timeSchema.nullable(),
})

const keyStats = statsSchema.extend({ id: idSchema, name: z.string(), last_used_at: timeSchema.nullable() })

export const statsContract = {
  accounts: base
    .route({ method: 'GET', path: '/v2/stats/accounts', tags, summary: 'Sums by account' })
    .input(statsQuerySchema)
    .output(z.object({ since: timeSchema, accounts: z.array(accountStats) })),
  apiKeys: base
    .route({ method: 'GET', path: '/v2/stats/api-keys', tags, summary: 'Sums by client key' })
    .input(statsQuerySchema)
    .output(z.object({ since: timeSchema, keys: z.array(keyStats) })),
}
