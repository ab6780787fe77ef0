import type { JsonObject } from './json.ts'
import type { Plan } from './types.ts'

/** One model that the simulated service offers. Windows and ids are those of amazon-q.md §2.9. */
export interface Model {
  readonly id: string
  readonly name: string
  readonly description: string
  /** Tokens. */
  readonly contextWindow: number
  /** Tokens. */
  readonly maxOutputTokens: number
  /** Credits per unit against the base model. */
  readonly rateMultiplier: number
  readonly images: boolean
  readonly promptCaching: boolean
  /** The cheapest plan that offers it. */
  readonly plan: Plan
  /** What `additionalModelRequestFields` may hold; absent: nothing (amazon-q.md §2.8). */
  readonly fieldsSchema?: JsonObject
}

export const planOrder: readonly Plan[] = ['free', 'pro', 'pro-plus', 'power']

/** Effort for the Claude models that know it, and the thinking display that goes with it. */
function claudeFields(efforts: readonly string[]): JsonObject {
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      output_config: {
        type: 'object',
        additionalProperties: false,
        properties: { effort: { type: 'string', enum: efforts } },
      },
      thinking: {
        type: 'object',
        additionalProperties: false,
        properties: {
          type: { type: 'string', enum: ['adaptive', 'disabled'] },
          display: { type: 'string', enum: ['summarized', 'omitted'] },
        },
      },
      max_tokens: { type: 'integer', minimum: 1_024, maximum: 64_000 },
    },
  }
}

const gptFields: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    reasoning: {
      type: 'object',
      additionalProperties: false,
      properties: { effort: { type: 'string', enum: ['low', 'medium', 'high', 'xhigh'] } },
    },
  },
}

const allEfforts = claudeFields(['low', 'medium', 'high', 'xhigh', 'max'])
const withoutXhigh = claudeFields(['low', 'medium', 'high', 'max'])

type Row = readonly [
  id: string,
  name: string,
  contextWindow: number,
  rateMultiplier: number,
  plan: Plan,
  fieldsSchema?: JsonObject,
]

const rows: readonly Row[] = [
  ['auto', 'Auto', 200_000, 1, 'free'],
  ['claude-sonnet-4', 'Claude Sonnet 4', 200_000, 1.3, 'free'],
  ['claude-sonnet-4.5', 'Claude Sonnet 4.5', 200_000, 1.3, 'free'],
  ['claude-haiku-4.5', 'Claude Haiku 4.5', 200_000, 0.4, 'free'],
  ['deepseek-3.2', 'DeepSeek 3.2', 164_000, 0.25, 'free'],
  ['minimax-m2.1', 'MiniMax M2.1', 196_000, 0.15, 'free'],
  ['glm-5', 'GLM 5', 200_000, 0.5, 'free'],
  ['qwen3-coder-next', 'Qwen3 Coder Next', 256_000, 0.05, 'free'],
  ['claude-sonnet-4.6', 'Claude Sonnet 4.6', 1_000_000, 1.3, 'pro', withoutXhigh],
  ['claude-sonnet-5', 'Claude Sonnet 5', 1_000_000, 1.3, 'pro', allEfforts],
  ['claude-opus-4.5', 'Claude Opus 4.5', 200_000, 2.2, 'pro'],
  ['claude-opus-4.6', 'Claude Opus 4.6', 1_000_000, 2.2, 'pro', withoutXhigh],
  ['claude-opus-4.7', 'Claude Opus 4.7', 1_000_000, 2.2, 'pro', allEfforts],
  ['claude-opus-4.8', 'Claude Opus 4.8', 1_000_000, 2.2, 'pro', allEfforts],
  ['claude-opus-5', 'Claude Opus 5', 1_000_000, 2.2, 'pro', allEfforts],
  ['claude-fable-5', 'Claude Fable 5', 1_000_000, 4, 'pro', allEfforts],
  ['gpt-5.6-sol', 'GPT 5.6 Sol', 272_000, 1.5, 'pro', gptFields],
  ['gpt-5.6-terra', 'GPT 5.6 Terra', 272_000, 1, 'pro', gptFields],
  ['gpt-5.6-luna', 'GPT 5.6 Luna', 272_000, 0.5, 'pro', gptFields],
]

/** Every model of the service, in the order of its list. */
export const allModels: readonly Model[] = rows.map(
  ([id, name, contextWindow, rateMultiplier, plan, fieldsSchema]) => ({
    id,
    name,
    description: `${name}, as the simulator offers it`,
    contextWindow,
    maxOutputTokens: id.startsWith('gpt') ? 128_000 : 64_000,
    rateMultiplier,
    images: id.startsWith('claude') || id.startsWith('gpt') || id === 'auto',
    promptCaching: id.startsWith('claude'),
    plan,
    ...(fieldsSchema === undefined ? {} : { fieldsSchema }),
  }),
)

/** The models with the changes that a test made to their windows. */
export class ModelCatalogue {
  readonly #windows = new Map<string, number>()
  readonly #denominators = new Map<string, number>()

  /** What a plan offers, or exactly the listed ids. */
  offered(plan: Plan, ids: readonly string[] | undefined): readonly Model[] {
    if (ids !== undefined)
      return allModels.filter((model) => ids.includes(model.id)).map((model) => this.#changed(model))
    const level = planOrder.indexOf(plan)
    return allModels.filter((model) => planOrder.indexOf(model.plan) <= level).map((model) => this.#changed(model))
  }

  setContextWindow(modelId: string, tokens: number): void {
    this.#windows.set(modelId, tokens)
  }

  setContextDenominator(modelId: string, factor: number): void {
    this.#denominators.set(modelId, factor)
  }

  /** 0–100 and more, as `contextUsagePercentage` has it. */
  contextUsage(model: Model, tokens: number): number {
    const denominator = model.contextWindow * (this.#denominators.get(model.id) ?? 1)
    return Math.round((tokens / denominator) * 1_000_000) / 10_000
  }

  clear(): void {
    this.#windows.clear()
    this.#denominators.clear()
  }

  #changed(model: Model): Model {
    const contextWindow = this.#windows.get(model.id)
    return contextWindow === undefined ? model : { ...model, contextWindow }
  }
}
