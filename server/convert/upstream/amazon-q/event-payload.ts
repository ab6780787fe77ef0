import { ProxyError } from '../../../canonical/error.ts'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'

const HEAD = '{"content":"'
const TAIL = '"}'
const MODEL = '","modelId":"'

/**
 * The text of an `assistantResponseEvent`. Most payloads are `{"content":"…"}`, some with a `modelId` behind, and have no
 * escape: cutting the text out costs less than half of parsing. Everything else is parsed.
 */
export function contentOfPayload(payload: string): string {
  if (payload.startsWith(HEAD) && payload.endsWith(TAIL) && !payload.includes('\\')) {
    const last = payload.length - TAIL.length
    const end = payload.indexOf('"', HEAD.length)
    const plain = end === last
    if (plain || (payload.startsWith(MODEL, end) && payload.indexOf('"', end + MODEL.length) === last)) {
      return payload.slice(HEAD.length, end)
    }
  }
  const { content } = parsePayload(payload, 'assistantResponseEvent')
  return typeof content === 'string' ? content : ''
}

/**
 * The payload of an event, without the outer object named after the event that some senders add (amazon-q.md §3.2).
 * Throws `ProxyError` `upstream-invalid` if it is no JSON object.
 */
export function parsePayload(payload: string, type: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch (cause) {
    throw invalidPayload(type, cause)
  }
  if (!isJsonObject(value)) throw invalidPayload(type, undefined)
  const wrapped = value[type]
  return isJsonObject(wrapped) ? wrapped : value
}

function invalidPayload(type: string, cause: unknown): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    `The service sent an event (${type.slice(0, 100)}) that is not the JSON its protocol promises. The fault is the ` +
      "service's or of something on the way to it; try again.",
    { cause },
  )
}
