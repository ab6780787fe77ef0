import { EventStreamMarshaller } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'
import { crc32 } from 'node:zlib'
import { CRC_START, crcOfRange } from '../server/codec/event-stream/crc32.ts'
import { createEventStreamDecoder } from '../server/codec/event-stream/index.ts'
import type { Corpus } from './codec-corpus.ts'

/** Something that reads a whole stream and returns a number that depends on all of it. */
export type StreamReader = (chunks: Iterable<Uint8Array>) => Promise<number>

/** What an AWS client does with a response: chunks → frames → messages → events by type. */
export const smithyDecode: StreamReader = async (chunks) => {
  let sum = 0
  const events = marshaller.deserialize(asBody(chunks), (event) => Promise.resolve(event))
  for await (const event of events) for (const type in event) sum += type.length + event[type]!.body.length
  return sum
}

/** The same, with the payload parsed in the deserialiser, where an AWS client does it. */
export const smithyJson: StreamReader = async (chunks) => {
  let sum = 0
  const events = marshaller.deserialize(asBody(chunks), (event) => {
    for (const type in event) return Promise.resolve({ [type]: JSON.parse(toUtf8(event[type]!.body)) as object })
    return Promise.resolve(event)
  })
  for await (const event of events) for (const type in event) sum += type.length + (event[type] === null ? 0 : 1)
  return sum
}

/** Ours takes chunks as they come and gives back what they complete; it needs no promise. */
export const ownDecode: StreamReader = async (chunks) => {
  let sum = 0
  const decoder = createEventStreamDecoder()
  for (const chunk of chunks) {
    for (const message of decoder.decode(chunk)) sum += message.type.length + message.payload.length
  }
  decoder.end()
  return sum
}

/** The same, fed like the reference. */
export const ownDecodeIterated: StreamReader = async (chunks) => {
  let sum = 0
  const decoder = createEventStreamDecoder()
  for await (const chunk of iterate(chunks)) {
    for (const message of decoder.decode(chunk)) sum += message.type.length + message.payload.length
  }
  decoder.end()
  return sum
}

export const ownJson: StreamReader = async (chunks) => {
  let sum = 0
  const decoder = createEventStreamDecoder()
  for (const chunk of chunks) {
    for (const message of decoder.decode(chunk)) {
      sum += message.type.length + (JSON.parse(message.text) === null ? 0 : 1)
    }
  }
  decoder.end()
  return sum
}

/** The pieces of a corpus that every decoder must at least touch, each as a function over all of it. */
export function floorsOf(corpus: Corpus): Record<'crcOwn' | 'crcNative' | 'jsonParse', () => number> {
  const bytes = Buffer.from(corpus.bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const frames: { start: number; end: number }[] = []
  for (let start = 0; start < bytes.length; start = frames.at(-1)!.end) {
    frames.push({ start, end: start + bytes.readUInt32BE(start) })
  }
  const texts = frames.map(({ start, end }) =>
    bytes.toString('utf8', start + 12 + bytes.readUInt32BE(start + 4), end - 4),
  )
  return {
    crcOwn: () => {
      let sum = 0
      for (const { start, end } of frames) sum ^= crcOfRange(bytes, view, start, end - 4, CRC_START)
      return sum
    },
    crcNative: () => {
      let sum = 0
      for (const { start, end } of frames) sum ^= crc32(bytes.subarray(start, end - 4))
      return sum
    },
    jsonParse: () => {
      let sum = 0
      for (const text of texts) sum += JSON.parse(text) === null ? 0 : 1
      return sum
    },
  }
}

const marshaller = new EventStreamMarshaller({ utf8Encoder: toUtf8, utf8Decoder: fromUtf8 })

/** A response body, as far as the reference looks at it. */
async function* iterate(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk
}

type Body = Parameters<typeof marshaller.deserialize>[0]

/** The marshaller's type asks for a Readable; it only iterates. */
function asBody(chunks: Iterable<Uint8Array>): Body {
  return iterate(chunks) as AsyncIterable<Uint8Array> as Body
}
