import type { CompletionRequest, Tool } from '../../../canonical/request.ts'
import type { AmazonQTool } from '../../../wire/amazon-q/request.ts'
import { isBlank } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { createToolNames, isValidToolName, type ToolNames } from './tool-names.ts'
import { normaliseToolSchema } from './tool-schema.ts'

/** Characters (amazon-q.md §2.4 tools). */
const MAX_DESCRIPTION = 10_240
const SHORTENED_DESCRIPTION = 1_000

export interface EncodedTools {
  readonly tools: readonly AmazonQTool[]
  readonly names: ToolNames
  /** Descriptions that are too long for their member, for the system text. Empty: none. */
  readonly longDescriptions: string
  /** Names of tools that only the client's own provider could run. */
  readonly serverTools: readonly string[]
}

/**
 * The tools of every turn: those that the client declares, and placeholders for those that only the history names
 * (amazon-q.md §2.5 rules 5 and 8).
 */
export function encodeTools(request: CompletionRequest, log: RepairLog): EncodedTools {
  const names = createToolNames()
  const tools: AmazonQTool[] = []
  const longDescriptions: string[] = []
  const serverTools: string[] = []
  const historyNames = toolNamesInHistory(request)
  // Without earlier calls a ban is exact: no tools. With them the tools must stay declared, and an instruction says it.
  const banned = request.toolChoice.type === 'none' && historyNames.size === 0
  for (const tool of request.tools) names.reserve(tool.name)
  for (const [index, tool] of request.tools.entries()) {
    const where = `tools.${index}`
    if (tool.server !== undefined) {
      log.add('server-tool', where, tool.name)
      serverTools.push(tool.name)
    } else if (!banned) {
      const encoded = encodeTool(tool, where, names, log, longDescriptions)
      if (encoded !== undefined) tools.push(encoded)
    }
  }
  for (const [name, where] of historyNames) {
    if (names.find(name) !== undefined) continue
    log.add('tool-undeclared', where)
    tools.push(placeholder(addName(name, where, names, log)))
  }
  return { tools, names, longDescriptions: longDescriptions.join('\n\n'), serverTools }
}

function encodeTool(
  tool: Tool,
  where: string,
  names: ToolNames,
  log: RepairLog,
  longDescriptions: string[],
): AmazonQTool | undefined {
  if (names.isAdded(tool.name)) {
    log.add('tool-name-duplicate', where)
    return undefined
  }
  const name = addName(tool.name, where, names, log)
  const schema = normaliseToolSchema(tool.inputSchema)
  for (const rule of schema.rules) log.add(rule, `${where}.input_schema`)
  const description = encodeDescription(tool, name, where, log, longDescriptions)
  return { toolSpecification: { name, description, inputSchema: { json: schema.json } } }
}

function addName(clientName: string, where: string, names: ToolNames, log: RepairLog): string {
  const { name, renamed } = names.add(clientName)
  if (renamed) log.add(isValidToolName(clientName) ? 'tool-name-duplicate' : 'tool-name-form', where)
  return name
}

function encodeDescription(
  tool: Tool,
  name: string,
  where: string,
  log: RepairLog,
  longDescriptions: string[],
): string {
  if (isBlank(tool.description)) {
    log.add('tool-description-empty', where)
    return `The tool ${name}.`
  }
  if (tool.description.length <= MAX_DESCRIPTION) return tool.description
  log.add('tool-description-long', where, `${tool.description.length} characters`)
  longDescriptions.push(`# Description of the tool ${name}\n\n${tool.description}`)
  const pointer = `\n\n(Shortened. The system prompt has the whole text under "Description of the tool ${name}".)`
  return beginning(tool.description, SHORTENED_DESCRIPTION) + pointer
}

/** The first lines of a text, or a cut of it where the first line is too long; never half of a surrogate pair. */
function beginning(text: string, limit: number): string {
  const lineEnd = text.lastIndexOf('\n', limit)
  const cut = lineEnd > limit / 2 ? lineEnd : limit
  return text.slice(0, cut).replace(/[\uD800-\uDBFF]$/u, '')
}

function placeholder(name: string): AmazonQTool {
  return {
    toolSpecification: {
      name,
      description: 'A tool that was used earlier in this conversation. It is not available any more.',
      inputSchema: { json: { type: 'object', properties: {} } },
    },
  }
}

/** The tool names of all calls in the history, each with its first place. */
function toolNamesInHistory(request: CompletionRequest): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [index, message] of request.messages.entries()) {
    if (message.role !== 'assistant') continue
    for (const block of message.content) {
      if (block.type === 'tool-use' && !found.has(block.name)) found.set(block.name, `messages.${index}`)
    }
  }
  return found
}
