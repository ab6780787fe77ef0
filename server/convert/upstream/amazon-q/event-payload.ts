import { ProxyError } from '../../../canonical/error.ts'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'

const PLAIN_HEAD = '{"content":"'
const PLAIN_TAIL = '"}'

/**
 * The text of an `assistantResponseEvent`. Most payloads are `{"content":"…"}` without an escape, and cutting that out
 * is several times cheaper than parsing it; everything else is parsed.
 */
export function contentOfPayload(payload: string): string {
  if (payload.startsWith(PLAIN_HEAD) && payload.endsWith(PLAIN_TAIL) && !payload.includes('\\')) {
    const end = payload.indexOf('"', PLAIN_HEAD.length)
    if (end === payload.length - PLAIN_TAIL.length) return payload.slice(PLAIN_HEAD.length, end)
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
