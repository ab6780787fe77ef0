import type { JsonObject } from '../../../canonical/json.ts'
import type { CompletionRequest, Effort, ReasoningRequest } from '../../../canonical/request.ts'
import type { Turn } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import type { ModelTraits } from './model-traits.ts'

export interface EncodedReasoning {
  readonly thinking: JsonObject | undefined
  readonly effort: string | undefined
  /** Whether the model will think, which excludes some other options. */
  readonly thinks: boolean
}

const LEAST_BUDGET = 1_024

const BUDGETS: Readonly<Record<Effort, number>> = {
  minimal: 1_024,
  low: 4_096,
  medium: 10_000,
  high: 16_000,
  xhigh: 24_000,
  max: 31_999,
}

/** `thinking` and `output_config.effort` for what the client asks of the model's reasoning, in the form it takes. */
export function encodeReasoning(
  request: CompletionRequest,
  context: { readonly traits: ModelTraits; readonly maxTokens: number; readonly turns: readonly Turn[] },
  log: RepairLog,
): EncodedReasoning {
  const { reasoning, toolChoice } = request
  const { traits, maxTokens, turns } = context
  if (reasoning === undefined) return { thinking: undefined, effort: undefined, thinks: false }
  const effort = traits.takesEffort ? effortOf(reasoning, traits) : undefined
  if (reasoning.mode === 'off') return { thinking: { type: 'disabled' }, effort, thinks: false }
  // A forced tool call excludes thinking.
  if (toolChoice.type === 'any' || toolChoice.type === 'tool') {
    log.add('reasoning-dropped', 'thinking', 'a forced tool call excludes it')
    return { thinking: undefined, effort, thinks: false }
  }
  const display = reasoning.display === 'omitted' || reasoning.display === 'summarized' ? reasoning.display : undefined
  const shown = display === undefined ? {} : { display }
  const isAdaptive = traits.thinking === 'adaptive' || (traits.thinking === 'either' && reasoning.mode === 'adaptive')
  if (isAdaptive) return { thinking: { type: 'adaptive', ...shown }, effort, thinks: true }
  const budget = Math.min(reasoning.budgetTokens ?? BUDGETS[reasoning.effort ?? 'high'], maxTokens - 1)
  if (budget < LEAST_BUDGET) {
    log.add('reasoning-dropped', 'thinking', 'max_tokens leaves no room for it')
    return { thinking: undefined, effort, thinks: false }
  }
  if (continuesUnreasoned(turns)) {
    log.add('reasoning-dropped', 'thinking', 'the tool calls to go on from were made without it')
    return { thinking: undefined, effort, thinks: false }
  }
  return { thinking: { type: 'enabled', budget_tokens: budget, ...shown }, effort, thinks: true }
}

function effortOf(reasoning: ReasoningRequest, traits: ModelTraits): string | undefined {
  const { effort, budgetTokens } = reasoning
  if (effort !== undefined) return effort === 'minimal' ? 'low' : effort
  if (budgetTokens === undefined || traits.thinking !== 'adaptive') return undefined
  if (budgetTokens <= 4_096) return 'low'
  return budgetTokens <= 12_000 ? 'medium' : 'high'
}

/** With a budget, an assistant turn that tool results answer must begin with thinking of the service's own. */
function continuesUnreasoned(turns: readonly Turn[]): boolean {
  if (turns.at(-1)?.blocks[0]?.block.type !== 'tool-result') return false
  return turns.at(-2)?.blocks[0]?.block.type !== 'reasoning'
}
