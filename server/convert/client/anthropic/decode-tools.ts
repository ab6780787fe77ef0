import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { Tool, ToolChoice } from '../../../canonical/request.ts'
import type { MessagesBody } from '../../../wire/anthropic/request.ts'
import { invalidField, invalidRequest, optionalObject, optionalString, requiredString } from '../request-fields.ts'

/**
 * Reads `tools`. A tool with an `input_schema` is an ordinary one, whatever its `type`; a typed one without is the
 * provider's own (`web_search_20250305`, …). Deferred tools are ordinary too: Claude Code lists them only once they were
 * referenced. Its `DeferredToolPlaceholder`, which only keeps that feature switched on, is dropped (clients.md §1.4).
 */
export function decodeTools(tools: readonly unknown[] | null | undefined): readonly Tool[] {
  return (tools ?? []).flatMap((value, index) => {
    const path = `tools.${index}`
    if (!isJsonObject(value)) throw invalidField(path, 'an object with "name" and "input_schema"', value)
    if (value['name'] === 'DeferredToolPlaceholder' && value['defer_loading'] === true) return []
    return [decodeTool(value, path)]
  })
}

/** Reads `tool_choice`; absent means `auto`. */
export function decodeToolChoice(choice: MessagesBody['tool_choice'], tools: readonly Tool[]): ToolChoice {
  if (!choice) return { type: 'auto' }
  if (choice.type === 'none') return { type: 'none' }
  const parallel = typeof choice.disable_parallel_tool_use === 'boolean' && {
    parallel: !choice.disable_parallel_tool_use,
  }
  if (choice.type !== 'tool') return { type: choice.type, ...parallel }
  const name = choice.name ?? undefined
  if (name === undefined) throw invalidField('tool_choice.name', 'the name of a tool', undefined)
  if (!tools.some((tool) => tool.name === name)) {
    throw invalidRequest('tool_choice.name', 'no tool of this name is among the tools')
  }
  return { type: 'tool', name, ...parallel }
}

function decodeTool(value: JsonObject, path: string): Tool {
  const type = optionalString(value, 'type', path)
  const inputSchema = optionalObject(value, 'input_schema', path)
  const description = optionalString(value, 'description', path) ?? ''
  if (inputSchema === undefined && type !== undefined && type !== 'custom') {
    const name = optionalString(value, 'name', path)
    return { name: name || type, description, server: { dialect: 'anthropic', value } }
  }
  const name = requiredString(value, 'name', path, 'the name of the tool')
  if (inputSchema === undefined) throw invalidField(`${path}.input_schema`, 'a JSON Schema, an object', undefined)
  const extras = extrasOf(value)
  return { name, description, inputSchema, ...(extras === undefined ? {} : { extras }) }
}

/** `defer_loading`, `cache_control`, `eager_input_streaming` and whatever comes next. */
function extrasOf(tool: JsonObject): JsonObject | undefined {
  const extras: [string, JsonValue][] = Object.entries(tool).filter(
    ([key, value]) => !['name', 'description', 'input_schema', '__proto__'].includes(key) && !isDefault(key, value),
  )
  return extras.length === 0 ? undefined : Object.fromEntries(extras)
}

function isDefault(key: string, value: JsonValue): boolean {
  return value === null || (key === 'type' && value === 'custom')
}
