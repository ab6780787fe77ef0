import type { JsonObject } from '../../../canonical/json.ts'
import type { Tool } from '../../../canonical/request.ts'
import { optionalBoolean, optionalObject, optionalString, requiredString } from '../request-fields.ts'

/** What a function without `parameters` takes: nothing. */
const noParameters: JsonObject = { type: 'object', properties: {} }

/**
 * A function's declaration; `fields` is the object that holds `name`, `description`, `parameters` and `strict`
 * (`tools.N.function` in Chat, the tool itself in Responses). Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeFunctionTool(fields: JsonObject, path: string): Tool {
  const strict = optionalBoolean(fields, 'strict', path)
  return {
    name: requiredString(fields, 'name', path, 'the name of the function'),
    description: optionalString(fields, 'description', path) ?? '',
    inputSchema: optionalObject(fields, 'parameters', path) ?? noParameters,
    ...(strict === undefined ? {} : { extras: { strict } }),
  }
}
