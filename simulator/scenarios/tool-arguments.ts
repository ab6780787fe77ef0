import type { SeenTool } from '../conversation.ts'
import { isArray, isObject, listOr, objectOr, type JsonObject } from '../json.ts'

/**
 * Arguments that the tool's own schema accepts: the wanted ones that it declares, and something plausible for every
 * required one that is missing.
 */
export function argumentsFor(tool: SeenTool, wanted: JsonObject): JsonObject {
  const properties = objectOr(tool.schema['properties'])
  const declared = Object.keys(properties)
  const chosen: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(wanted)) {
    if (declared.length === 0 || declared.includes(name)) chosen[name] = typed(value, objectOr(properties[name]))
  }
  for (const name of listOr(tool.schema['required'])) {
    if (typeof name === 'string' && chosen[name] === undefined) chosen[name] = example(name, objectOr(properties[name]))
  }
  return chosen
}

/** A marker's values are texts; the schema may want something else. */
function typed(value: unknown, schema: JsonObject): unknown {
  if (typeof value !== 'string') return value
  switch (schema['type']) {
    case 'number':
    case 'integer':
      return Number(value)
    case 'boolean':
      return value === 'true'
    default:
      return value
  }
}

function example(name: string, schema: JsonObject): unknown {
  const { type, enum: allowed, default: preset } = schema
  if (preset !== undefined) return preset
  if (isArray(allowed) && allowed.length > 0) return allowed[0]
  switch (type) {
    case 'number':
    case 'integer':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1
    case 'boolean':
      return false
    case 'array':
      return []
    case 'object':
      return isObject(schema['properties']) ? argumentsFor({ name, description: '', schema }, {}) : {}
    default:
      return `simulated ${name}`
  }
}
