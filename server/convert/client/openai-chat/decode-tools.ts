import { isJsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { Tool, ToolChoice } from '../../../canonical/request.ts'
import type { ChatBody } from '../../../wire/openai-chat/request.ts'
import { decodeFunctionTool } from '../openai/function-tool.ts'
import { invalidField, invalidRequest } from '../request-fields.ts'
import { decodeToolChoice } from './decode-tool-choice.ts'

/** The tools that the model may use, and whether it must. */
export interface DecodedTools {
  readonly tools: readonly Tool[]
  readonly toolChoice: ToolChoice
}

/**
 * Reads `tools` and `tool_choice`, or the older `functions` and `function_call`. Tools that `allowed_tools` leaves out
 * are not passed on. Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeChatTools(body: ChatBody): DecodedTools {
  const tools = [
    ...(body.tools ?? []).map((tool, index) => decodeTool(tool, `tools.${index}`)),
    ...(body.functions ?? []).map((declared, index) => {
      if (!isJsonObject(declared)) throw invalidField(`functions.${index}`, 'an object with "name"', declared)
      return decodeFunctionTool(declared, `functions.${index}`)
    }),
    ...webSearch(body.web_search_options),
  ]
  const { choice, allowed } = decodeToolChoice(body, tools)
  const kept = allowed === undefined ? tools : tools.filter((tool) => allowed.has(tool.name))
  return { tools: kept, toolChoice: withParallel(choice, body) }
}

function decodeTool(tool: unknown, path: string): Tool {
  if (!isJsonObject(tool)) throw invalidField(path, 'an object with "type" and "function"', tool)
  const type = tool['type'] ?? 'function'
  if (type === 'custom') {
    throw invalidRequest(`${path}.type`, 'tools with free-form input can not be passed on; declare a "function"')
  }
  if (type !== 'function') throw invalidField(`${path}.type`, '"function"', type)
  const declared = tool['function']
  if (!isJsonObject(declared)) throw invalidField(`${path}.function`, 'an object with "name"', declared)
  return decodeFunctionTool(declared, `${path}.function`)
}

/** A search by the provider itself: a tool that no upstream of another kind can run, and says so. */
function webSearch(options: object | null | undefined): Tool[] {
  const value: JsonValue | object | undefined = options ?? undefined
  if (!isJsonObject(value)) return []
  return [{ name: 'web_search', description: '', server: { dialect: 'openai-chat', value } }]
}

/** The older form knows no more than one call in an answer. */
function withParallel(choice: ToolChoice, body: ChatBody): ToolChoice {
  const parallel = usesFunctions(body) ? false : body.parallel_tool_calls
  return choice.type === 'none' || typeof parallel !== 'boolean' ? choice : { ...choice, parallel }
}

/** Whether the client speaks the older form, and reads calls in it only. */
export function usesFunctions(body: ChatBody): boolean {
  return (body.functions ?? []).length > 0 && (body.tools ?? []).length === 0
}
