import { z } from 'zod'
import { accountSchema } from './account.ts'
import { idSchema } from './common.ts'
import { loginSchema } from './login.ts'
import { requestRecordSchema } from './request-log.ts'

export const topicSchema = z.enum(['accounts', 'logins', 'requests', 'settings', 'api-keys'])

export type Topic = z.infer<typeof topicSchema>

/** Live data, as it happens. */
export const managementEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('account-changed'), account: accountSchema }),
  z.object({ type: z.literal('account-removed'), id: idSchema }),
  z.object({ type: z.literal('login-changed'), login: loginSchema }),
  z.object({ type: z.literal('request'), request: requestRecordSchema }),
  z.object({ type: z.literal('settings-changed'), names: z.array(z.string()) }),
  z.object({ type: z.literal('api-keys-changed') }),
  z.object({
    type: z.literal('lost'),
    count: z.int().describe('So many events were dropped because the reader was too slow: read the lists again.'),
  }),
])

export type ManagementEvent = z.infer<typeof managementEventSchema>
