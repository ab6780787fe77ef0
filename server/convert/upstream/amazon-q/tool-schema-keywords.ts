import type { JsonObject, JsonValue } from '../../../canonical/json.ts'
import type { RuleName } from '../../lint/rules.ts'

/** Writes what is usable of one keyword's value to `result` and names the rules that took something away. */
export type CleanKeyword = (
  keyword: string,
  value: JsonValue,
  node: JsonObject,
  result: Record<string, JsonValue>,
  rules: Set<RuleName>,
) => void

export const cleanType: CleanKeyword = (_keyword, value, _node, result, rules) => {
  if (typeof value === 'string') {
    result.type = value
    return
  }
  const names = Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
  if (!Array.isArray(value) || names.length !== value.length || names.length === 0) rules.add('schema-keyword-form')
  if (names.length > 0) result.type = names
}

export const cleanEnum: CleanKeyword = (_keyword, value, _node, result, rules) => {
  if (!Array.isArray(value) || value.length === 0) {
    rules.add('schema-keyword-form')
    return
  }
  const values = value.filter((entry) => !holdsNull(entry, 0))
  if (values.length !== value.length) rules.add('schema-null')
  if (values.length > 0) result.enum = values
}

export const cleanNames: CleanKeyword = (keyword, value, _node, result, rules) => {
  const names = Array.isArray(value) ? new Set(value.filter((name) => typeof name === 'string')) : new Set<string>()
  if (!Array.isArray(value) || names.size !== value.length) rules.add('schema-keyword-form')
  if (names.size > 0) result[keyword] = [...names]
}

const LEAST = -2_147_483_647
const GREATEST = 2_147_483_647

/** `minimum`, `maximum`, their exclusive forms and the lengths. */
export const cleanBound: CleanKeyword = (keyword, value, node, result, rules) => {
  if (typeof value !== 'number') {
    // Draft 4 has a boolean beside `minimum`; without its meaning the inclusive bound remains.
    rules.add(typeof value === 'boolean' ? 'schema-exclusive-bound' : 'schema-keyword-form')
    return
  }
  const isLower = keyword === 'exclusiveMinimum'
  const target = isLower ? 'minimum' : keyword === 'exclusiveMaximum' ? 'maximum' : keyword
  const exclusive = target !== keyword
  if (exclusive) rules.add('schema-exclusive-bound')
  const bound = exclusive && node.type === 'integer' ? nextInteger(value, isLower) : value
  if (bound < LEAST || bound > GREATEST) {
    rules.add('schema-bound')
    return
  }
  // A schema may have both forms; the narrower bound holds, whichever comes first.
  const present = result[target]
  if (target === 'minimum' && typeof present === 'number') result[target] = Math.max(present, bound)
  else if (target === 'maximum' && typeof present === 'number') result[target] = Math.min(present, bound)
  else result[target] = bound
}

function nextInteger(value: number, isLower: boolean): number {
  return isLower ? Math.floor(value) + 1 : Math.ceil(value) - 1
}

const MAX_VALUE_DEPTH = 32

/** Whether a value has `null` anywhere inside; one that is too deep to tell counts as if it had. */
export function holdsNull(value: JsonValue, depth: number): boolean {
  if (value === null || depth > MAX_VALUE_DEPTH) return true
  if (typeof value !== 'object') return false
  const parts: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value)
  return parts.some((part) => holdsNull(part, depth + 1))
}
