import { z } from 'zod'
import { lenientArray, optionalBoolean, optionalNumber, optionalString } from '../amazon-q/lenient.ts'

const partSchema = z.looseObject({
  text: optionalString,
  thought: optionalBoolean,
  thoughtSignature: optionalString,
  functionCall: z
    .looseObject({ id: optionalString, name: optionalString, args: z.unknown().optional() })
    .optional()
    .catch(undefined),
})

/** One part of an answer (gemini.md §4.2). */
export type GeminiAnswerPart = z.output<typeof partSchema>

const candidateSchema = z.looseObject({
  content: z
    .looseObject({ parts: lenientArray(partSchema) })
    .optional()
    .catch(undefined),
  finishReason: optionalString,
})

const usageSchema = z.looseObject({
  promptTokenCount: optionalNumber,
  candidatesTokenCount: optionalNumber,
  thoughtsTokenCount: optionalNumber,
  totalTokenCount: optionalNumber,
  cachedContentTokenCount: optionalNumber,
})

/** What an answer says of its consumption, tokens; the last one of a stream counts (gemini.md §5). */
export type GeminiUsage = z.output<typeof usageSchema>

/** One chunk of a streamed answer, without the envelope of Code Assist (gemini.md §5, §9). */
export const geminiChunkSchema = z.looseObject({
  candidates: lenientArray(candidateSchema),
  promptFeedback: z.looseObject({ blockReason: optionalString }).optional().catch(undefined),
  usageMetadata: usageSchema.optional().catch(undefined),
  responseId: optionalString,
})
