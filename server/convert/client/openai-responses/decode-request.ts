import type { IncomingHttpHeaders } from 'node:http'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { CompletionRequest, Sampling, Tool } from '../../../canonical/request.ts'
import { readResponsesBody, type ResponsesBody } from '../../../wire/openai-responses/request.ts'
import { conversationKey } from '../openai/conversation-key.ts'
import { bodyRefusal } from '../refuse-body.ts'
import { invalidRequest } from '../request-fields.ts'
import { type DecodedInput, decodeInput, decodeInputTools } from './decode-input.ts'
import { decodeReasoning, decodeTextFormat } from './decode-reasoning.ts'
import { decodeToolChoice } from './decode-tool-choice.ts'
import { decodeTools } from './decode-tools.ts'
import { gatherItems, type ResponseMemory } from './gather-items.ts'
import { createToolTable, type ToolTable } from './tool-table.ts'

/** The body's members that have a place of their own in a `CompletionRequest` or in its answer; all others are extras. */
const known: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'max_output_tokens',
  'temperature',
  'top_p',
  'stream',
  'store',
  'background',
  'previous_response_id',
  '__proto__',
])

/** What the answer's encoding needs to know of the request. */
export interface AnswerFacts {
  readonly tools: Pick<ToolTable, 'find'>
  /** The request's members that the answer repeats. */
  readonly echo: Pick<
    ResponsesBody,
    'max_output_tokens' | 'metadata' | 'prompt_cache_key' | 'reasoning' | 'temperature' | 'top_p' | 'tool_choice'
  > & { readonly format: unknown; readonly parallelToolCalls: boolean; readonly previousResponseId: string | null }
  /** The request's own items, where the answer is to be remembered. */
  readonly remember: readonly JsonObject[] | undefined
}

export interface DecodedResponsesRequest {
  readonly request: CompletionRequest
  readonly facts: AnswerFacts
}

/**
 * The body of `POST /v1/responses` as a request of ours (clients.md §2). Refuses what is malformed with
 * `ProxyError('invalid-request')`, whose `param` is the field's path (`input.3.content.0.type`; `body` when there is no
 * object at all). Unknown members, items and tools are tolerated. The body is not copied: the result shares its strings
 * and schemas.
 */
export function decodeResponsesRequest(
  raw: unknown,
  headers: IncomingHttpHeaders,
  memory: ResponseMemory,
): DecodedResponsesRequest {
  const reading = readResponsesBody(raw)
  if (!reading.ok || !isJsonObject(raw)) {
    throw bodyRefusal(raw, reading, 'a JSON object with "model" and "input", sent as content-type application/json')
  }
  const { body } = reading
  refuseImpossible(body)
  const previous = body.previous_response_id ?? undefined
  const { items, own } = gatherItems(body.input, previous, memory)
  const table = createToolTable()
  const declared: Tool[] = []
  decodeTools(body.tools ?? [], 'tools', table, declared)
  decodeInputTools(items, table, declared)
  const { system, messages } = withUserMessage(decodeInput(items, table))
  const { tools, toolChoice } = decodeToolChoice(body.tool_choice, body.parallel_tool_calls, declared, table)
  const reasoning = decodeReasoning(body.reasoning)
  const outputFormat = decodeTextFormat(body.text)
  const key = conversationKey(identities(body, headers), messages)
  const extras = Object.fromEntries(Object.entries(raw).filter(([name]) => !known.has(name)))
  const instructions = body.instructions ?? ''
  const request: CompletionRequest = {
    model: body.model,
    system: instructions === '' ? system : [{ type: 'text', text: instructions }, ...system],
    messages,
    tools,
    toolChoice,
    sampling: decodeSampling(body),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(outputFormat === undefined ? {} : { outputFormat }),
    stream: body.stream ?? false,
    ...(key === undefined ? {} : { conversationKey: key }),
    extras: Object.keys(extras).length === 0 ? {} : { 'openai-responses': extras },
  }
  return { request, facts: factsOf(body, table, own) }
}

/** What only developer messages say is what the client wants an answer to. */
function withUserMessage(decoded: DecodedInput): DecodedInput {
  if (decoded.messages.length > 0) return decoded
  if (decoded.system.length === 0) throw invalidRequest('input', 'expected at least one message that is not empty')
  return { system: [], messages: [{ role: 'user', content: decoded.system }] }
}

function factsOf(body: ResponsesBody, tools: ToolTable, own: readonly JsonObject[]): AnswerFacts {
  const { max_output_tokens, metadata, prompt_cache_key, reasoning, temperature, top_p, tool_choice } = body
  return {
    tools,
    echo: {
      max_output_tokens,
      metadata,
      prompt_cache_key,
      reasoning,
      temperature,
      top_p,
      tool_choice,
      format: body.text?.format ?? { type: 'text' },
      parallelToolCalls: body.parallel_tool_calls ?? true,
      previousResponseId: body.previous_response_id ?? null,
    },
    remember: body.store === false ? undefined : own,
  }
}

/** What would need a server that keeps things for its clients. */
function refuseImpossible(body: ResponsesBody): void {
  if (body.background === true) {
    throw invalidRequest('background', 'Culvert answers while the client waits; leave it out or set it to false')
  }
  if ((body.conversation ?? null) !== null) {
    throw invalidRequest(
      'conversation',
      'Culvert keeps no conversations; send the items in input, or previous_response_id',
    )
  }
  if ((body.prompt ?? null) !== null) {
    throw invalidRequest('prompt', 'Culvert keeps no prompt templates; send the text in instructions and input')
  }
}

/** The headers by which Codex and opencode tell their conversations and sub-agents apart (clients.md §2 and §3). */
function identities(body: ResponsesBody, headers: IncomingHttpHeaders) {
  return {
    sessions: [headers['thread-id'], headers['session-id'], headers['x-session-id']],
    hints: [body.prompt_cache_key, body.user],
  }
}

function decodeSampling({ max_output_tokens: maxOutputTokens, temperature, top_p: topP }: ResponsesBody): Sampling {
  return {
    ...(isPresent(maxOutputTokens) && { maxOutputTokens }),
    ...(isPresent(temperature) && { temperature }),
    ...(isPresent(topP) && { topP }),
  }
}

function isPresent<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined
}
