import { isArray, isObject, listOr, type JsonObject, objectOr, textOr } from '../../json.ts'
import { Refused } from './faults.ts'
import { type AnthropicModel, anthropicModels, contextWindow } from './models.ts'
import type { AnthropicState } from './state.ts'
import { readMessages, type ReadMessage } from './validate-messages.ts'

export interface ReadRequest {
  readonly model: AnthropicModel
  readonly messages: readonly ReadMessage[]
  readonly tools: readonly JsonObject[]
  readonly maxTokens: number
  readonly thinks: boolean
  readonly showsThinking: boolean
  /** Estimated. */
  readonly inputTokens: number
}

const members: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'max_tokens',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'metadata',
  'service_tier',
  'container',
  'cache_control',
])
/** Members that need a beta to be named. */
const betaMembers: Readonly<Record<string, RegExp>> = {
  context_management: /context-management/u,
  mcp_servers: /mcp-client/u,
  safeguards: /safeguards|auto-mode/u,
}

/** Reads and judges a request; throws `Refused` in the service's words. */
export function readRequest(body: unknown, betas: string, state: AnthropicState): ReadRequest {
  if (!isObject(body)) throw new Refused('The request body is not valid JSON')
  for (const name of Object.keys(body)) {
    const isBeta = betaMembers[name]?.test(betas) === true
    if (!members.has(name) && !isBeta) throw new Refused(`${name}: Extra inputs are not permitted`)
  }
  const model = anthropicModels.find(({ id }) => id === body['model'] || id.replace(/-\d{8}$/u, '') === body['model'])
  if (model === undefined) throw new Refused(`model: ${textOr(body['model'])}`, 404, 'not_found_error')
  const maxTokens = body['max_tokens']
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1) {
    throw new Refused('max_tokens: Field required')
  }
  if (maxTokens > model.maxTokens) {
    throw new Refused(
      `max_tokens: ${maxTokens} > ${model.maxTokens}, which is the maximum allowed number of output tokens for ${model.id}`,
    )
  }
  const messages = readMessages(body, { ...model, id: textOr(body['model']) }, state)
  const tools = readTools(body['tools'])
  const thinks = checkThinking(body, model, maxTokens, messages)
  checkSampling(body, model, thinks)
  checkBreakpoints(body)
  const inputTokens = Math.ceil(JSON.stringify(body).length / 4)
  if (inputTokens > contextWindow) {
    throw new Refused(`prompt is too long: ${inputTokens} tokens > ${contextWindow} maximum`)
  }
  const showsThinking = objectOr(body['thinking'])['display'] !== 'omitted'
  return { model, messages, tools, maxTokens, thinks, showsThinking, inputTokens }
}

function readTools(value: unknown): readonly JsonObject[] {
  if (value === undefined) return []
  if (!isArray(value)) throw new Refused('tools: Input should be a valid list')
  const tools = value.map((tool) => objectOr(tool))
  const names = new Set<string>()
  for (const [index, tool] of tools.entries()) {
    const name = textOr(tool['name'])
    if (!/^[a-zA-Z0-9_-]{1,128}$/u.test(name)) {
      throw new Refused(`tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`)
    }
    if (names.has(name)) throw new Refused('tools: Tool names must be unique.')
    names.add(name)
    const isOwn = /_20\d{6}$/u.test(textOr(tool['type']))
    if (!isOwn && objectOr(tool['input_schema'])['type'] !== 'object') {
      throw new Refused(`tools.${index}.custom.input_schema.type: Input should be 'object'`)
    }
  }
  return tools
}

function checkThinking(
  body: JsonObject,
  model: AnthropicModel,
  maxTokens: number,
  messages: readonly ReadMessage[],
): boolean {
  const thinking = objectOr(body['thinking'])
  const { type } = thinking
  if (type === undefined || type === 'disabled') return false
  if (type !== 'enabled' && type !== 'adaptive') throw new Refused('thinking: Input tag does not match')
  if (type === 'adaptive' && model.thinking === 'budget') {
    throw new Refused('adaptive thinking is not supported on this model')
  }
  if (type === 'enabled' && model.thinking === 'adaptive') {
    throw new Refused('"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive".')
  }
  const choice = objectOr(body['tool_choice'])['type']
  if (choice === 'any' || choice === 'tool') {
    throw new Refused('Thinking may not be enabled when tool_choice forces tool use.')
  }
  if (messages.at(-1)?.role === 'assistant') throw new Refused('prefill is not possible with thinking')
  if (type === 'adaptive') return true
  const budget = Number(thinking['budget_tokens'])
  if (!(budget >= 1_024)) {
    throw new Refused('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  }
  if (budget >= maxTokens) throw new Refused('`max_tokens` must be greater than `thinking.budget_tokens`.')
  const goesOn = messages.at(-1)?.blocks[0]?.['type'] === 'tool_result'
  const first = textOr(messages.at(-2)?.blocks[0]?.['type'])
  if (goesOn && !first.endsWith('thinking')) {
    throw new Refused(
      `messages.${messages.length - 2}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
    )
  }
  return true
}

function checkSampling(body: JsonObject, model: AnthropicModel, thinks: boolean): void {
  const { temperature, top_p: topP, top_k: topK } = body
  if (model.thinking === 'adaptive' && [temperature, topP, topK].some((value) => value !== undefined)) {
    throw new Refused('sampling parameters are not supported by this model')
  }
  if (temperature !== undefined && topP !== undefined) {
    throw new Refused('`temperature` and `top_p` cannot both be specified for this model.')
  }
  if (typeof temperature === 'number' && temperature > 1) throw new Refused('temperature: range: 0..1')
  if (thinks && ((temperature !== undefined && temperature !== 1) || topK !== undefined)) {
    throw new Refused('`temperature` may only be set to 1 when thinking is enabled.')
  }
}

function checkBreakpoints(body: JsonObject): void {
  const count = (
    JSON.stringify([body['system'], body['tools'], listOr(body['messages'])]).match(/"cache_control":\{/gu) ?? []
  ).length
  if (count > 4) throw new Refused(`A maximum of 4 blocks with cache_control may be provided. Found ${count}.`)
}
