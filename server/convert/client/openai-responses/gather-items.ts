import { ProxyError } from '../../../canonical/error.ts'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import { invalidField, invalidRequest, requiredString } from '../request-fields.ts'
import type { PlacedItem } from './decode-input.ts'

/** The answers given earlier, as far as they are remembered. */
export interface ResponseMemory {
  /** The items of a whole conversation, the answer of that id last; `undefined`: it is not remembered. */
  conversation(responseId: string): readonly JsonObject[] | undefined
  /** One item of an answer. */
  item(itemId: string): JsonObject | undefined
}

export interface GatheredItems {
  /** The whole conversation. */
  readonly items: readonly PlacedItem[]
  /** The part of it that came with this request. */
  readonly own: readonly JsonObject[]
}

/** Items of one request, earlier ones included. */
const mostItems = 100_000

/**
 * The items of the conversation: those of the answer that the request goes on from, then its own `input`, in which
 * references are replaced by what they refer to. Throws `ProxyError` of kind `invalid-request`; an answer that is not
 * remembered has `previous_response_id` as its `param`.
 */
export function gatherItems(
  input: unknown,
  previousResponseId: string | undefined,
  memory: ResponseMemory,
): GatheredItems {
  const own = ownItems(input, memory)
  if (previousResponseId === undefined) return { items: placed(own, 'input'), own }
  const earlier = memory.conversation(previousResponseId)
  if (earlier === undefined) throw forgotten()
  if (earlier.length + own.length > mostItems) throw tooMany('previous_response_id')
  return { items: [...placed(earlier, 'previous_response_id'), ...placed(own, 'input')], own }
}

function ownItems(input: unknown, memory: ResponseMemory): readonly JsonObject[] {
  if (typeof input === 'string' && input !== '') {
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
  }
  if (!Array.isArray(input)) {
    const found: unknown = input ?? undefined
    throw invalidField('input', 'a string that is not empty or an array of items', found)
  }
  if (input.length > mostItems) throw tooMany('input')
  return input.map((item: unknown, index) => {
    if (!isJsonObject(item)) throw invalidField(`input.${index}`, 'an item, an object with a "type"', item)
    const isReference =
      item['type'] === 'item_reference' || ((item['type'] ?? null) === null && item['role'] === undefined)
    return isReference ? resolve(item, `input.${index}`, memory) : item
  })
}

function resolve(item: JsonObject, path: string, memory: ResponseMemory): JsonObject {
  if (item['type'] !== 'item_reference' && item['id'] === undefined) {
    throw invalidField(`${path}.type`, 'the type of an item', undefined)
  }
  const found = memory.item(requiredString(item, 'id', path, 'the id of an item'))
  if (found !== undefined) return found
  throw invalidRequest(
    `${path}.id`,
    'Culvert does not remember an item of this id (it keeps answers for a limited time, and none with "store": false); ' +
      'send the item itself',
  )
}

function placed(items: readonly JsonObject[], path: string): readonly PlacedItem[] {
  return items.map((item, index) => ({ item, path: `${path}.${index}` }))
}

function tooMany(path: string): ProxyError {
  return invalidRequest(path, `expected at most ${mostItems} items`)
}

function forgotten(): ProxyError {
  return new ProxyError(
    'invalid-request',
    'previous_response_id: Culvert does not remember a response of this id. It keeps answers for a limited time, not over ' +
      'a restart, and none with "store": false. Send the whole conversation in input instead.',
    { param: 'previous_response_id' },
  )
}
