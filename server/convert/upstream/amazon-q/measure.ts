import type { JsonValue } from '../../../canonical/json.ts'

export interface Measure {
  /** Characters of all strings and member names. */
  characters: number
  /** Characters of the longest string. */
  longest: number
  /** Levels of the deepest part. */
  depth: number
}

// Deeper values would overflow the stack of whoever walks them, JSON.stringify included.
export const MAX_DEPTH = 200

/**
 * Adds the size of a JSON value to `measure`, close to the length of its text but without making that text: a request is
 * stringified once, where it is sent. Does not go deeper than `MAX_DEPTH`.
 */
export function measureJson(value: JsonValue | undefined, measure: Measure, depth = 0): void {
  if (typeof value === 'string') {
    measure.characters += value.length + 2
    if (value.length > measure.longest) measure.longest = value.length
    return
  }
  if (typeof value !== 'object' || value === null) {
    measure.characters += 4
    return
  }
  if (depth > measure.depth) measure.depth = depth
  if (depth > MAX_DEPTH) return
  if (Array.isArray(value)) {
    for (const part of value) measureJson(part, measure, depth + 1)
    return
  }
  for (const [name, part] of Object.entries(value)) {
    measure.characters += name.length + 4
    measureJson(part, measure, depth + 1)
  }
}
