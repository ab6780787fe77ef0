import { z } from 'zod'
import { idSchema, queryNumber, timeSchema } from './common.ts'

export const logQuerySchema = z.object({
  limit: queryNumber.int().min(1).max(500).optional().describe('Default: 50.'),
  cursor: z.string().min(1).max(200).optional().describe('The `cursor` of the page before.'),
  accountId: idSchema.optional(),
  keyId: idSchema.optional(),
  status: z.enum(['ok', 'error']).optional(),
})

/** One client request. Durations are milliseconds, token counts whole tokens with the source of the figure. */
export const requestRecordSchema = z.object({
  id: z.string(),
  time: timeSchema,
  dialect: z.string(),
  path: z.string(),
  client: z.string(),
  keyId: z.string().nullable(),
  stream: z.boolean(),
  conversationId: z.string().nullable(),
  requestedModel: z.string(),
  servedModel: z.string().nullable(),
  upstream: z.string().nullable(),
  accountId: z.string().nullable(),
  status: z.int(),
  errorKind: z.string().nullable(),
  errorMessage: z.string().nullable(),
  finishReason: z.string().nullable(),
  attempts: z.array(
    z.object({
      accountId: z.string(),
      startedMs: z.number(),
      durationMs: z.number(),
      errorKind: z.string().optional(),
      upstreamStatus: z.number().optional(),
      message: z.string().optional(),
    }),
  ),
  repairs: z.array(z.object({ rule: z.string(), where: z.string(), detail: z.string().optional() })),
  upstreamRequestId: z.string().nullable(),
  firstEventMs: z.number().nullable(),
  totalMs: z.number(),
  upstreamFirstByteMs: z.number().nullable(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  inputSource: z.string(),
  outputSource: z.string(),
  credits: z.number().nullable(),
})

export type LoggedRequest = z.infer<typeof requestRecordSchema>

export const logPageSchema = z.object({
  records: z.array(requestRecordSchema).describe('Newest first.'),
  cursor: z.string().nullable().describe('For the next page; null: this was the last.'),
})

export const statsQuerySchema = z.object({
  hours: queryNumber.positive().max(87_600).optional().describe('How far back. Default: 24.'),
})

/** Sums over the request log. */
export const statsSchema = z.object({
  requests: z.number(),
  errors: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  credits: z.number(),
})

export const logStatsSchema = statsSchema.extend({ since: timeSchema })

export const logCleanupSchema = z.strictObject({
  days: z
    .number()
    .min(0)
    .max(3_650)
    .optional()
    .describe('Keep so many days. Default: the setting requestLogDays; 0: keep nothing.'),
})
