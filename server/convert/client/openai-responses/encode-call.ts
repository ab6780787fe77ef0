import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { WireCallItem } from '../../../wire/openai-responses/answer.ts'
import type { CallKind, CallTarget, ToolTable } from './tool-table.ts'

const prefixes: Readonly<Record<CallKind, string>> = {
  function: 'fc',
  custom: 'ctc',
  'tool-search': 'tsc',
  'local-shell': 'lsc',
  shell: 'sc',
  'apply-patch': 'apc',
}

/** Who is called; a name that nobody declared is a function's. */
export function targetOf(name: string, tools: Pick<ToolTable, 'find'>): CallTarget {
  return tools.find(name) ?? { kind: 'function', name }
}

/** Begins an item's id by its kind, as OpenAI's do. */
export function prefixOf(target: CallTarget): string {
  return prefixes[target.kind]
}

/** A call as the kind of item by which the client knows its tool. `json` is the whole input, a JSON object as text. */
export function encodeCall(target: CallTarget, id: string, callId: string, json: string): WireCallItem {
  const head = { id, status: 'completed', call_id: callId } as const
  const { name } = target
  const namespace = target.namespace === undefined ? {} : { namespace: target.namespace }
  if (target.kind === 'function') return { ...head, type: 'function_call', name, ...namespace, arguments: json }
  const input = parse(json)
  switch (target.kind) {
    case 'custom':
      return { ...head, type: 'custom_tool_call', name, ...namespace, input: freeText(input, json) }
    case 'tool-search':
      return { ...head, type: 'tool_search_call', execution: 'client', arguments: input }
    case 'local-shell':
      return { ...head, type: 'local_shell_call', action: localShellAction(input) }
    case 'shell':
      return { ...head, type: 'shell_call', action: shellAction(input), environment: null }
    case 'apply-patch': {
      const operation = { type: textAt(input, 'type') ?? 'update_file', path: textAt(input, 'path') ?? '' }
      const diff = textAt(input, 'diff')
      return { ...head, type: 'apply_patch_call', operation: diff === null ? operation : { ...operation, diff } }
    }
  }
}

/** The text for a custom tool. Models that call the one member something else are understood. */
function freeText(input: JsonObject, json: string): string {
  const named = input['input']
  if (typeof named === 'string') return named
  const values = Object.values(input)
  const [only] = values
  return values.length === 1 && typeof only === 'string' ? only : json
}

function localShellAction(input: JsonObject) {
  const { command } = input
  return {
    type: 'exec',
    command: typeof command === 'string' ? ['bash', '-lc', command] : textsOf(command),
    env: {},
    timeout_ms: numberAt(input, 'timeout_ms'),
    user: null,
    working_directory: textAt(input, 'working_directory'),
  } as const
}

function shellAction(input: JsonObject) {
  const { commands } = input
  return {
    commands: typeof commands === 'string' ? [commands] : textsOf(commands),
    timeout_ms: numberAt(input, 'timeout_ms'),
    max_output_length: numberAt(input, 'max_output_length'),
  }
}

function parse(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function textAt(input: JsonObject, key: string): string | null {
  const value = input[key]
  return typeof value === 'string' ? value : null
}

function numberAt(input: JsonObject, key: string): number | null {
  const value = input[key]
  return typeof value === 'number' ? value : null
}
