import type { CompletionEvent } from '../../../server/canonical/event.ts'
import type { EventStreamMessage } from '../../../server/codec/event-stream/index.ts'
import {
  type AmazonQStreamContext,
  createAmazonQStreamDecoder,
} from '../../../server/convert/upstream/amazon-q/decode-stream.ts'

/** An event message as the codec hands it over; a string payload is taken as it is. */
export function event(type: string, payload: unknown, messageType = 'event'): EventStreamMessage {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return { messageType, type, payload: Buffer.from(text), text, headers: new Map() }
}

export function say(content: string): EventStreamMessage {
  return event('assistantResponseEvent', { content })
}

export function use(payload: Record<string, unknown>): EventStreamMessage {
  return event('toolUseEvent', payload)
}

/** The events that end every complete answer. */
export const tail: readonly EventStreamMessage[] = [
  event('contextUsageEvent', { contextUsagePercentage: 12.5 }),
  event('meteringEvent', { usage: 0.25, unit: 'credit', unitPlural: 'credits' }),
  event('metadataEvent', { stopReason: 'END_TURN' }),
]

/** Decodes a whole answer. */
export function decodeAnswer(
  messages: readonly EventStreamMessage[],
  context: Partial<AmazonQStreamContext> = {},
): CompletionEvent[] {
  const decoder = createAmazonQStreamDecoder({
    model: 'claude-sonnet-4.5',
    toolNames: new Map(),
    reasoning: 'none',
    stopSequences: [],
    declaredTools: new Set(['Bash', 'Read']),
    newId: () => 'made-up-id',
    ...context,
  })
  const out: CompletionEvent[] = []
  for (const message of messages) decoder.push(message, out)
  decoder.end(out)
  return out
}

/**
 * Events as short lines, neighbouring deltas of a block joined, so that two answers can be compared whatever pieces they
 * came in: `text Hello`, `reasoning Hm. [sig]`, `tool id name {…}`, `finish end-turn`. Throws where the order of events
 * breaks the contract of `CompletionEvent`.
 */
export function outline(events: readonly CompletionEvent[]): string[] {
  const lines: string[] = []
  let open = ''
  let index = -1
  let line = ''
  for (const [position, item] of events.entries()) {
    if ((item.type === 'message-start') !== (position === 0)) throw new Error(`message-start at ${position}`)
    if ((item.type === 'finish') !== (position === events.length - 1)) throw new Error(`finish at ${position}`)
    if (item.type === 'finish') {
      if (open !== '') throw new Error('finish inside a block')
      lines.push(`finish ${item.reason}${item.stopSequence === undefined ? '' : ` ${item.stopSequence}`}`)
    }
    if (!('index' in item)) continue
    const [kind = '', step] = item.type.split('-')
    if (step === 'start') {
      if (open !== '' || item.index !== index + 1) throw new Error(`${item.type} ${item.index} in ${open} ${index}`)
      open = kind
      index = item.index
      line = item.type === 'tool-start' ? `tool ${item.id} ${item.name} ` : `${kind} `
      continue
    }
    if (open !== kind || item.index !== index) throw new Error(`${item.type} ${item.index} in ${open} ${index}`)
    if (item.type === 'tool-delta') line += item.json
    else if (item.type === 'text-delta' || item.type === 'reasoning-delta') line += item.text
    if (step !== 'end') continue
    if (item.type === 'reasoning-end' && item.signature !== undefined) line += ` [${item.signature.value}]`
    if (item.type === 'reasoning-end' && item.redacted !== undefined) line += `[redacted ${item.redacted.value}]`
    lines.push(line)
    open = ''
  }
  return lines
}
