import type { JsonObject } from '../canonical/json.ts'

/** An unknown JSON value narrowed to an object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
