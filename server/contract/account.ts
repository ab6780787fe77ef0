import { z } from 'zod'
import { idSchema, jsonSchema, proxySchema, timeSchema } from './common.ts'

export const accountTypeSchema = z.enum(['kiro', 'amazonq', 'gemini', 'openai', 'anthropic'])

export const authMethodSchema = z.enum(['builder-id', 'idc', 'social', 'external-idp', 'api-key'])

const otherBytesLimit = 16_384

/** A person's own options for one account. Unknown members are kept: the older projects put notes of their own here. */
export const accountOtherSchema = z
  .object({
    region: z.string().max(40).optional().describe('Region of the login, e.g. us-east-1.'),
    startUrl: z.url().max(500).optional().describe('Start URL of IAM Identity Center.'),
    project: z.string().max(200).optional(),
    api_endpoint: z.url().max(500).optional(),
    baseUrl: z.url().max(500).optional(),
    apiKey: z.string().min(1).max(1_000).optional().describe('Kept sealed; never comes back.'),
    proxy: z
      .union([z.literal(''), proxySchema])
      .optional()
      .describe('http, https or socks5 URL for this account only. Its password is kept sealed and shown as ***.'),
    rpm: z.int().min(0).max(1_000_000).optional().describe('Requests per minute at most; 0: no limit.'),
    priority: z.int().min(-1_000).max(1_000).optional(),
    models: z.array(z.string().min(1).max(200)).max(500).optional().describe('Only these models.'),
  })
  .catchall(jsonSchema)
  .refine((other) => JSON.stringify(other).length <= otherBytesLimit, 'expected at most 16 KB')

const secretText = z.string().min(1).max(20_000)
const labelSchema = z.string().max(200)

/**
 * What an account is made of. `null` counts as absent, as the older projects' clients send it. Which credentials belong
 * together is the accounts' own business: they refuse what can't sign in.
 */
export const accountInputSchema = z.strictObject({
  label: labelSchema.nullish(),
  type: accountTypeSchema.nullish().describe('Default: amazonq.'),
  authMethod: authMethodSchema.nullish().describe('How it signed in. Default: told from the credentials.'),
  clientId: z.string().min(1).max(1_000).nullish(),
  clientSecret: secretText.nullish(),
  refreshToken: secretText.nullish(),
  accessToken: secretText.nullish(),
  profileArn: z.string().min(1).max(500).nullish(),
  enabled: z.boolean().nullish().describe('Default: true.'),
  other: accountOtherSchema.nullish(),
})

export type AccountInput = z.infer<typeof accountInputSchema>

export const accountChangeSchema = accountInputSchema.omit({ type: true, authMethod: true })

export type AccountChange = z.infer<typeof accountChangeSchema>

export const quotaBucketSchema = z.object({
  kind: z.enum(['base', 'trial', 'bonus', 'overage']),
  name: z.string(),
  unit: z.string(),
  used: z.number(),
  limit: z.number(),
  expires_at: timeSchema.nullable(),
})

/** An account's allowance as the provider last told it. */
export const quotaSchema = z.object({
  plan: z.string().nullable(),
  buckets: z.array(quotaBucketSchema),
  resets_at: timeSchema.nullable(),
  fetched_at: timeSchema,
  age: z.number().describe('Seconds since it was fetched.'),
  source: z.literal('provider').describe('Whose figures these are: told by the provider, never counted by Culvert.'),
})

export const accountStatusSchema = z.enum(['ready', 'resting', 'limit-reached', 'suspended', 'sign-in-needed'])

/** An account as it is read back. No secret is ever in it. */
export const accountSchema = z.object({
  id: idSchema,
  label: z.string(),
  type: z.string(),
  authMethod: z.string().describe('How it signed in: builder-id, idc, social, external-idp, api-key.'),
  enabled: z.boolean(),
  status: accountStatusSchema,
  status_reason: z.string().nullable(),
  status_since: timeSchema,
  rests_until: timeSchema.nullable(),
  profileArn: z.string().nullable(),
  region: z.string().describe('Region of the service that answers.'),
  email: z.string().nullable(),
  plan: z.string().nullable(),
  quota: quotaSchema.nullable(),
  models: z.array(z.string()).describe('Ids of the models that it offers; empty until they were fetched.'),
  other: z.record(z.string(), jsonSchema),
  expires_at: timeSchema.nullable().describe('When the access token expires.'),
  last_refresh_time: timeSchema.nullable(),
  last_refresh_status: z.string().describe('never, success, or what went wrong.'),
  last_used_at: timeSchema.nullable(),
  error_count: z.int().min(0),
  success_count: z.int().min(0),
  created_at: timeSchema,
  updated_at: timeSchema,
})

export type Account = z.infer<typeof accountSchema>

/** The answer of a real small request on one account. */
export const accountTestSchema = z.object({
  ok: z.boolean(),
  latencyMs: z.number(),
  model: z.string().nullable(),
  text: z.string().nullable(),
  error: z.string().nullable(),
})
