import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { CompletionRequest, Sampling } from '../../../canonical/request.ts'
import { type ChatBody, readChatBody } from '../../../wire/openai-chat/request.ts'
import { conversationKey } from '../openai/conversation-key.ts'
import { anyJsonObject, decodeJsonSchemaFormat } from '../openai/json-schema-format.ts'
import { decodeEffort } from '../openai/reasoning-effort.ts'
import { bodyRefusal } from '../refuse-body.ts'
import { invalidField, invalidRequest } from '../request-fields.ts'
import { decodeChatMessages } from './decode-messages.ts'
import { decodeChatTools, usesFunctions } from './decode-tools.ts'
import { decodeStop, refuseUnservable } from './unservable.ts'

/** The body's members that have a place of their own in a `CompletionRequest`; all others are extras. */
const known: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'stop',
  'stream',
  'stream_options',
  '__proto__',
])

const expectedBody = 'a JSON object with "model" and "messages", sent as content-type application/json'

/** The request headers by which clients name a conversation (clients.md §3). */
export interface ChatHeaders {
  readonly sessionId?: string
  readonly sessionAffinity?: string
}

/** How the client wants its answer. */
export interface ChatAnswerOptions {
  /** Whether a stream ends with a chunk that holds the usage (`stream_options.include_usage`). */
  readonly includeUsage: boolean
  /** Whether the client reads calls in the older form only (`function_call`). */
  readonly usesFunctions: boolean
}

export interface DecodedChatRequest {
  readonly request: CompletionRequest
  readonly options: ChatAnswerOptions
}

/**
 * The body of `POST /v1/chat/completions` as a request of ours (clients.md §3 and §4). Refuses what is malformed, and
 * what would be answered wrongly (`n`, `logprobs`, sound), with `ProxyError('invalid-request')`, whose `param` is the
 * field's path (`messages.3.content.0.type`; `body` when there is no object at all). Unknown members are tolerated. The
 * body is not copied: the result shares its strings and schemas.
 */
export function decodeChatRequest(raw: unknown, headers: ChatHeaders): DecodedChatRequest {
  const reading = readChatBody(raw)
  if (!reading.ok || !isJsonObject(raw)) throw bodyRefusal(raw, reading, expectedBody)
  const { body } = reading
  refuseUnservable(body)
  const { system, messages } = decodeChatMessages(body.messages)
  const reasoning = decodeEffort(body.reasoning_effort)
  const outputFormat = decodeFormat(body.response_format)
  const key = conversationKey(
    {
      sessions: [headers.sessionId, headers.sessionAffinity, ...metadataSessions(body.metadata)],
      hints: [body.prompt_cache_key, body.user],
    },
    messages,
  )
  const extras = extrasOf(raw)
  const request: CompletionRequest = {
    model: body.model,
    system,
    messages,
    ...decodeChatTools(body),
    sampling: decodeSampling(body),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(outputFormat === undefined ? {} : { outputFormat }),
    stream: body.stream ?? false,
    ...(key === undefined ? {} : { conversationKey: key }),
    extras: extras === undefined ? {} : { 'openai-chat': extras },
  }
  const options = { includeUsage: body.stream_options?.include_usage === true, usesFunctions: usesFunctions(body) }
  return { request, options }
}

/** `max_tokens` is the older name; where both are given the newer one counts. */
function decodeSampling(body: ChatBody): Sampling {
  const maxOutputTokens = body.max_completion_tokens ?? body.max_tokens ?? undefined
  const stopSequences = decodeStop(body.stop)
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(typeof body.temperature === 'number' && { temperature: body.temperature }),
    ...(typeof body.top_p === 'number' && { topP: body.top_p }),
    ...(stopSequences.length > 0 && { stopSequences }),
  }
}

function decodeFormat(format: ChatBody['response_format']): CompletionRequest['outputFormat'] {
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined
    case 'json_object':
      return anyJsonObject
    case 'json_schema': {
      const holder = format['json_schema']
      if (isJsonObject(holder)) return decodeJsonSchemaFormat(holder, 'response_format.json_schema')
      throw invalidField('response_format.json_schema', 'an object with "name" and "schema"', holder)
    }
    default:
      throw invalidRequest(
        'response_format.type',
        'this format can not be had from any account here; use "text", "json_object" or "json_schema"',
      )
  }
}

function metadataSessions(metadata: ChatBody['metadata']): readonly unknown[] {
  const value: unknown = metadata
  return isJsonObject(value) ? [value['session_id'], value['conversation_id'], value['thread_id']] : []
}

function extrasOf(raw: JsonObject): JsonObject | undefined {
  const entries: [string, JsonValue][] = Object.entries(raw).filter(([key]) => !known.has(key))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
