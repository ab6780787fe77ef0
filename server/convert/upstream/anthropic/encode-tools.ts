import type { JsonObject } from '../../../canonical/json.ts'
import type { CompletionRequest, Tool, ToolChoice } from '../../../canonical/request.ts'
import type { RepairLog } from '../../lint/repair-log.ts'

/** The tools and the choice among them, as members of the body. Server tools of Anthropic's travel as they are. */
export function encodeTools(
  { tools, toolChoice }: CompletionRequest,
  cachePoints: boolean,
  log: RepairLog,
): { readonly tools?: readonly JsonObject[]; readonly tool_choice?: JsonObject } {
  const encoded = tools.flatMap((tool, index) => encodeTool(tool, index, cachePoints, log))
  if (encoded.length === 0) return {}
  const choice = encodeChoice(toolChoice)
  return { tools: encoded, ...(choice === undefined ? {} : { tool_choice: choice }) }
}

function encodeTool(tool: Tool, index: number, cachePoints: boolean, log: RepairLog): JsonObject[] {
  if (tool.server !== undefined) {
    if (tool.server.dialect === 'anthropic') return [tool.server.value]
    log.add('server-tool', `tools.${index}`)
    return []
  }
  // A tool that waits for a reference is never seen here: references arrive as text, so it must be there from the start.
  const { defer_loading: _deferred, cache_control: breakpoint, ...extras } = tool.extras ?? {}
  return [
    {
      ...extras,
      name: tool.name,
      ...(tool.description === '' ? {} : { description: tool.description }),
      input_schema: withObjectType(tool.inputSchema, index, log),
      ...(cachePoints && breakpoint !== undefined ? { cache_control: breakpoint } : {}),
    },
  ]
}

function withObjectType(schema: JsonObject | undefined, index: number, log: RepairLog): JsonObject {
  if (schema?.['type'] === 'object') return schema
  log.add(schema === undefined ? 'schema-missing' : 'schema-top-type', `tools.${index}.input_schema`)
  return { ...schema, type: 'object' }
}

function encodeChoice(choice: ToolChoice): JsonObject | undefined {
  if (choice.type === 'none') return { type: 'none' }
  const alone = choice.parallel === undefined ? {} : { disable_parallel_tool_use: !choice.parallel }
  if (choice.type === 'tool') return { type: 'tool', name: choice.name, ...alone }
  return choice.type === 'auto' && choice.parallel === undefined ? undefined : { type: choice.type, ...alone }
}
