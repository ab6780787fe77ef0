import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { CompletionRequest, Sampling } from '../../../canonical/request.ts'
import { type MessagesBody, readMessagesBody } from '../../../wire/anthropic/request.ts'
import type { BodyReading } from '../../../wire/read-body.ts'
import { bodyRefusal } from '../refuse-body.ts'
import { type ConversationHeaders, conversationKey } from './conversation-key.ts'
import { decodeMessages, decodeSystem } from './decode-messages.ts'
import { decodeOutputFormat, decodeReasoning } from './decode-reasoning.ts'
import { decodeToolChoice, decodeTools } from './decode-tools.ts'
import { refuseThread } from './refuse-thread.ts'

/** The body's members that have a place of their own in a `CompletionRequest`; all others are extras. */
const known: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'thinking',
])

/** The request headers that are part of its meaning. */
export interface MessagesHeaders extends ConversationHeaders {
  /** `anthropic-beta`: a comma list, kept as `anthropic_beta` among the extras (clients.md §1.3). */
  readonly betas?: string
}

const expectedBody = 'a JSON object with "model", "max_tokens" and "messages", sent as content-type application/json'

/** Beta names that are kept; Claude Code sends a dozen. */
const mostBetas = 100

/**
 * The body of `POST /v1/messages` as a request of ours (clients.md §1.3–1.5). Refuses what is malformed with
 * `ProxyError('invalid-request')`, whose `param` is the field's path (`messages.3.content.0.type`; `body` when there is
 * no object at all). Unknown members, blocks and modes are tolerated. The body is not copied: the result shares its
 * strings, tool inputs and schemas.
 */
export function decodeMessagesRequest(body: unknown, headers: MessagesHeaders): CompletionRequest {
  return toRequest(body, readMessagesBody(body), headers)
}

/** The rest of the way from a body that its schema has read. Shared with `decodeCountTokensRequest`. */
export function toRequest(
  raw: unknown,
  reading: BodyReading<MessagesBody>,
  headers: MessagesHeaders,
): CompletionRequest {
  refuseThread(raw)
  if (!reading.ok || !isJsonObject(raw)) throw bodyRefusal(raw, reading, expectedBody)
  const { body } = reading
  const tools = decodeTools(body.tools)
  const { messages, effort } = decodeMessages(body.messages)
  const reasoning = decodeReasoning(body, effort)
  const outputFormat = decodeOutputFormat(body)
  const key = conversationKey(headers, body.metadata?.user_id ?? undefined)
  const extras = extrasOf(raw, headers.betas)
  return {
    model: body.model,
    system: decodeSystem(body.system),
    messages,
    tools,
    toolChoice: decodeToolChoice(body.tool_choice, tools),
    sampling: decodeSampling(body),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(outputFormat === undefined ? {} : { outputFormat }),
    stream: body.stream ?? false,
    ...(key === undefined ? {} : { conversationKey: key }),
    extras: extras === undefined ? {} : { anthropic: extras },
  }
}

function decodeSampling(body: MessagesBody): Sampling {
  const { max_tokens: maxOutputTokens, temperature, top_p: topP, top_k: topK, stop_sequences: stopSequences } = body
  return {
    ...(isPresent(maxOutputTokens) && { maxOutputTokens }),
    ...(isPresent(temperature) && { temperature }),
    ...(isPresent(topP) && { topP }),
    ...(isPresent(topK) && { topK }),
    ...(isPresent(stopSequences) && stopSequences.length > 0 && { stopSequences }),
  }
}

function isPresent<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined
}

function extrasOf(raw: JsonObject, betas: string | undefined): JsonObject | undefined {
  const entries: [string, JsonValue][] = Object.entries(raw).filter(([key]) => !known.has(key) && key !== '__proto__')
  const names = (betas ?? '').split(',', mostBetas).map((name) => name.trim())
  const named = names.filter((name) => name !== '')
  if (named.length > 0) entries.push(['anthropic_beta', named])
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
