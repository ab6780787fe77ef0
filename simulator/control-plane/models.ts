import { answerCatalogue } from '../authorize.ts'
import { answerJson, type Exchange } from '../exchange.ts'
import type { Model } from '../models.ts'
import { controlCall, pageOf } from './control-call.ts'

/** ListAvailableModels on all planes (amazon-q.md §2.9). */
export async function listModels(exchange: Exchange): Promise<void> {
  const call = await controlCall(exchange)
  if (call === undefined) return
  const { world } = exchange
  if (typeof call.parameter('origin') !== 'string') {
    return answerCatalogue(exchange, 'improperly-formed', 'refused', 'origin missing')
  }
  const asked = Number(call.parameter('maxResults') ?? 50)
  if (!Number.isInteger(asked) || asked < 1 || asked > 100) {
    return answerCatalogue(exchange, 'improperly-formed', 'refused', 'maxResults is not 1 to 100')
  }
  const offered = world.models.offered(call.account.plan, call.account.models)
  const size = Math.min(asked, world.configuration.behaviour.modelPageSize)
  const { items, nextToken } = pageOf(offered, size, call.parameter('nextToken'))
  const defaultModel = offered.find(({ id }) => id === 'auto') ?? offered[0]
  answerJson(exchange, 200, {
    models: items.map(describe),
    ...(defaultModel === undefined ? {} : { defaultModel: describe(defaultModel) }),
    nextToken,
  })
}

function describe(model: Model): Record<string, unknown> {
  return {
    modelId: model.id,
    modelName: model.name,
    description: model.description,
    rateMultiplier: model.rateMultiplier,
    rateUnit: 'Credit',
    tokenLimits: { maxInputTokens: model.contextWindow, maxOutputTokens: model.maxOutputTokens },
    supportedInputTypes: model.images ? ['TEXT', 'IMAGE'] : ['TEXT'],
    promptCaching: model.promptCaching
      ? { supportsPromptCaching: true, minimumTokensPerCacheCheckpoint: 1_024, maximumCacheCheckpointsPerRequest: 4 }
      : { supportsPromptCaching: false },
    ...(model.fieldsSchema === undefined ? {} : { additionalModelRequestFieldsSchema: model.fieldsSchema }),
  }
}
