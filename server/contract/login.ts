import { z } from 'zod'
import { accountSchema } from './account.ts'
import { idSchema, timeSchema } from './common.ts'

export const loginMethodSchema = z.enum(['builder-id', 'idc', 'social'])

/** How to sign in. Nothing given: an AWS Builder ID. */
export const loginStartSchema = z.strictObject({
  method: loginMethodSchema.nullish().describe('Default: builder-id, or idc when a startUrl is given.'),
  type: z
    .enum(['kiro', 'amazonq'])
    .nullish()
    .describe('Which service the account is for. Default: kiro for social, else amazonq.'),
  label: z.string().max(200).nullish(),
  enabled: z.boolean().nullish().describe('false: the new account is switched off at first.'),
  startUrl: z.url().max(500).nullish().describe('Start URL of IAM Identity Center.'),
  region: z
    .string()
    .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/u, 'expected a region such as us-east-1')
    .nullish(),
  accountId: idSchema.nullish().describe('Sign this account in again instead of adding one.'),
})

/** What a person needs in order to sign in. */
export const loginStartedSchema = z.object({
  authId: idSchema,
  method: loginMethodSchema,
  verificationUri: z.string().nullable(),
  verificationUriComplete: z.string().nullable().describe('The address to open in a browser.'),
  userCode: z.string().nullable().describe('The code to compare; social logins have none.'),
  expiresIn: z.number().describe('Seconds.'),
  interval: z.number().describe('Seconds between two polls.'),
})

export const loginStateSchema = z.enum(['waiting', 'slow-down', 'denied', 'expired', 'cancelled', 'failed', 'done'])

/** A login's progress. `status` has the older projects' words, `state` the exact one. */
export const loginSchema = z.object({
  authId: idSchema,
  method: loginMethodSchema,
  label: z.string().nullable(),
  status: z.enum(['pending', 'completed', 'timeout', 'error']),
  state: loginStateSchema,
  error: z.string().nullable().describe('What went wrong, in a whole sentence.'),
  remaining: z.number().describe('Seconds until the code expires.'),
  expires_at: timeSchema,
  verificationUri: z.string().nullable(),
  verificationUriComplete: z.string().nullable(),
  userCode: z.string().nullable(),
  acceptsCallbackUrl: z.boolean().describe('Whether the address that the browser ended on may be handed in by hand.'),
  accountId: idSchema.nullable(),
})

export type Login = z.infer<typeof loginSchema>

export const loginClaimSchema = z.object({
  status: z.enum(['pending', 'completed', 'timeout', 'error']),
  account: accountSchema.nullable(),
  accountId: idSchema.nullable(),
  error: z.string().nullable(),
})
