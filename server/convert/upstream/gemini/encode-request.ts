import { ProxyError } from '../../../canonical/error.ts'
import type { Repair } from '../../../canonical/repair.ts'
import type { CompletionRequest } from '../../../canonical/request.ts'
import type { GeminiGenerationConfig, GeminiRequestBody } from '../../../wire/gemini/request.ts'
import { endWithUser, startWithUser } from '../../history/boundaries.ts'
import { pairToolCalls } from '../../history/pair-tool-calls.ts'
import { isBlank, toTurns } from '../../history/turns.ts'
import { createRepairLog, type RepairLog } from '../../lint/repair-log.ts'
import { encodeTools } from './encode-tools.ts'
import { encodeTurns } from './encode-turns.ts'
import { encodeThinking } from './thinking.ts'
import type { ToolNameMap } from './tool-names.ts'
import { toSubsetSchema } from './tool-schema.ts'

export interface GeminiEncodeContext {
  /** The model's own limit of output, tokens. */
  readonly outputLimit?: number
  /** Leave out earlier reasoning, because the service has refused a signature. */
  readonly stripReasoning: boolean
  /** Ask for thinking by budget where a level was refused. */
  readonly budgetOnly: boolean
}

export interface GeminiEncodedRequest {
  readonly body: GeminiRequestBody
  readonly repairs: readonly Repair[]
  readonly toolNames: ToolNameMap
}

const MODEL_ID = /^[a-zA-Z0-9_.:-]{1,200}$/u
/** Stop sequences in one request. */
const MAX_STOP_SEQUENCES = 5

/**
 * Encodes a request for `:streamGenerateContent` (gemini.md §4, §8.1, §9), repaired by the rules of docs/linter.md.
 * Nothing in it depends on the time or on chance, so that the service's implicit cache fits. Throws `ProxyError`
 * (`invalid-request`) for what can't be repaired.
 */
export function encodeGeminiRequest(request: CompletionRequest, context: GeminiEncodeContext): GeminiEncodedRequest {
  if (!MODEL_ID.test(request.model)) {
    throw refused('model', 'The model id is empty or has characters that Gemini does not allow (rule model-form).')
  }
  if (request.messages.length === 0) {
    throw refused('messages', 'The request has no messages, so there is nothing to answer (rule no-messages).')
  }
  const log = createRepairLog()
  const tools = encodeTools(request, log)
  if (context.stripReasoning) log.add('reasoning-signature-refused', 'messages')
  const turns = toTurns(request.messages, log)
  startWithUser(turns, log)
  pairToolCalls(turns, log)
  endWithUser(turns, log)
  const contents = encodeTurns(turns, {
    model: request.model,
    names: tools.names,
    stripReasoning: context.stripReasoning,
    log,
  })
  const format = outputFormat(request, log)
  const system = [...request.system.map(({ text }) => text), tools.instructions, format.instructions]
    .filter((text) => !isBlank(text))
    .map((text) => ({ text }))
  return {
    body: {
      contents,
      ...(system.length === 0 ? {} : { systemInstruction: { role: 'user', parts: system } }),
      ...tools.members,
      generationConfig: { ...sampling(request, log), ...format.members, ...thinking(request, context, log) },
    },
    repairs: log.list(),
    toolNames: tools.names.map,
  }
}

function sampling({ sampling: wanted }: CompletionRequest, log: RepairLog): GeminiGenerationConfig {
  const { temperature, topP, topK } = wanted
  const stops = wanted.stopSequences?.filter((sequence) => sequence !== '') ?? []
  if (stops.length > MAX_STOP_SEQUENCES) log.add('stop-sequences-many', 'stop_sequences', `${stops.length}`)
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(stops.length === 0 ? {} : { stopSequences: stops.slice(0, MAX_STOP_SEQUENCES) }),
  }
}

function thinking(request: CompletionRequest, context: GeminiEncodeContext, log: RepairLog): GeminiGenerationConfig {
  return encodeThinking(
    {
      model: request.model,
      reasoning: request.reasoning,
      maxOutputTokens: request.sampling.maxOutputTokens,
      outputLimit: context.outputLimit,
      budgetOnly: context.budgetOnly,
    },
    log,
  )
}

/** JSON of a schema is a member of its own, which the service does not take beside tools: then it becomes words. */
function outputFormat(
  { outputFormat: format, tools }: CompletionRequest,
  log: RepairLog,
): { readonly members: GeminiGenerationConfig; readonly instructions: string } {
  if (format === undefined) return { members: {}, instructions: '' }
  if (tools.some((tool) => tool.server === undefined)) {
    log.add('output-format', 'output_config.format')
    return {
      members: {},
      instructions: `Answer with JSON only, without a code fence, that fits this JSON Schema:\n${JSON.stringify(format.schema)}`,
    }
  }
  const { schema, rules } = toSubsetSchema(format.schema)
  for (const rule of rules) log.add(rule, 'output_config.format.schema')
  return { members: { responseMimeType: 'application/json', responseSchema: schema }, instructions: '' }
}

function refused(param: string, message: string): ProxyError {
  return new ProxyError('invalid-request', `${message} The fault is the client's.`, { param })
}
