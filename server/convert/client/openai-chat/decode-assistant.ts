import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { ContentBlock, ToolUseBlock } from '../../../canonical/request.ts'
import { parseToolArguments } from '../openai/tool-arguments.ts'
import { invalidField, optionalObject, optionalString, requiredString } from '../request-fields.ts'
import { decodeTexts } from './decode-parts.ts'
import type { FunctionCallIds } from './function-call-ids.ts'

/**
 * An assistant message as blocks: reasoning, text, calls. Chat has no place for a reasoning's signature, so the text
 * comes without one and history repair decides whether an upstream may see it again. Empty content (`null`, `""`, none)
 * is usual beside calls. Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeAssistantContent(message: JsonObject, path: string, calls: FunctionCallIds): ContentBlock[] {
  const blocks: ContentBlock[] = []
  const reasoning = message['reasoning_content'] ?? message['reasoning']
  if (typeof reasoning === 'string' && reasoning !== '') blocks.push({ type: 'reasoning', text: reasoning })
  blocks.push(...decodeTexts(message['content'] ?? '', `${path}.content`))
  const refusal = optionalString(message, 'refusal', path) ?? ''
  if (refusal !== '') blocks.push({ type: 'text', text: refusal })
  const toolCalls: unknown = message['tool_calls'] ?? []
  if (!Array.isArray(toolCalls)) throw invalidField(`${path}.tool_calls`, 'an array of tool calls', toolCalls)
  for (const [index, call] of toolCalls.entries()) blocks.push(decodeToolCall(call, `${path}.tool_calls.${index}`))
  const functionCall = optionalObject(message, 'function_call', path)
  if (functionCall) blocks.push(decodeFunctionCall(functionCall, `${path}.function_call`, (name) => calls.call(name)))
  return blocks
}

function decodeToolCall(call: unknown, path: string): ToolUseBlock {
  if (!isJsonObject(call)) throw invalidField(path, 'a tool call, an object with "id" and "function"', call)
  const id = requiredString(call, 'id', path, 'the id of the call')
  const type = call['type'] ?? 'function'
  if (type !== 'function') throw invalidField(`${path}.type`, '"function"', type)
  const called = call['function']
  if (!isJsonObject(called)) {
    throw invalidField(`${path}.function`, 'an object with "name" and "arguments"', called)
  }
  return decodeFunctionCall(called, `${path}.function`, () => id)
}

function decodeFunctionCall(called: JsonObject, path: string, idOf: (name: string) => string): ToolUseBlock {
  const name = requiredString(called, 'name', path, 'the name of a function')
  const input = parseToolArguments(optionalString(called, 'arguments', path) ?? '')
  return { type: 'tool-use', id: idOf(name), name, input }
}
