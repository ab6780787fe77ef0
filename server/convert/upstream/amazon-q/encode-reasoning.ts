import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { Effort, ReasoningRequest } from '../../../canonical/request.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { effortFromBudget, nearestEffort } from './effort.ts'

export type ReasoningMode = 'native' | 'tags' | 'none'

/** How a model takes and gives reasoning, whatever the request asks for. */
export interface ReasoningSupport {
  readonly kind: ReasoningMode
  /** Of `native`: which shape the request fields have. */
  readonly shape: 'output-config' | 'reasoning'
  readonly efforts: readonly string[]
  /** Whether `thinking` may be sent beside the effort. */
  readonly thinking: 'never' | 'when-shown' | 'always'
}

export interface EncodedReasoning {
  readonly mode: ReasoningMode
  /** For `additionalModelRequestFields`. */
  readonly fields: JsonObject | undefined
  /** For the beginning of the system text. */
  readonly tags: string
}

const NONE: ReasoningSupport = { kind: 'none', shape: 'output-config', efforts: [], thinking: 'never' }
const TAGS: ReasoningSupport = { ...NONE, kind: 'tags' }
const WITHOUT_XHIGH = ['low', 'medium', 'high', 'max']
const ALL_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max']

/** What a model supports: by its own schema where one is known, else by its name (amazon-q.md §2.8). */
export function reasoningSupportOf(model: string, schema: JsonObject | undefined): ReasoningSupport {
  return schema === undefined ? supportByName(model) : (supportBySchema(model, schema) ?? supportWithoutEffort(model))
}

function supportBySchema(model: string, schema: JsonObject): ReasoningSupport | undefined {
  const claudeEfforts = stringsOf(at(schema, 'properties', 'output_config', 'properties', 'effort', 'enum'))
  if (claudeEfforts.length > 0) {
    const takesThinking = at(schema, 'properties', 'thinking') !== undefined
    const thinking = takesThinking ? (isOpus46(model) ? 'always' : 'when-shown') : 'never'
    return { kind: 'native', shape: 'output-config', efforts: claudeEfforts, thinking }
  }
  const gptEfforts = stringsOf(at(schema, 'properties', 'reasoning', 'properties', 'effort', 'enum'))
  if (gptEfforts.length > 0) return { kind: 'native', shape: 'reasoning', efforts: gptEfforts, thinking: 'never' }
  return undefined
}

function supportByName(model: string): ReasoningSupport {
  if (model.startsWith('gpt-')) {
    return { kind: 'native', shape: 'reasoning', efforts: ['low', 'medium', 'high', 'xhigh'], thinking: 'never' }
  }
  if (isOpus46(model)) return { kind: 'native', shape: 'output-config', efforts: WITHOUT_XHIGH, thinking: 'always' }
  if (/^claude-sonnet-4[.-]6/u.test(model)) {
    return { kind: 'native', shape: 'output-config', efforts: WITHOUT_XHIGH, thinking: 'when-shown' }
  }
  if (/^claude-(?:opus-4[.-][78]|(?!haiku)[a-z]+-[5-9])/u.test(model)) {
    return { kind: 'native', shape: 'output-config', efforts: ALL_EFFORTS, thinking: 'when-shown' }
  }
  return supportWithoutEffort(model)
}

function supportWithoutEffort(model: string): ReasoningSupport {
  return model.startsWith('claude-') || model.startsWith('CLAUDE_') ? TAGS : NONE
}

function isOpus46(model: string): boolean {
  return /^claude-opus-4[.-]6/u.test(model)
}

/** What to send so that the model reasons as the client asks. Nothing where the client does not ask for reasoning. */
export function encodeReasoning(
  request: ReasoningRequest | undefined,
  support: ReasoningSupport,
  log: RepairLog,
): EncodedReasoning {
  if (request === undefined || request.mode === 'off' || support.kind === 'none') {
    return { mode: 'none', fields: undefined, tags: '' }
  }
  if (support.kind === 'tags') return { mode: 'tags', fields: undefined, tags: tagsOf(request) }
  const wanted = wantedEffort(request)
  const effort = nearestEffort(wanted, support.efforts)
  if (request.effort !== undefined && effort !== wanted)
    log.add('effort-clamped', 'reasoning.effort', `${wanted} → ${effort}`)
  if (support.shape === 'reasoning') return { mode: 'native', fields: { reasoning: { effort } }, tags: '' }
  // Asking for visible thinking makes some models skip it in tool turns (field-notes.md), so only who will show it asks.
  const shown = request.display !== 'omitted'
  const asksThinking = support.thinking === 'always' || (support.thinking === 'when-shown' && shown)
  const thinking = asksThinking ? { thinking: { type: 'adaptive', display: 'summarized' } } : {}
  return { mode: 'native', fields: { output_config: { effort }, ...thinking }, tags: '' }
}

function wantedEffort(request: ReasoningRequest): Effort {
  if (request.effort !== undefined) return request.effort
  return request.budgetTokens === undefined ? 'high' : effortFromBudget(request.budgetTokens)
}

const MIN_BUDGET = 1_024
const MAX_BUDGET = 24_576

function tagsOf(request: ReasoningRequest): string {
  if (request.budgetTokens === undefined) {
    const effort = nearestEffort(wantedEffort(request), ['low', 'medium', 'high'])
    return `<thinking_mode>adaptive</thinking_mode><thinking_effort>${effort}</thinking_effort>`
  }
  const budget = Math.min(Math.max(Math.round(request.budgetTokens), MIN_BUDGET), MAX_BUDGET)
  return `<thinking_mode>enabled</thinking_mode><max_thinking_length>${budget}</max_thinking_length>`
}

function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  let current = value
  for (const name of path) current = isJsonObject(current) && Object.hasOwn(current, name) ? current[name] : undefined
  return current
}

function stringsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}
