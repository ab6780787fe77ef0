import type { Effort, ReasoningRequest } from '../../../canonical/request.ts'
import type { GeminiGenerationConfig, GeminiThinkingConfig } from '../../../wire/gemini/request.ts'
import type { RepairLog } from '../../lint/repair-log.ts'

type Level = NonNullable<GeminiThinkingConfig['thinkingLevel']>

/** What a family of models can be told about thinking (the table of gemini.md §4.4). Tokens. */
interface ThinkingSupport {
  readonly least: number
  readonly most: number
  readonly canBeOff: boolean
  /** In rising order. Empty: the family takes a budget only. */
  readonly levels: readonly Level[]
}

const ALL_LEVELS: readonly Level[] = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']

const families: readonly (readonly [RegExp, ThinkingSupport])[] = [
  [/^gemini-2\.5-pro/u, { least: 128, most: 32_768, canBeOff: false, levels: [] }],
  [/^gemini-2\.5-flash/u, { least: 0, most: 24_576, canBeOff: true, levels: [] }],
  [/^gemini-3\.1-flash-lite/u, { least: 128, most: 32_768, canBeOff: false, levels: ['MINIMAL', 'HIGH'] }],
  [/^gemini-3\.7-flash/u, { least: 128, most: 65_535, canBeOff: false, levels: ALL_LEVELS }],
  [/^gemini-3(?:\.\d+)?-flash/u, { least: 128, most: 32_768, canBeOff: false, levels: ALL_LEVELS }],
  [/^gemini-3\.\d+-pro/u, { least: 128, most: 32_768, canBeOff: false, levels: ['LOW', 'MEDIUM', 'HIGH'] }],
  [/^gemini-3/u, { least: 128, most: 32_768, canBeOff: false, levels: ['LOW', 'HIGH'] }],
]

/** The table's output limit, for models whose own is not known. Tokens. */
const OUTPUT_LIMIT = 65_536
/** What a thinking that can't be switched off may use on top of what the client allows for the answer, tokens. */
const UNASKED_THINKING = 1_024

const LEVEL_OF: Readonly<Record<Effort, Level>> = {
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
}
const BUDGET_OF: Readonly<Record<Effort, number>> = {
  minimal: 512,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 65_535,
}

export interface ThinkingInput {
  readonly model: string
  readonly reasoning: ReasoningRequest | undefined
  /** What the client allows, tokens. */
  readonly maxOutputTokens: number | undefined
  /** The model's own limit, tokens. */
  readonly outputLimit: number | undefined
  /** The service does not know `thinkingLevel` for this model: ask by budget. */
  readonly budgetOnly: boolean
}

/** `thinkingConfig` and the `maxOutputTokens` that leaves room for it (gemini.md §4.4, §8.1). */
export function encodeThinking(
  input: ThinkingInput,
  log: RepairLog,
): Pick<GeminiGenerationConfig, 'thinkingConfig' | 'maxOutputTokens'> {
  const { model, reasoning, maxOutputTokens } = input
  const support = families.find(([pattern]) => pattern.test(model))?.[1]
  const limit = input.outputLimit ?? OUTPUT_LIMIT
  if (support === undefined) return maxOutput(maxOutputTokens, limit)
  const isAsked = reasoning !== undefined && reasoning.mode !== 'off'
  const byLevel = support.levels.length > 0 && !input.budgetOnly
  if (!isAsked) {
    if (support.canBeOff) {
      return { thinkingConfig: { includeThoughts: false, thinkingBudget: 0 }, ...maxOutput(maxOutputTokens, limit) }
    }
    const room = maxOutputTokens === undefined ? undefined : maxOutputTokens + UNASKED_THINKING
    const least = support.levels[0]
    const amount = byLevel && least !== undefined ? { thinkingLevel: least } : { thinkingBudget: support.least }
    return { thinkingConfig: { includeThoughts: false, ...amount }, ...maxOutput(room, limit) }
  }
  if (byLevel) {
    const thinkingLevel = levelFor(reasoning, support.levels, log)
    return { thinkingConfig: { includeThoughts: true, thinkingLevel }, ...maxOutput(maxOutputTokens, limit) }
  }
  return withBudget(reasoning, support, maxOutputTokens, limit)
}

function levelFor(reasoning: ReasoningRequest, levels: readonly Level[], log: RepairLog): Level {
  const wanted = LEVEL_OF[reasoning.effort ?? effortOfBudget(reasoning.budgetTokens)]
  if (levels.includes(wanted)) return wanted
  log.add('effort-clamped', 'output_config.effort', `${wanted.toLowerCase()} is not offered`)
  const below = levels.filter((level) => ALL_LEVELS.indexOf(level) < ALL_LEVELS.indexOf(wanted))
  return below.at(-1) ?? levels[0] ?? 'HIGH'
}

function effortOfBudget(budget: number | undefined): Effort {
  if (budget === undefined) return 'high'
  if (budget <= 4_000) return 'low'
  return budget <= 16_000 ? 'medium' : 'high'
}

function withBudget(
  reasoning: ReasoningRequest,
  support: ThinkingSupport,
  maxOutputTokens: number | undefined,
  limit: number,
): Pick<GeminiGenerationConfig, 'thinkingConfig' | 'maxOutputTokens'> {
  const wanted = reasoning.budgetTokens ?? (reasoning.effort === undefined ? undefined : BUDGET_OF[reasoning.effort])
  if (wanted === undefined) {
    return { thinkingConfig: { includeThoughts: true, thinkingBudget: -1 }, ...maxOutput(maxOutputTokens, limit) }
  }
  const least = Math.max(support.least, 1)
  const clamped = Math.max(least, Math.min(support.most, wanted))
  if (maxOutputTokens === undefined) return { thinkingConfig: { includeThoughts: true, thinkingBudget: clamped } }
  // Half of a small allowance is left for the answer; the allowance must exceed the budget.
  const thinkingBudget = clamped < maxOutputTokens ? clamped : Math.max(least, Math.floor(maxOutputTokens / 2))
  return {
    thinkingConfig: { includeThoughts: true, thinkingBudget },
    ...maxOutput(Math.max(maxOutputTokens, thinkingBudget + 1), limit),
  }
}

function maxOutput(tokens: number | undefined, limit: number): { readonly maxOutputTokens?: number } {
  return tokens === undefined ? {} : { maxOutputTokens: Math.min(tokens, limit) }
}
