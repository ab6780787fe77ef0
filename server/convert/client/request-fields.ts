import { ProxyError } from '../../canonical/error.ts'
import { isJsonObject, type JsonObject } from '../../canonical/json.ts'

/**
 * Guards for reading client JSON in one pass. Each returns the value or throws `ProxyError` of kind `invalid-request`
 * whose message and `param` name the field. Paths are plain strings (`messages.3.content.0`); the last member's name is
 * passed apart, so that nothing is concatenated while all is well.
 */
export function requiredString(object: JsonObject, key: string, path: string, expected = 'a string'): string {
  const value = object[key]
  if (typeof value === 'string' && value !== '') return value
  throw invalidField(join(path, key), value === '' ? `${expected} that is not empty` : expected, value)
}

/** A string that may be empty; `undefined` when absent or null. */
export function optionalString(object: JsonObject, key: string, path: string): string | undefined {
  const value = object[key]
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return undefined
  throw invalidField(join(path, key), 'a string', value)
}

/** `undefined` when absent or null. */
export function optionalBoolean(object: JsonObject, key: string, path: string): boolean | undefined {
  const value = object[key]
  if (typeof value === 'boolean') return value
  if (value === undefined || value === null) return undefined
  throw invalidField(join(path, key), 'true or false', value)
}

/** `undefined` when absent or null. */
export function optionalObject(object: JsonObject, key: string, path: string): JsonObject | undefined {
  const value = object[key]
  if (value === undefined || value === null) return undefined
  if (isJsonObject(value)) return value
  throw invalidField(join(path, key), 'an object', value)
}

/** The error for a field that is missing or of the wrong type. `expected` continues "expected …". */
export function invalidField(path: string, expected: string, value: unknown): ProxyError {
  return invalidRequest(path, mismatch(expected, value))
}

/** The error for a field whose value can't be served. `problem` says why, without a full stop. */
export function invalidRequest(path: string, problem: string): ProxyError {
  return new ProxyError(
    'invalid-request',
    `${path}: ${problem}. The client's request is at fault: correct this and send it again.`,
    { param: path },
  )
}

/** What was expected and what stood there, in words. */
export function mismatch(expected: string, value: unknown): string {
  return `expected ${expected}, ${value === undefined ? 'but it is missing' : `got ${describe(value)}`}`
}

function join(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`
}

/** A value in words. Texts are quoted only when they look like a keyword: anything else may be somebody's content. */
function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  switch (typeof value) {
    case 'object':
      return 'an object'
    case 'string':
      if (value === '') return 'an empty string'
      return /^[a-z][a-z0-9_.-]{0,39}$/iu.test(value) ? `"${value}"` : 'a string'
    case 'number':
      return `a number (${value})`
    case 'boolean':
      return `a boolean (${value})`
    default:
      return 'nothing'
  }
}
