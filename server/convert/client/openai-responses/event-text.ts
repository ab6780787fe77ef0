import type { WireCallItem } from '../../../wire/openai-responses/answer.ts'
import { jsonString } from '../json-string.ts'

/** An item of the answer under way. */
export interface ItemPlace {
  readonly index: number
  readonly id: string
}

/** Writes the events of one stream, counting them up. */
export interface EventWriter {
  /** An event; `members` is JSON text without braces. */
  event(type: string, members: string): string
  /** A delta event; `head` as by `deltaHead`. */
  delta(head: string, text: string): string
}

export function createEventWriter(): EventWriter {
  let sequence = 0
  return {
    event: (type, members) => `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence++},${members}}\n\n`,
    delta: (head, text) => `${head}${sequence++},"delta":${jsonString(text)}}\n\n`,
  }
}

/** Everything of an item's delta events up to their sequence number, which is the same for all of them. */
export function deltaHead(type: string, item: ItemPlace, members: string): string {
  return `event: ${type}\ndata: {"type":"${type}",${place(item)},${members}"sequence_number":`
}

export function place({ index, id }: ItemPlace): string {
  return `"item_id":"${id}","output_index":${index}`
}

/** A message as it stands when it begins. */
export function emptyMessage(id: string): string {
  return `{"type":"message","id":"${id}","status":"in_progress","role":"assistant","content":[]}`
}

/** A reasoning item as it stands when it begins. */
export function emptyReasoning(id: string): string {
  return `{"type":"reasoning","id":"${id}","summary":[],"encrypted_content":null}`
}

export function summaryPart(text: string): string {
  return `{"type":"summary_text","text":${jsonString(text)}}`
}

/** A call as it stands when it begins: without its input where the events after it bring that. */
export function begunCall(call: WireCallItem): WireCallItem {
  const status = 'in_progress'
  if (call.type === 'function_call') return { ...call, status, arguments: '' }
  return call.type === 'custom_tool_call' ? { ...call, status, input: '' } : { ...call, status }
}
