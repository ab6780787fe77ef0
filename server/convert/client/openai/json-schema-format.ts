import type { JsonObject } from '../../../canonical/json.ts'
import type { CompletionRequest } from '../../../canonical/request.ts'
import { optionalObject, optionalString } from '../request-fields.ts'

type OutputFormat = NonNullable<CompletionRequest['outputFormat']>

/** `json_object`: any JSON object. */
export const anyJsonObject: OutputFormat = { type: 'json-schema', schema: { type: 'object' } }

/**
 * The `name` and `schema` of a `json_schema` format; `holder` is the object that has them (`response_format.json_schema`
 * in Chat, `text.format` in Responses). `strict` and `description` ask for nothing that an upstream of ours could do.
 * Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeJsonSchemaFormat(holder: JsonObject, path: string): OutputFormat {
  const name = optionalString(holder, 'name', path) ?? ''
  const schema = optionalObject(holder, 'schema', path) ?? anyJsonObject.schema
  return { type: 'json-schema', ...(name === '' ? {} : { name }), schema }
}
