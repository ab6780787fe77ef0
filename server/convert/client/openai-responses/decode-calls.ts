import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { Tool, ToolResultBlock, ToolUseBlock } from '../../../canonical/request.ts'
import { parseToolArguments } from '../openai/tool-arguments.ts'
import { invalidField, optionalString, requiredString } from '../request-fields.ts'
import { decodeToolOutput } from './decode-content.ts'
import { decodeTools } from './decode-tools.ts'
import type { CallKind, ToolTable } from './tool-table.ts'

/**
 * A call of the history as a tool-use block, its input as the tool's flat declaration has it; `undefined`: the item is no
 * call that the client ran. Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeCall(type: string, item: JsonObject, path: string, table: ToolTable): ToolUseBlock | undefined {
  switch (type) {
    case 'function_call':
      return named('function', item, path, table, parseToolArguments(textAt(item, 'arguments', path)))
    case 'custom_tool_call':
      return named('custom', item, path, table, { input: textAt(item, 'input', path) })
    case 'tool_search_call': {
      // One without an id was run by OpenAI.
      if (typeof item['call_id'] !== 'string') return undefined
      return builtIn('tool-search', 'tool_search', item, path, table, searchInput(item['arguments']))
    }
    case 'local_shell_call':
      return builtIn(
        'local-shell',
        'local_shell',
        item,
        path,
        table,
        without(objectAt(item, 'action', path), 'type', 'env'),
      )
    case 'shell_call':
      return builtIn('shell', 'shell', item, path, table, without(objectAt(item, 'action', path)))
    case 'apply_patch_call':
      return builtIn('apply-patch', 'apply_patch', item, path, table, objectAt(item, 'operation', path))
    default:
      return undefined
  }
}

/** The output of a call as a tool result; `undefined`: the item is no output of such a call. Throws like `decodeCall`. */
export function decodeCallOutput(
  type: string,
  item: JsonObject,
  path: string,
  table: ToolTable,
): ToolResultBlock | undefined {
  switch (type) {
    case 'function_call_output':
    case 'custom_tool_call_output':
      return result(callId(item, path), decodeToolOutput(item['output'], `${path}.output`))
    case 'local_shell_call_output':
      return result(
        optionalString(item, 'call_id', path) ?? requiredString(item, 'id', path, 'the id of the call'),
        decodeToolOutput(item['output'], `${path}.output`),
      )
    case 'shell_call_output':
      return result(callId(item, path), [{ type: 'text', text: shellOutput(item['output'], `${path}.output`) }])
    case 'apply_patch_call_output':
      return result(callId(item, path), decodeToolOutput(item['output'], `${path}.output`), item['status'] === 'failed')
    case 'tool_search_output': {
      const id = item['call_id']
      return typeof id === 'string' ? result(id, [{ type: 'text', text: foundTools(item, path, table) }]) : undefined
    }
    default:
      return undefined
  }
}

function named(kind: CallKind, item: JsonObject, path: string, table: ToolTable, input: JsonObject): ToolUseBlock {
  const name = requiredString(item, 'name', path, 'the name of the tool')
  const namespace = optionalString(item, 'namespace', path) ?? ''
  const flat = table.nameOf({ kind, name, ...(namespace === '' ? {} : { namespace }) })
  return { type: 'tool-use', id: callId(item, path), name: flat, input }
}

function builtIn(
  kind: CallKind,
  name: string,
  item: JsonObject,
  path: string,
  table: ToolTable,
  input: JsonObject,
): ToolUseBlock {
  return { type: 'tool-use', id: callId(item, path), name: table.nameOf({ kind, name }), input }
}

function result(toolUseId: string, content: ToolResultBlock['content'], isError = false): ToolResultBlock {
  return { type: 'tool-result', toolUseId, content, isError }
}

function searchInput(value: JsonValue | undefined): JsonObject {
  if (typeof value === 'string') return parseToolArguments(value)
  return isJsonObject(value) ? value : {}
}

/** What a tool search found, by the names under which the tools can be called from here on. */
function foundTools(item: JsonObject, path: string, table: ToolTable): string {
  const { tools } = item
  if (!Array.isArray(tools)) throw invalidField(`${path}.tools`, 'an array of tools', tools)
  const found: Tool[] = []
  decodeTools(tools, `${path}.tools`, table, found)
  if (found.length === 0) return 'No tools were found.'
  return `These tools can be used now: ${found.map((tool) => tool.name).join(', ')}.`
}

function shellOutput(output: unknown, path: string): string {
  if (typeof output === 'string') return output
  if (!Array.isArray(output)) throw invalidField(path, 'an array of command outputs', output)
  const parts = output.filter(isJsonObject).map((entry) => {
    const outcome = isJsonObject(entry['outcome']) ? entry['outcome'] : {}
    const code = outcome['exit_code']
    const end =
      outcome['type'] === 'timeout'
        ? '(timed out)'
        : typeof code === 'number' && code !== 0
          ? `(exit code ${code})`
          : ''
    const texts = [entry['stdout'], entry['stderr'], end].filter((text) => typeof text === 'string')
    return texts.filter((text) => text !== '').join('\n')
  })
  return parts.join('\n')
}

function callId(item: JsonObject, path: string): string {
  return requiredString(item, 'call_id', path, 'the id of the call')
}

function textAt(item: JsonObject, key: string, path: string): string {
  const value = item[key]
  if (typeof value === 'string') return value
  throw invalidField(`${path}.${key}`, 'a string', value)
}

function objectAt(item: JsonObject, key: string, path: string): JsonObject {
  const value = item[key]
  if (isJsonObject(value)) return value
  throw invalidField(`${path}.${key}`, 'an object', value)
}

/** A copy without those members and without those that are null. */
function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name, value]) => value !== null && !names.includes(name)))
}
