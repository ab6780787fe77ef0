import { describe, expect, it } from 'vitest'
import vectors from '../../../tests/fixtures/event-stream/vectors.json' with { type: 'json' }
import { createEventStreamDecoder, decodePayloadText, encodeEventStreamMessage } from './index.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

const event = (type: string, payload: string): Uint8Array =>
  encodeEventStreamMessage({
    headers: [
      [':event-type', type],
      [':content-type', 'application/json'],
      [':message-type', 'event'],
    ],
    payload,
  })

/** What a stream says, cut in the given pieces: one line a message. */
function readAll(chunks: Iterable<Uint8Array>): string[] {
  const decoder = createEventStreamDecoder()
  const lines: string[] = []
  for (const chunk of chunks) {
    for (const message of decoder.decode(chunk)) {
      lines.push(`${message.messageType} ${message.type} ${decodePayloadText(message.payload)}`)
    }
  }
  decoder.end()
  return lines
}

function* cutEvery(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const three = Buffer.concat([
  event('assistantResponseEvent', '{"content":"Grüße, 世界 🙂"}'),
  event('meteringEvent', '{"usage":0.0169}'),
  event('assistantResponseEvent', `{"content":"${'long '.repeat(600)}"}`),
])
const threeLines = [
  'event assistantResponseEvent {"content":"Grüße, 世界 🙂"}',
  'event meteringEvent {"usage":0.0169}',
  `event assistantResponseEvent {"content":"${'long '.repeat(600)}"}`,
]

describe('server/codec/event-stream/decoder', () => {
  it.each(vectors)('decodes the vector: $name', (vector) => {
    const [message, ...more] = createEventStreamDecoder().decode(hex(vector.hex))
    expect(more).toEqual([])
    expect(message?.messageType).toBe(vector.messageType)
    expect(message?.type).toBe(vector.type)
    expect(message?.errorMessage).toBeUndefined()
    expect(message?.text).toBe(vector.payload)
    expect(decodePayloadText(message!.payload)).toBe(vector.payload)
    expect([...message!.headers].map(([name, header]) => [name, header.value])).toEqual(vector.headers)
  })

  it('tells the code and message of an error message', () => {
    const bytes = encodeEventStreamMessage({
      headers: [
        [':message-type', 'error'],
        [':error-code', 'InternalError'],
        [':error-message', 'It broke.'],
      ],
    })
    const [message] = createEventStreamDecoder().decode(bytes)
    expect(message).toMatchObject({ messageType: 'error', type: 'InternalError', errorMessage: 'It broke.' })
    expect(message?.payload).toHaveLength(0)
  })

  it('does not take a header that is no string for a type', () => {
    const [message] = createEventStreamDecoder().decode(
      encodeEventStreamMessage({ headers: [[':message-type', { type: 'integer', value: 7 }]] }),
    )
    expect(message).toMatchObject({ messageType: '', type: '' })
  })

  it('gives a plain Uint8Array and a Buffer the same treatment, at any offset', () => {
    const padded = new Uint8Array(three.length + 3)
    padded.set(three, 3)
    expect(readAll([padded.subarray(3)])).toEqual(threeLines)
    expect(readAll([three])).toEqual(threeLines)
  })

  it('decodes pieces of every length', () => {
    for (let length = 1; length <= 400; length += 1) expect(readAll(cutEvery(three, length))).toEqual(threeLines)
  })

  it('decodes a stream cut in two at every place', () => {
    for (let cut = 0; cut <= three.length; cut += 1) {
      expect(readAll([three.subarray(0, cut), three.subarray(cut)])).toEqual(threeLines)
    }
  })

  it('decodes whatever the pieces, empty ones too', () => {
    let state = 1
    for (let round = 0; round < 300; round += 1) {
      const chunks: Uint8Array[] = []
      for (let at = 0; at < three.length;) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
        const length = (state >>> 16) % 700
        chunks.push(three.subarray(at, at + length))
        at += length
      }
      expect(readAll(chunks)).toEqual(threeLines)
    }
  })

  it('keeps every payload of one call readable until the next call', () => {
    const decoder = createEventStreamDecoder()
    const cuts = [50, three.length - 1000, three.length]
    const seen = cuts.map((cut, index) => decoder.decode(three.subarray(cuts[index - 1] ?? 0, cut)).map((m) => m.text))
    expect(seen).toEqual([
      [],
      ['{"content":"Grüße, 世界 🙂"}', '{"usage":0.0169}'],
      [`{"content":"${'long '.repeat(600)}"}`],
    ])
  })

  it('tells more header blocks apart than it remembers, also ones that differ in one byte, wherever it is', () => {
    const length = 10
    for (let place = 0; place < length; place += 1) {
      const types = Array.from({ length: 12 }, (_, index) => {
        const name = 'k'.repeat(length)
        return name.slice(0, place) + String.fromCharCode(97 + index) + name.slice(place + 1)
      })
      const order = Array.from({ length: 200 }, (_, index) => types[(index * index + 3 * index) % types.length]!)
      const frames = order.map((type, index) =>
        encodeEventStreamMessage({
          headers: [
            [':message-type', 'event'],
            [':event-type', type],
          ],
          payload: `{"n":${index}}`,
        }),
      )
      expect(readAll([Buffer.concat(frames)])).toEqual(order.map((type, index) => `event ${type} {"n":${index}}`))
    }
  })

  it('shares the headers of messages with the same header bytes', () => {
    const [first, second, third] = createEventStreamDecoder().decode(
      Buffer.concat([event('a', '1'), event('b', '2'), event('a', '3')]),
    )
    expect(third?.headers).toBe(first?.headers)
    expect(second?.headers).not.toBe(first?.headers)
  })

  it('decodes headers that are too short, or too long, to be remembered', () => {
    const short = encodeEventStreamMessage({ headers: [['', { type: 'boolean', value: true }]], payload: 'x' })
    const long = encodeEventStreamMessage({ headers: [['h', 'v'.repeat(5000)]], payload: 'y' })
    const messages = createEventStreamDecoder().decode(Buffer.concat([short, long, short, long]))
    expect(messages.map((message) => message.text)).toEqual(['x', 'y', 'x', 'y'])
    expect(messages[3]?.headers.get('h')?.value).toBe('v'.repeat(5000))
  })
})
