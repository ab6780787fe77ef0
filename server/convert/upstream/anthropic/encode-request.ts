import { ProxyError } from '../../../canonical/error.ts'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { ModelInfo } from '../../../canonical/offering.ts'
import type { Repair } from '../../../canonical/repair.ts'
import type { CompletionRequest } from '../../../canonical/request.ts'
import type { AnthropicRequestBody } from '../../../wire/anthropic/upstream.ts'
import { endWithUser, startWithUser } from '../../history/boundaries.ts'
import { pairToolCalls } from '../../history/pair-tool-calls.ts'
import { keepReplayableReasoning } from '../../history/reasoning.ts'
import { toTurns, type Turn } from '../../history/turns.ts'
import { createRepairLog, type RepairLog } from '../../lint/repair-log.ts'
import { encodeText, encodeTurns } from './encode-blocks.ts'
import { encodeReasoning } from './encode-reasoning.ts'
import { encodeTools } from './encode-tools.ts'
import { anthropicModelId, type ModelTraits, modelTraits } from './model-traits.ts'

export interface AnthropicEncodeContext {
  /** What the account's list says of the model; absent: it was never fetched. */
  readonly modelInfo?: Pick<ModelInfo, 'maxOutputTokens'>
  /** Whether the client's cache breakpoints travel. */
  readonly cachePoints: boolean
  /** The service has refused a replayed signature: send none. */
  readonly stripReasoning?: boolean
}

export interface AnthropicEncodedRequest {
  readonly body: AnthropicRequestBody
  /** For the `anthropic-beta` header: what the client named. */
  readonly betas: readonly string[]
  readonly repairs: readonly Repair[]
}

/** Without a figure of the model's own. */
const DEFAULT_MAX_TOKENS = 8_192
const MOST_MAX_TOKENS_UNASKED = 32_000

/** Members of the client's body that are written anew, or that are no members of it. */
const OWN: ReadonlySet<string> = new Set(['anthropic_beta', 'anthropic_version', 'output_config', 'output_format'])

/**
 * Encodes a request for `POST /v1/messages`, always as a stream. A client that speaks the same dialect gets its own
 * fields, betas, server tools and provider blocks through. Repaired by the rules of docs/linter.md that its history may
 * break. Throws `ProxyError` (`invalid-request`).
 */
export function encodeAnthropicRequest(
  request: CompletionRequest,
  context: AnthropicEncodeContext,
): AnthropicEncodedRequest {
  if (request.messages.length === 0) {
    throw new ProxyError(
      'invalid-request',
      'The request has no messages, so there is nothing to answer (rule no-messages). The client must send at least one.',
      { param: 'messages' },
    )
  }
  const log = createRepairLog()
  const extras = request.extras.anthropic ?? {}
  const model = anthropicModelId(request.model, context.modelInfo !== undefined)
  const traits = modelTraits(model)
  const turns = repairedTurns({ ...request, model }, traits, context, log)
  const maxTokens = maxTokensOf(request, context)
  const reasoning = encodeReasoning(request, { traits, maxTokens, turns }, log)
  const outputConfig = outputConfigOf(request, extras, reasoning.effort)
  const blocks = { cachePoints: context.cachePoints, log }
  const body: AnthropicRequestBody = {
    ...Object.fromEntries(Object.entries(extras).filter(([name]) => !OWN.has(name))),
    model,
    max_tokens: maxTokens,
    ...(request.system.length === 0 ? {} : { system: request.system.map((block) => encodeText(block, blocks)) }),
    messages: encodeTurns(turns, blocks),
    ...encodeTools(request, context.cachePoints, log),
    ...(reasoning.thinking === undefined ? {} : { thinking: reasoning.thinking }),
    ...(outputConfig === undefined ? {} : { output_config: outputConfig }),
    ...samplingOf(request, traits, reasoning.thinks, log),
    stream: true,
  }
  return { body, betas: betasOf(extras), repairs: log.list() }
}

