import { isJsonObject } from '../../../canonical/json.ts'
import type { CompletionRequest, ToolChoice } from '../../../canonical/request.ts'
import type { GeminiFunction, GeminiRequestBody } from '../../../wire/gemini/request.ts'
import { isBlank } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { createToolNames, type ToolNames } from './tool-names.ts'
import { toSubsetSchema } from './tool-schema.ts'

export interface EncodedTools {
  readonly names: ToolNames
  readonly members: Pick<GeminiRequestBody, 'tools' | 'toolConfig'>
  /** For the end of the system instruction; may be empty. */
  readonly instructions: string
}

/** The tools as function declarations, and whether the model must call one (gemini.md §4.3, §8.1). */
export function encodeTools(request: CompletionRequest, log: RepairLog): EncodedTools {
  const names = createToolNames(request.tools.map((tool) => tool.name))
  const declared = new Set<string>()
  const functions: GeminiFunction[] = []
  const notes: string[] = []
  for (const [index, tool] of request.tools.entries()) {
    const where = `tools.${index}`
    if (tool.server !== undefined) {
      log.add('server-tool', where, tool.name)
      notes.push(`The tool ${tool.name} is not available.`)
      continue
    }
    if (declared.has(tool.name)) {
      log.add('tool-name-duplicate', where)
      continue
    }
    declared.add(tool.name)
    const name = names.encode(tool.name)
    if (name !== tool.name) log.add('tool-name-form', where)
    if (isBlank(tool.description)) log.add('tool-description-empty', where)
    functions.push({
      name,
      description: isBlank(tool.description) ? `The tool ${name}.` : tool.description,
      ...parametersOf(tool.inputSchema, where, log),
    })
  }
  if (functions.length === 0) return { names, members: {}, instructions: notes.join('\n') }
  const { toolChoice } = request
  if ('parallel' in toolChoice && !(toolChoice.parallel ?? true)) {
    log.add('tool-choice', 'tool_choice', 'one call at a time')
    notes.push('Call at most one tool at a time, and wait for its result before you call the next one.')
  }
  return {
    names,
    members: {
      tools: [{ functionDeclarations: functions }],
      toolConfig: { functionCallingConfig: callingConfig(toolChoice, names, declared) },
    },
    instructions: notes.join('\n'),
  }
}

type CallingConfig = NonNullable<GeminiRequestBody['toolConfig']>['functionCallingConfig']

function callingConfig(choice: ToolChoice, names: ToolNames, declared: ReadonlySet<string>): CallingConfig {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' }
    case 'any':
      return { mode: 'ANY' }
    case 'none':
      return { mode: 'NONE' }
    case 'tool':
      return declared.has(choice.name)
        ? { mode: 'ANY', allowedFunctionNames: [names.encode(choice.name)] }
        : { mode: 'ANY' }
  }
}

function parametersOf(
  schema: NonNullable<CompletionRequest['tools'][number]['inputSchema']> | undefined,
  where: string,
  log: RepairLog,
): { readonly parameters?: object } {
  if (schema === undefined) {
    log.add('schema-missing', where)
    return {}
  }
  const { schema: subset, rules } = toSubsetSchema(schema)
  for (const rule of rules) log.add(rule, `${where}.input_schema`)
  const { properties } = subset
  if (subset.type === 'object' && isJsonObject(properties) && Object.keys(properties).length > 0) {
    return { parameters: subset }
  }
  if (subset.type !== 'object') log.add('schema-top-type', `${where}.input_schema`)
  return {}
}
