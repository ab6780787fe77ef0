import { z } from 'zod'
import { lenientArray, optionalNumber, optionalString } from '../amazon-q/lenient.ts'

/** One entry of `error.details`: ErrorInfo, RetryInfo, QuotaFailure, Help, BadRequest (gemini.md §6). */
const detailSchema = z.looseObject({
  '@type': optionalString,
  reason: optionalString,
  domain: optionalString,
  metadata: z.record(z.string(), z.unknown()).optional().catch(undefined),
  retryDelay: optionalString,
  violations: lenientArray(z.looseObject({ quotaId: optionalString })),
  links: lenientArray(z.looseObject({ url: optionalString })),
})

export type GeminiErrorDetail = z.output<typeof detailSchema>

/** `error` of an answer that is not 2xx, or of a chunk (gemini.md §6). */
export const geminiErrorSchema = z.looseObject({
  code: optionalNumber,
  status: optionalString,
  message: optionalString,
  details: lenientArray(detailSchema),
})

export type GeminiError = z.output<typeof geminiErrorSchema>
