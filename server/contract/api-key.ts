import { z } from 'zod'
import { idSchema, timeSchema } from './common.ts'

const nameSchema = z.string().trim().min(1).max(100)
const expirySchema = z.iso.datetime({ offset: true }).nullish().describe('null or absent: never.')

export const apiKeyCreateSchema = z.strictObject({ name: nameSchema, expires_at: expirySchema })

export const apiKeyChangeSchema = z.strictObject({
  id: idSchema,
  name: nameSchema.optional(),
  enabled: z.boolean().optional(),
  expires_at: expirySchema,
})

/** A client key, without the key itself. */
export const apiKeySchema = z.object({
  id: idSchema,
  name: z.string(),
  prefix: z.string().describe('Its first characters; empty for short keys of the environment.'),
  source: z.enum(['store', 'environment']),
  local: z.boolean().describe('The key that clients on this computer are set up with.'),
  enabled: z.boolean(),
  revoked: z.boolean(),
  expires_at: timeSchema.nullable(),
  last_used_at: timeSchema.nullable(),
  created_at: timeSchema.nullable(),
  updated_at: timeSchema.nullable(),
})

export type ApiKey = z.infer<typeof apiKeySchema>

/** A key just made: the only time that it is shown. */
export const apiKeyCreatedSchema = apiKeySchema.extend({
  key: z.string().describe('Copy it now: it is not shown again.'),
})
