import { z } from 'zod'
import { timeSchema } from './common.ts'

/** What this Culvert is, where it listens and what it can do. */
export const statusSchema = z.object({
  name: z.literal('Culvert'),
  version: z.string(),
  started_at: timeSchema,
  uptime: z.number().describe('Seconds.'),
  address: z.object({ host: z.string(), port: z.int().min(0), url: z.string() }),
  secret_store: z.object({ kind: z.enum(['keychain', 'vault', 'memory']), sentence: z.string() }),
  capabilities: z.array(z.string()).describe('What works here; the screens show nothing else.'),
  keys_required: z.boolean(),
  accounts: z.object({
    total: z.int().min(0),
    enabled: z.int().min(0),
    ready: z.int().min(0).describe('Enabled and usable now.'),
    resting: z.int().min(0),
    limit_reached: z.int().min(0),
    suspended: z.int().min(0),
    sign_in_needed: z.int().min(0),
  }),
})

export type Status = z.infer<typeof statusSchema>
