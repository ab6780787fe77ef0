import { ProxyError } from '../../../canonical/error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { CompletionRequest } from '../../../canonical/request.ts'
import type { AmazonQRequestBody } from '../../../wire/amazon-q/request.ts'
import { endWithUser, startWithUser } from '../../history/boundaries.ts'
import { pairToolCalls } from '../../history/pair-tool-calls.ts'
import { keepReplayableReasoning, type ReasoningPolicy } from '../../history/reasoning.ts'
import { toTurns, type Turn } from '../../history/turns.ts'
import { createRepairLog, type RepairLog } from '../../lint/repair-log.ts'
import { countCutToolNotes } from './cut-tool-note.ts'
import type { AmazonQEncodeContext, AmazonQEncodedRequest } from './encode-context.ts'
import { encodeConversation } from './encode-conversation.ts'
import { encodeInstructions } from './encode-instructions.ts'
import { encodeReasoning, reasoningSupportOf } from './encode-reasoning.ts'
import { encodeTools } from './encode-tools.ts'
import { createSizeGuard, DEFAULT_SIZE_LIMIT } from './size-guard.ts'

export type { AmazonQEncodeContext, AmazonQEncodedRequest, ModelShape } from './encode-context.ts'
export type { ToolNameMap } from './tool-names.ts'

/**
 * Encodes a request for GenerateAssistantResponse (amazon-q.md §2), repaired by the rules of docs/linter.md. Nothing in
 * it depends on the time or on chance: the same conversation gives the same prefix on every turn, which the service
 * caches. Throws `ProxyError` (`invalid-request`, `prompt-too-long`) for what can't be repaired.
 */
export function encodeAmazonQRequest(request: CompletionRequest, context: AmazonQEncodeContext): AmazonQEncodedRequest {
  refuseUnsendable(request)
  const log = createRepairLog()
  noteSampling(request, log)
  const tools = encodeTools(request, log)
  const schema = context.modelInfo?.requestFieldsSchema
  const support = reasoningSupportOf(request.model, schema)
  const reasoning = encodeReasoning(request.reasoning, support, log)
  const signedOrNone = support.kind === 'native' ? 'signed' : 'none'
  const replay = reasoning.mode === 'tags' ? 'unsigned' : signedOrNone
  if (context.stripReasoning === true) log.add('reasoning-signature-refused', 'messages')
  const turns = repairedTurns(
    request,
    { upstream: 'amazon-q', model: request.model, replay: context.stripReasoning === true ? 'none' : replay },
    log,
  )
  const fields = requestFields(request, reasoning.fields, schema)
  const state = encodeConversation({
    request,
    context,
    turns,
    tools,
    systemTags: reasoning.tags,
    instructions: encodeInstructions(request, tools, log),
    size: createSizeGuard(context.sizeLimit ?? DEFAULT_SIZE_LIMIT, log),
    log,
  })
  const body: AmazonQRequestBody = {
    conversationState: state,
    ...(context.profileArn === undefined ? {} : { profileArn: context.profileArn }),
    ...(fields === undefined ? {} : { additionalModelRequestFields: fields }),
  }
  return {
    body,
    repairs: log.list(),
    toolNames: tools.names.map,
    reasoning: reasoning.mode,
    stopSequences: request.sampling.stopSequences?.filter((sequence) => sequence !== '') ?? [],
    declaredTools: new Set(request.tools.filter((tool) => tool.server === undefined).map((tool) => tool.name)),
    cutToolNotes: countCutToolNotes(request),
  }
}

function repairedTurns(request: CompletionRequest, policy: ReasoningPolicy, log: RepairLog): readonly Turn[] {
  const turns = toTurns(keepReplayableReasoning(request.messages, policy, log), log)
  startWithUser(turns, log)
  pairToolCalls(turns, log)
  endWithUser(turns, log)
  return turns
}

const MODEL_ID = /^[a-zA-Z0-9_:.-]{1,1024}$/u
const MAX_HISTORY = 10_000

function refuseUnsendable(request: CompletionRequest): void {
  if (!MODEL_ID.test(request.model)) {
    const text = 'The model id is empty or has characters that the service does not allow (rule model-form). '
    throw new ProxyError('invalid-request', `${text}Ask for one of the models that the account lists.`, {
      param: 'model',
    })
  }
  if (request.messages.length === 0) {
    const text = 'The request has no messages, so there is nothing to answer (rule no-messages). '
    throw new ProxyError('invalid-request', `${text}The client must send at least one.`, { param: 'messages' })
  }
  if (request.messages.length > MAX_HISTORY) {
    throw new ProxyError(
      'prompt-too-long',
      `The conversation is too long to be sent. It has ${request.messages.length} messages and ${MAX_HISTORY} is the ` +
        'limit (rule history-length). Shorten or compact the conversation and try again.',
      { param: 'messages' },
    )
  }
}

function noteSampling(request: CompletionRequest, log: RepairLog): void {
  const { temperature, topP, topK } = request.sampling
  if (temperature !== undefined) log.add('sampling-unsupported', 'temperature')
  if (topP !== undefined) log.add('sampling-unsupported', 'top_p')
  if (topK !== undefined) log.add('sampling-unsupported', 'top_k')
}

/** Adds the limit of output tokens, which only some models take (amazon-q.md §2.7), within the bounds of their schema. */
function requestFields(
  request: CompletionRequest,
  fields: JsonObject | undefined,
  schema: JsonObject | undefined,
): JsonObject | undefined {
  const wanted = request.sampling.maxOutputTokens
  const listed = isJsonObject(schema?.properties) ? schema.properties.max_tokens : undefined
  if (wanted === undefined || !isJsonObject(listed)) return fields
  const least = numberOr(listed.minimum, 1)
  const greatest = numberOr(listed.maximum, Number.MAX_SAFE_INTEGER)
  return { ...fields, max_tokens: Math.max(least, Math.min(greatest, wanted)) }
}

function numberOr(value: JsonValue | undefined, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}
