import { EventStreamCodec, EventStreamMarshaller, Int64 } from '@smithy/core/event-streams'
import type { MessageHeaderValue } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createEventStreamDecoder, encodeEventStreamMessage, type EventStreamHeader } from './index.ts'

const oracle = new EventStreamCodec(toUtf8, fromUtf8)

const HEADERS: Record<string, EventStreamHeader> = {
  ':event-type': { type: 'string', value: 'naïveEvent' },
  ':message-type': { type: 'string', value: 'event' },
  yes: { type: 'boolean', value: true },
  no: { type: 'boolean', value: false },
  byte: { type: 'byte', value: -7 },
  short: { type: 'short', value: -3000 },
  integer: { type: 'integer', value: -2_000_000_000 },
  long: { type: 'long', value: -9_000_000_000_000_000n },
  binary: { type: 'binary', value: Uint8Array.of(0, 1, 254, 255) },
  timestamp: { type: 'timestamp', value: 1_700_000_000_123n },
  uuid: { type: 'uuid', value: '6f1c1f9e-0d4b-4a55-8f3c-3c1d2e4b5a69' },
}

/** A header as @smithy/core writes it. */
function toOracle(header: EventStreamHeader): MessageHeaderValue {
  if (header.type === 'long') return { type: 'long', value: Int64.fromNumber(Number(header.value)) }
  if (header.type === 'timestamp') return { type: 'timestamp', value: new Date(Number(header.value)) }
  return header
}

/** A header as @smithy/core reads it. */
function fromOracle(header: MessageHeaderValue): EventStreamHeader {
  if (header.type === 'long') return { type: 'long', value: BigInt(header.value.valueOf()) }
  if (header.type === 'timestamp') return { type: 'timestamp', value: BigInt(header.value.getTime()) }
  if (header.type === 'binary') return { type: 'binary', value: Uint8Array.from(header.value) }
  return header
}

const PAYLOADS = ['', '{}', '{"content":"Grüße 世界 🙂"}', 'x'.repeat(70_000)]

describe('server/codec/event-stream against @smithy/core', () => {
  it.each(PAYLOADS)('reads what it writes, and writes the same bytes (payload %#)', (payload) => {
    const headers = Object.fromEntries(Object.entries(HEADERS).map(([name, header]) => [name, toOracle(header)]))
    const theirs = oracle.encode({ headers, body: fromUtf8(payload) })
    const ours = encodeEventStreamMessage({ headers: Object.entries(HEADERS), payload })
    expect(Buffer.compare(ours, theirs)).toBe(0)
    const [message] = createEventStreamDecoder().decode(theirs)
    expect(message?.text).toBe(payload)
    expect(Object.fromEntries(message!.headers)).toEqual(HEADERS)
  })

  it.each(PAYLOADS)('writes what it reads (payload %#)', (payload) => {
    const message = oracle.decode(encodeEventStreamMessage({ headers: Object.entries(HEADERS), payload }))
    const headers = Object.entries(message.headers).map(([name, header]) => [name, fromOracle(header)])
    expect(Object.fromEntries(headers)).toEqual(HEADERS)
    expect(toUtf8(message.body)).toBe(payload)
  })

  it('reads the same events from the same cut stream as the path of an AWS client', async () => {
    const types = ['assistantResponseEvent', 'toolUseEvent', 'meteringEvent']
    const frames = Array.from({ length: 60 }, (_, index) =>
      encodeEventStreamMessage({
        headers: [
          [':event-type', types[index % 3]!],
          [':content-type', 'application/json'],
          [':message-type', 'event'],
        ],
        payload: JSON.stringify({ index, text: 'é'.repeat(index) }),
      }),
    )
    const stream = Buffer.concat(frames)
    const chunks = Array.from({ length: Math.ceil(stream.length / 37) }, (_, n) => stream.subarray(37 * n, 37 * n + 37))
    const marshaller = new EventStreamMarshaller({ utf8Encoder: toUtf8, utf8Decoder: fromUtf8 })
    const theirs: string[] = []
    const events = marshaller.deserialize(Readable.from(chunks), (event) => Promise.resolve(event))
    for await (const event of events) {
      for (const [type, message] of Object.entries(event)) theirs.push(`${type} ${toUtf8(message.body)}`)
    }
    const decoder = createEventStreamDecoder()
    const ours = chunks.flatMap((chunk) => decoder.decode(chunk).map((message) => `${message.type} ${message.text}`))
    decoder.end()
    expect(ours).toEqual(theirs)
    expect(ours).toHaveLength(60)
  })
})
