import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { Tool, ToolChoice } from '../../../canonical/request.ts'
import { invalidField, invalidRequest, optionalString, requiredString } from '../request-fields.ts'
import { clientTools } from './client-tools.ts'
import type { ToolTable } from './tool-table.ts'

export interface DecodedToolChoice {
  readonly toolChoice: ToolChoice
  /** The tools that may be called. */
  readonly tools: readonly Tool[]
}

/**
 * Reads `tool_choice`; absent means `auto`. Of `allowed_tools` only the named ones are declared to the upstream. A demand
 * for a tool that only OpenAI could run counts as `auto`, since it can't be met. Throws `ProxyError` of kind
 * `invalid-request`.
 */
export function decodeToolChoice(
  choice: unknown,
  parallelCalls: boolean | null | undefined,
  tools: readonly Tool[],
  table: ToolTable,
): DecodedToolChoice {
  const parallel = typeof parallelCalls === 'boolean' ? { parallel: parallelCalls } : {}
  if (choice === undefined || choice === null || choice === 'auto')
    return { toolChoice: { type: 'auto', ...parallel }, tools }
  if (choice === 'none') return { toolChoice: { type: 'none' }, tools }
  if (choice === 'required') return { toolChoice: { type: 'any', ...parallel }, tools }
  if (!isJsonObject(choice)) {
    throw invalidField('tool_choice', '"auto", "none", "required" or an object with a "type"', choice)
  }
  if (choice['type'] === 'allowed_tools') {
    const allowed = allowedNames(choice, table)
    const toolChoice: ToolChoice = { type: choice['mode'] === 'required' ? 'any' : 'auto', ...parallel }
    return { toolChoice, tools: tools.filter((tool) => allowed.has(tool.name)) }
  }
  const name = namedTool(choice, 'tool_choice', table)
  if (name === undefined) return { toolChoice: { type: 'auto', ...parallel }, tools }
  if (!tools.some((tool) => tool.name === name)) {
    throw invalidRequest('tool_choice.name', 'no tool of this name is among the tools')
  }
  return { toolChoice: { type: 'tool', name, ...parallel }, tools }
}

function allowedNames(choice: JsonObject, table: ToolTable): ReadonlySet<string> {
  const { tools } = choice
  if (!Array.isArray(tools)) throw invalidField('tool_choice.tools', 'an array of tools', tools)
  const names = tools.flatMap((tool, index) => {
    const path = `tool_choice.tools.${index}`
    if (!isJsonObject(tool)) throw invalidField(path, 'an object with a "type"', tool)
    return namedTool(tool, path, table) ?? []
  })
  return new Set(names)
}

/** The flat name of the tool that `{type, name?}` means; `undefined` for one that only OpenAI could run. */
function namedTool(value: JsonObject, path: string, table: ToolTable): string | undefined {
  const { type } = value
  if (type === 'function' || type === 'custom') {
    const name = requiredString(value, 'name', path, 'the name of a tool')
    const namespace = optionalString(value, 'namespace', path)
    return table.nameOf({ kind: type, name, ...(namespace === undefined ? {} : { namespace }) })
  }
  if (typeof type !== 'string' || type === '') throw invalidField(`${path}.type`, 'the type of a tool', type)
  if (type === 'tool_search') return table.nameOf({ kind: 'tool-search', name: type })
  const known = clientTools.get(type)
  return known === undefined ? undefined : table.nameOf({ kind: known.kind, name: known.name })
}
