import { ProxyError } from '../../../canonical/error.ts'
import type { JsonObject, JsonValue } from '../../../canonical/json.ts'
import type { ModelInfo } from '../../../canonical/offering.ts'
import type { Repair } from '../../../canonical/repair.ts'
import type { CompletionRequest, Effort, ToolChoice } from '../../../canonical/request.ts'
import type { ChatRequestBody } from '../../../wire/openai-chat/upstream.ts'
import { endWithUser, startWithUser } from '../../history/boundaries.ts'
import { pairToolCalls } from '../../history/pair-tool-calls.ts'
import { keepReplayableReasoning } from '../../history/reasoning.ts'
import { toTurns, type Turn } from '../../history/turns.ts'
import { createRepairLog, type RepairLog } from '../../lint/repair-log.ts'
import { encodeMessages } from './encode-messages.ts'
import type { Quirks } from './quirks.ts'

export interface ChatEncodeContext {
  readonly quirks: Quirks
  readonly modelInfo?: Pick<ModelInfo, 'maxOutputTokens'>
}

export interface ChatEncodedRequest {
  readonly body: ChatRequestBody
  readonly repairs: readonly Repair[]
}

/** Members of a client's body that are written anew. */
const OWN: ReadonlySet<string> = new Set(['n', 'logprobs', 'top_logprobs', 'audio', 'modalities', 'prediction'])

/**
 * Encodes a request for `POST /chat/completions`, always as a stream. A client that speaks the same dialect gets its own
 * fields through. Throws `ProxyError` (`invalid-request`).
 */
export function encodeChatRequest(request: CompletionRequest, context: ChatEncodeContext): ChatEncodedRequest {
  if (request.messages.length === 0) {
    throw new ProxyError(
      'invalid-request',
      'The request has no messages, so there is nothing to answer (rule no-messages). The client must send at least one.',
      { param: 'messages' },
    )
  }
  const { quirks, modelInfo } = context
  const log = createRepairLog()
  const extras = Object.entries(request.extras['openai-chat'] ?? {}).filter(
    ([name, value]) => !OWN.has(name) && value !== null,
  )
  const turns = repairedTurns(request, quirks, log)
  const limit = modelInfo?.maxOutputTokens ?? Number.MAX_SAFE_INTEGER
  const { maxOutputTokens } = request.sampling
  const body: ChatRequestBody = {
    ...Object.fromEntries(extras),
    model: request.model,
    messages: encodeMessages(request.system, turns, quirks, log),
    ...encodeTools(request, log),
    ...samplingOf(request, log),
    ...(maxOutputTokens === undefined ? {} : { [quirks.maxTokens]: Math.min(maxOutputTokens, limit) }),
    ...formatOf(request),
    ...effortOf(request, quirks),
    stream: true,
    ...(quirks.streamOptions ? { stream_options: { include_usage: true } } : {}),
  }
  return { body, repairs: log.list() }
}

function repairedTurns(request: CompletionRequest, quirks: Quirks, log: RepairLog): readonly Turn[] {
  const policy = {
    upstream: 'openai',
    model: request.model,
    replay: quirks.reasoningContent ? 'unsigned' : 'none',
    whole: quirks.reasoningContent,
  } as const
  const turns = toTurns(keepReplayableReasoning(request.messages, policy, log), log)
  startWithUser(turns, log)
  pairToolCalls(turns, log)
  endWithUser(turns, log)
  return turns
}

function encodeTools({ tools, toolChoice }: CompletionRequest, log: RepairLog): Record<string, JsonValue> {
  const encoded = tools.flatMap((tool, index): JsonObject[] => {
    if (tool.server !== undefined) {
      // OpenAI's own search is a member of the body and travels with the others.
      if (tool.server.dialect !== 'openai-chat') log.add('server-tool', `tools.${index}`)
      return []
    }
    const strict = tool.extras?.['strict']
    return [
      {
        type: 'function',
        function: {
          name: tool.name,
          ...(tool.description === '' ? {} : { description: tool.description }),
          parameters: { ...tool.inputSchema, type: 'object' },
          ...(strict === true ? { strict } : {}),
        },
      },
    ]
  })
  if (encoded.length === 0) return {}
  const parallel = toolChoice.type === 'none' ? undefined : toolChoice.parallel
  const choice = choiceOf(toolChoice)
  return {
    tools: encoded,
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
  }
}

function choiceOf(choice: ToolChoice): JsonValue | undefined {
  switch (choice.type) {
    case 'auto':
      return undefined
    case 'any':
      return 'required'
    case 'none':
      return 'none'
    case 'tool':
      return { type: 'function', function: { name: choice.name } }
  }
}

function samplingOf({ sampling }: CompletionRequest, log: RepairLog): Record<string, JsonValue> {
  const { temperature, topP, topK, stopSequences = [] } = sampling
  if (topK !== undefined) log.add('sampling-unsupported', 'top_k')
  // The service takes four at most.
  const stops = stopSequences.filter((sequence) => sequence !== '').slice(0, 4)
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stops.length === 0 ? {} : { stop: stops }),
  }
}

function formatOf({ outputFormat }: CompletionRequest): Record<string, JsonValue> {
  if (outputFormat === undefined) return {}
  const { name = 'answer', schema } = outputFormat
  return { response_format: { type: 'json_schema', json_schema: { name, schema } } }
}

const EFFORTS: Readonly<Record<Effort, string>> = {
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
}

/** What the client itself wrote as `reasoning_effort` stands already. */
function effortOf({ reasoning, extras }: CompletionRequest, quirks: Quirks): Record<string, JsonValue> {
  if (!quirks.reasoningEffort || reasoning === undefined || reasoning.mode === 'off') return {}
  if (extras['openai-chat']?.['reasoning_effort'] !== undefined) return {}
  return { reasoning_effort: EFFORTS[reasoning.effort ?? 'medium'] }
}
