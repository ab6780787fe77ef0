import { z } from 'zod'
import { optionalString } from './lenient.ts'

/**
 * The body of an error answer or of an exception frame (amazon-q.md §4.1). The last row of the catalogue in §4.3 (a GPT
 * back end's own error) has everything under `error`.
 */
export const amazonQErrorSchema = z.looseObject({
  __type: optionalString,
  message: optionalString,
  Message: optionalString,
  reason: optionalString,
  error: z
    .looseObject({ code: optionalString, message: optionalString, type: optionalString })
    .optional()
    .catch(undefined),
})
