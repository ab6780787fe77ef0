import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { Tool, ToolChoice } from '../../../canonical/request.ts'
import type { ChatBody } from '../../../wire/openai-chat/request.ts'
import { invalidField, invalidRequest, optionalObject, requiredString } from '../request-fields.ts'

export interface DecodedChoice {
  readonly choice: ToolChoice
  /** The names that `allowed_tools` lists; absent: all tools. */
  readonly allowed?: ReadonlySet<string>
}

/** Reads `tool_choice`, else `function_call`; absent means `auto`. Throws `ProxyError` of kind `invalid-request`. */
export function decodeToolChoice(body: ChatBody, tools: readonly Tool[]): DecodedChoice {
  if (body.tool_choice !== undefined && body.tool_choice !== null) {
    return decodeChoice(body.tool_choice, 'tool_choice', tools)
  }
  const legacy: unknown = body.function_call ?? 'auto'
  if (!isJsonObject(legacy)) return decodeChoice(legacy, 'function_call', tools)
  return { choice: namedChoice(legacy, 'function_call', tools) }
}

function decodeChoice(value: unknown, path: string, tools: readonly Tool[]): DecodedChoice {
  if (isJsonObject(value)) return decodeObject(value, path, tools)
  switch (value) {
    case 'auto':
    case 'none':
      return { choice: { type: value } }
    case 'required':
      mustHaveTools(path, tools)
      return { choice: { type: 'any' } }
    default:
      throw invalidField(path, '"auto", "none", "required" or an object that names a function', value)
  }
}

function decodeObject(value: JsonObject, path: string, tools: readonly Tool[]): DecodedChoice {
  switch (value['type']) {
    case 'function': {
      const named = optionalObject(value, 'function', path)
      return { choice: namedChoice(named ?? {}, `${path}.function`, tools) }
    }
    case 'allowed_tools':
      return allowedTools(optionalObject(value, 'allowed_tools', path) ?? {}, `${path}.allowed_tools`, tools)
    default:
      throw invalidField(`${path}.type`, '"function" or "allowed_tools"', value['type'])
  }
}

function allowedTools(value: JsonObject, path: string, tools: readonly Tool[]): DecodedChoice {
  const mode = value['mode'] ?? 'auto'
  if (mode !== 'auto' && mode !== 'required') throw invalidField(`${path}.mode`, '"auto" or "required"', mode)
  const listed = value['tools']
  if (!Array.isArray(listed) || listed.length === 0) {
    throw invalidField(`${path}.tools`, 'an array of at least one tool', listed)
  }
  const allowed = new Set<string>()
  for (const [index, entry] of listed.entries()) {
    const entryPath = `${path}.tools.${index}`
    if (!isJsonObject(entry))
      throw invalidField(entryPath, 'an object such as {"type":"function","function":{}}', entry)
    const named = optionalObject(entry, 'function', entryPath) ?? {}
    allowed.add(knownName(named, `${entryPath}.function`, tools))
  }
  return { choice: { type: mode === 'required' ? 'any' : 'auto' }, allowed }
}

function namedChoice(named: JsonObject, path: string, tools: readonly Tool[]): ToolChoice {
  return { type: 'tool', name: knownName(named, path, tools) }
}

function knownName(named: JsonObject, path: string, tools: readonly Tool[]): string {
  const name = requiredString(named, 'name', path, 'the name of a function')
  if (tools.some((tool) => tool.name === name)) return name
  throw invalidRequest(`${path}.name`, 'no function of this name is among the tools')
}

function mustHaveTools(path: string, tools: readonly Tool[]): void {
  if (tools.length === 0) throw invalidRequest(path, 'a call is required, but the request declares no tools')
}