function repairedTurns(
  request: CompletionRequest,
  traits: ModelTraits,
  context: AnthropicEncodeContext,
  log: RepairLog,
): readonly Turn[] {
  const strip = context.stripReasoning === true
  if (strip) log.add('reasoning-signature-refused', 'messages')
  const policy = {
    upstream: 'anthropic',
    model: request.model,
    replay: strip ? 'none' : 'signed',
    whole: true,
  } as const
  const turns = toTurns(keepReplayableReasoning(request.messages, policy, log), log)
  startWithUser(turns, log)
  pairToolCalls(turns, log)
  if (isPaused(turns)) return turns
  const thinks = request.reasoning !== undefined && request.reasoning.mode !== 'off'
  if (turns.at(-1)?.role === 'assistant' && traits.takesPrefill && !thinks) trimPrefill(turns, log)
  else endWithUser(turns, log)
  return turns
}

/** An answer that the service's own tools interrupted goes back as it is, to be gone on with. */
function isPaused(turns: readonly Turn[]): boolean {
  const last = turns.at(-1)
  if (last?.role !== 'assistant') return false
  return last.blocks.some(({ block }) => block.type === 'foreign' && block.dialect === 'anthropic')
}

/** A begun answer may not end in white space. */
function trimPrefill(turns: Turn[], log: RepairLog): void {
  const blocks = turns.at(-1)?.blocks
  const last = blocks?.at(-1)
  if (last?.block.type === 'text') {
    blocks?.splice(-1, 1, { block: { ...last.block, text: last.block.text.trimEnd() }, from: last.from })
  } else {
    // Reasoning alone is no beginning of an answer.
    endWithUser(turns, log)
  }
}

function maxTokensOf({ sampling }: CompletionRequest, { modelInfo }: AnthropicEncodeContext): number {
  const limit = modelInfo?.maxOutputTokens
  if (sampling.maxOutputTokens === undefined) return Math.min(limit ?? DEFAULT_MAX_TOKENS, MOST_MAX_TOKENS_UNASKED)
  return Math.min(sampling.maxOutputTokens, limit ?? Number.MAX_SAFE_INTEGER)
}

function outputConfigOf(
  { outputFormat }: CompletionRequest,
  extras: JsonObject,
  effort: string | undefined,
): JsonObject | undefined {
  const own = isJsonObject(extras['output_config']) ? extras['output_config'] : {}
  const config: JsonObject = {
    ...own,
    ...(effort === undefined ? {} : { effort }),
    ...(outputFormat === undefined ? {} : { format: { type: 'json_schema', schema: outputFormat.schema } }),
  }
  return Object.keys(config).length === 0 ? undefined : config
}

function samplingOf(
  { sampling }: CompletionRequest,
  traits: ModelTraits,
  thinks: boolean,
  log: RepairLog,
): Pick<AnthropicRequestBody, 'temperature' | 'top_p' | 'top_k' | 'stop_sequences'> {
  const { temperature, topP, topK, stopSequences } = sampling
  const none = traits.sampling === 'none'
  const sendsTemperature = temperature !== undefined && !none && (!thinks || temperature === 1)
  const sendsTopP =
    topP !== undefined &&
    !none &&
    (!thinks || topP >= 0.95) &&
    !(sendsTemperature && traits.sampling === 'one-of-temperature-and-top-p')
  const sendsTopK = topK !== undefined && !none && !thinks
  if (temperature !== undefined && !sendsTemperature) log.add('sampling-unsupported', 'temperature')
  if (topP !== undefined && !sendsTopP) log.add('sampling-unsupported', 'top_p')
  if (topK !== undefined && !sendsTopK) log.add('sampling-unsupported', 'top_k')
  const stops = stopSequences?.filter((sequence) => sequence.trim() !== '') ?? []
  return {
    // OpenAI's scale ends at 2, this one at 1.
    ...(sendsTemperature ? { temperature: Math.min(temperature, 1) } : {}),
    ...(sendsTopP ? { top_p: topP } : {}),
    ...(sendsTopK ? { top_k: topK } : {}),
    ...(stops.length === 0 ? {} : { stop_sequences: stops }),
  }
}

function betasOf(extras: JsonObject): readonly string[] {
  const named = extras['anthropic_beta']
  if (!Array.isArray(named)) return []
  return named.filter((name): name is string => typeof name === 'string' && /^[\w.:-]{1,200}$/u.test(name))
}
