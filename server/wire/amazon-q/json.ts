/** Any value that JSON can carry. Structurally the same as the canonical one, which wire may not import. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** A JSON object with unknown members. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}
