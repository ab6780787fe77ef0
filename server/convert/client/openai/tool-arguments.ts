import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'

/**
 * The input of a call in the history, which OpenAI's dialects write as JSON text. Nothing is refused, since a
 * conversation with one bad call could never go on: text that is no JSON object becomes the one member
 * `unparsed_arguments`.
 */
export function parseToolArguments(text: string): JsonObject {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isJsonObject(value)) return value
    if (value === null) return {}
  } catch {
    // Kept as it stands, below.
  }
  return { unparsed_arguments: text }
}
