/** A JSON object of unknown members. */
export interface JsonObject {
  readonly [key: string]: unknown
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** The value as an object; an empty one when it is something else. */
export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The value as a list; an empty one when it is something else. */
export function listOr(value: unknown): readonly unknown[] {
  return isArray(value) ? value : []
}

/** The value as a string; an empty one when it is something else. */
export function textOr(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Parses JSON; undefined when the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
