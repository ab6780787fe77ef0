import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { Tool } from '../../../canonical/request.ts'
import { decodeFunctionTool } from '../openai/function-tool.ts'
import { invalidField, optionalObject, optionalString, requiredString } from '../request-fields.ts'
import { clientTools, customInputSchema, searchSchema } from './client-tools.ts'
import type { CallKind, ToolTable } from './tool-table.ts'

/**
 * Reads tool declarations (`tools`, or those inside the input) and appends what they become to `into`: functions, custom
 * tools and those of namespaces one by one under flat names, tools that the client runs itself with a schema of ours,
 * and what only OpenAI could run as server tools. Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeTools(tools: readonly unknown[], path: string, table: ToolTable, into: Tool[]): void {
  for (const [index, tool] of tools.entries()) decodeTool(tool, `${path}.${index}`, table, into)
}

function decodeTool(value: unknown, path: string, table: ToolTable, into: Tool[]): void {
  if (!isJsonObject(value)) throw invalidField(path, 'a tool, an object with a "type"', value)
  const { type } = value
  switch (type) {
    case 'function':
    case 'custom':
      into.push(callable(value, path, table, type, undefined))
      return
    case 'namespace':
      into.push(...decodeNamespace(value, path, table))
      return
    case 'tool_search':
      into.push(value['execution'] === 'client' ? searchTool(value, path, table) : serverTool(type, value))
      return
    default: {
      if (typeof type !== 'string' || type === '') throw invalidField(`${path}.type`, 'the type of a tool', type)
      const known = runsElsewhere(value) ? undefined : clientTools.get(type)
      if (known === undefined) {
        into.push(serverTool(type, value))
        return
      }
      const { kind, description, inputSchema } = known
      into.push({ name: table.nameOf({ kind, name: known.name }), description, inputSchema })
    }
  }
}

function decodeNamespace(value: JsonObject, path: string, table: ToolTable): readonly Tool[] {
  const namespace = requiredString(value, 'name', path, 'the name of the namespace')
  const about = optionalString(value, 'description', path) ?? ''
  const { tools } = value
  if (!Array.isArray(tools)) throw invalidField(`${path}.tools`, 'an array of tools', tools)
  return tools.map((tool: JsonValue, index): Tool => {
    const place = `${path}.tools.${index}`
    if (!isJsonObject(tool)) throw invalidField(place, 'a tool, an object with a "type"', tool)
    const { type } = tool
    if (type !== 'function' && type !== 'custom') throw invalidField(`${place}.type`, '"function" or "custom"', type)
    const decoded = callable(tool, place, table, type, namespace)
    // Said once: the description of a whole server's tools can be long.
    if (index > 0 || about === '') return decoded
    return { ...decoded, description: `[All tools of "${namespace}": ${about}]\n\n${decoded.description}` }
  })
}

function callable(
  value: JsonObject,
  path: string,
  table: ToolTable,
  kind: Extract<CallKind, 'function' | 'custom'>,
  namespace: string | undefined,
): Tool {
  const decoded = kind === 'function' ? decodeFunctionTool(value, path) : decodeCustomTool(value, path)
  const target = { kind, name: decoded.name, ...(namespace === undefined ? {} : { namespace }) }
  return { ...decoded, name: table.nameOf(target) }
}

/** A tool that takes free text. A grammar that OpenAI would hold the model to can only be described. */
function decodeCustomTool(value: JsonObject, path: string): Tool {
  const name = requiredString(value, 'name', path, 'the name of the tool')
  const description = optionalString(value, 'description', path) ?? ''
  const format = optionalObject(value, 'format', path)
  const grammar = format?.['type'] === 'grammar' ? grammarOf(format, `${path}.format`) : ''
  const parts = [description, 'Give the whole text as the one argument "input".', grammar]
  return { name, description: parts.filter((part) => part !== '').join('\n\n'), inputSchema: customInputSchema }
}

function grammarOf(format: JsonObject, path: string): string {
  const definition = requiredString(format, 'definition', path, 'the text of a grammar')
  const syntax = optionalString(format, 'syntax', path) ?? 'lark'
  return `The input must follow this ${syntax.slice(0, 40)} grammar:\n${definition}`
}

function searchTool(value: JsonObject, path: string, table: ToolTable): Tool {
  return {
    name: table.nameOf({ kind: 'tool-search', name: 'tool_search' }),
    description: optionalString(value, 'description', path) ?? 'Finds tools that are not listed here.',
    inputSchema: optionalObject(value, 'parameters', path) ?? searchSchema,
  }
}

function serverTool(type: string, value: JsonObject): Tool {
  const { name, server_label: label } = value
  const called = [name, label].find((text) => typeof text === 'string' && text !== '')
  return {
    name: typeof called === 'string' ? called : type,
    description: '',
    server: { dialect: 'openai-responses', value },
  }
}

/** A shell in one of OpenAI's containers. */
function runsElsewhere(value: JsonObject): boolean {
  const { environment } = value
  const type = isJsonObject(environment) ? environment['type'] : undefined
  return typeof type === 'string' && type.startsWith('container')
}
