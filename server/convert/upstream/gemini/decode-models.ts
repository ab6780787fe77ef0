import type { ModelInfo } from '../../../canonical/offering.ts'
import { geminiModelsSchema } from '../../../wire/gemini/models.ts'

/** One page of the list of models; those that can't hold a conversation are left out (gemini.md §9). */
export function decodeGeminiModels(body: unknown): {
  readonly models: readonly ModelInfo[]
  readonly nextPageToken: string | undefined
} {
  const { models, nextPageToken } = geminiModelsSchema.catch({ models: [], nextPageToken: undefined }).parse(body)
  return {
    nextPageToken: nextPageToken === '' ? undefined : nextPageToken,
    models: models
      .filter(({ supportedGenerationMethods: methods }) => methods.length === 0 || methods.includes('generateContent'))
      .map((model) => {
        const id = model.name.replace(/^models\//u, '')
        return {
          id,
          name: model.displayName ?? id,
          acceptsImages: true,
          ...(model.description === undefined ? {} : { description: model.description }),
          ...(model.inputTokenLimit === undefined ? {} : { contextWindow: model.inputTokenLimit }),
          ...(model.outputTokenLimit === undefined ? {} : { maxOutputTokens: model.outputTokenLimit }),
        }
      }),
  }
}
