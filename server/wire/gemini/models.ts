import { z } from 'zod'
import { lenientArray, optionalNumber, optionalString } from '../amazon-q/lenient.ts'

/** `GET /v1beta/models` (gemini.md §9). `name` is `models/{id}`. */
export const geminiModelsSchema = z.looseObject({
  models: lenientArray(
    z.looseObject({
      name: z.string(),
      displayName: optionalString,
      description: optionalString,
      inputTokenLimit: optionalNumber,
      outputTokenLimit: optionalNumber,
      supportedGenerationMethods: lenientArray(z.string()),
    }),
  ),
  nextPageToken: optionalString,
})
