import { crc32 } from 'node:zlib'
import { encodeEventStreamMessage, type EventStreamHeader } from '../server/codec/event-stream/index.ts'

/** A hostile byte sequence and what is known of it. */
export interface Mutation {
  readonly kind: string
  readonly bytes: Buffer
  /**
   * How many bytes at the start are untouched where the checksums were not made right again, so that every whole frame
   * in there must come out and nothing after it may; undefined where the mutation forged checksums.
   */
  readonly intactBytes: number | undefined
}

/** Numbers from 0 to below 1. */
type Random = () => number

type Mutator = (stream: Buffer, random: Random) => { bytes: Buffer; intactBytes: number | undefined }

/** A valid stream of three to six frames: text, tool input, all header types, an error, an empty frame. */
export function makeSeedStream(random: Random): Buffer {
  const frames = Array.from({ length: 3 + below(random, 4) }, () => SEED_FRAMES[below(random, SEED_FRAMES.length)]!)
  return Buffer.concat(frames)
}

/** The stream with one thing wrong with it (rarely nothing: then `intactBytes` is its length). */
export function mutate(stream: Buffer, random: Random): Mutation {
  const [kind, mutator] = MUTATORS[below(random, MUTATORS.length)]!
  return { kind, ...mutator(stream, random) }
}

/** Where each frame of a valid stream ends. */
export function frameEnds(stream: Buffer): number[] {
  const ends: number[] = []
  for (let at = 0; at < stream.length; ends.push(at)) at += stream.readUInt32BE(at)
  return ends
}

const ALL_TYPES: [string, EventStreamHeader | string][] = [
  [':message-type', 'event'],
  [':event-type', 'everything'],
  ['t', { type: 'boolean', value: true }],
  ['f', { type: 'boolean', value: false }],
  ['b', { type: 'byte', value: -1 }],
  ['s', { type: 'short', value: -2 }],
  ['i', { type: 'integer', value: -3 }],
  ['l', { type: 'long', value: -4n }],
  ['x', { type: 'binary', value: Uint8Array.of(0, 255) }],
  ['d', { type: 'timestamp', value: 1_700_000_000_000n }],
  ['u', { type: 'uuid', value: '6f1c1f9e-0d4b-4a55-8f3c-3c1d2e4b5a69' }],
]

const SEED_FRAMES: readonly Uint8Array[] = [
  event('assistantResponseEvent', '{"content":"Hello, 世界"}'),
  event('assistantResponseEvent', `{"content":"${'words and more '.repeat(12)}"}`),
  event('toolUseEvent', '{"toolUseId":"tooluse_1","name":"Read","input":"{\\"pa"}'),
  event('meteringEvent', '{"usage":0.0169}'),
  event('assistantResponseEvent', `{"content":"${'long '.repeat(260)}"}`),
  encodeEventStreamMessage({ headers: ALL_TYPES, payload: '{}' }),
  encodeEventStreamMessage({ headers: [] }),
  encodeEventStreamMessage({
    headers: [
      [':message-type', 'error'],
      [':error-code', 'Broken'],
      [':error-message', 'It broke.'],
    ],
  }),
]

const MUTATORS: readonly (readonly [kind: string, mutator: Mutator])[] = [
  ['bit flips', flipBits],
  ['truncation', (stream, random) => cutAt(stream, below(random, stream.length + 1))],
  ['lost bytes', loseBytes],
  ['extra bytes', addBytes],
  ['noise from somewhere on', noiseFrom],
  ['length that lies', (stream, random) => lie(stream, random, false)],
  ['lengths that lie, all checksums right', (stream, random) => lie(stream, random, true)],
  ['header noise, checksums right', headerNoise],
  ['header bomb', headerBomb],
]

function flipBits(stream: Buffer, random: Random): { bytes: Buffer; intactBytes: number } {
  const bytes = Buffer.from(stream)
  for (let flips = 1 + below(random, 8); flips > 0; flips -= 1) {
    const at = below(random, bytes.length)
    bytes[at] = bytes[at]! ^ (1 << below(random, 8))
  }
  // Two flips of one bit undo each other.
  let intactBytes = 0
  while (intactBytes < bytes.length && bytes[intactBytes] === stream[intactBytes]) intactBytes += 1
  return { bytes, intactBytes }
}

function cutAt(stream: Buffer, length: number): { bytes: Buffer; intactBytes: number } {
  return { bytes: stream.subarray(0, length), intactBytes: length }
}

function loseBytes(stream: Buffer, random: Random): { bytes: Buffer; intactBytes: number | undefined } {
  const at = below(random, stream.length)
  const count = 1 + below(random, 40)
  return { bytes: Buffer.concat([stream.subarray(0, at), stream.subarray(at + count)]), intactBytes: undefined }
}

function addBytes(stream: Buffer, random: Random): { bytes: Buffer; intactBytes: number | undefined } {
  const at = below(random, stream.length + 1)
  const extra = noise(1 + below(random, 40), random)
  return { bytes: Buffer.concat([stream.subarray(0, at), extra, stream.subarray(at)]), intactBytes: undefined }
}

function noiseFrom(stream: Buffer, random: Random): { bytes: Buffer; intactBytes: number | undefined } {
  const at = below(random, stream.length)
  return { bytes: Buffer.concat([stream.subarray(0, at), noise(below(random, 600), random)]), intactBytes: undefined }
}

/** Another total or headers length in one frame, under a right prelude checksum and maybe a right message checksum. */
function lie(stream: Buffer, random: Random, repair: boolean): { bytes: Buffer; intactBytes: undefined } {
  const bytes = Buffer.from(stream)
  const [start, end] = pickFrame(stream, random)
  const lies = [0, 1, 12, 15, 16, 17, end - start - 1, end - start + 1, 0x7fff_ffff, 0xffff_ffff, 16_777_216, 131_072]
  const value = random() < 0.5 ? lies[below(random, lies.length)]! : below(random, 2 * (end - start))
  bytes.writeUInt32BE(value, start + (random() < 0.5 ? 0 : 4))
  repairChecksums(bytes, start, end, repair)
  return { bytes, intactBytes: undefined }
}

function headerNoise(stream: Buffer, random: Random): { bytes: Buffer; intactBytes: undefined } {
  const bytes = Buffer.from(stream)
  const [start, end] = pickFrame(stream, random)
  const length = bytes.readUInt32BE(start + 4)
  for (let changes = length === 0 ? 0 : 1 + below(random, 6); changes > 0; changes -= 1) {
    bytes[start + 12 + below(random, length)] = below(random, random() < 0.5 ? 11 : 256)
  }
  repairChecksums(bytes, start, end, true)
  return { bytes, intactBytes: undefined }
}

/** Now and then very many or very large headers, all valid or nearly so; mostly a middling number of them. */
function headerBomb(stream: Buffer, random: Random): { bytes: Buffer; intactBytes: undefined } {
  const budget = random() < 0.002 ? 140_000 : below(random, 2000)
  const name = Math.floor(random() * 4)
  const headers = Buffer.alloc(budget)
  for (let at = 0, index = 0; at + name + 2 <= budget; at += name + 2, index += 1) {
    headers[at] = name
    for (let place = 0; place < name; place += 1) headers[at + 1 + place] = index >>> (8 * place)
  }
  const frame = Buffer.alloc(16 + budget)
  frame.writeUInt32BE(frame.length)
  frame.writeUInt32BE(budget, 4)
  headers.copy(frame, 12)
  repairChecksums(frame, 0, frame.length, true)
  return { bytes: Buffer.concat([stream, frame, stream]), intactBytes: undefined }
}

function repairChecksums(bytes: Buffer, start: number, end: number, message: boolean): void {
  bytes.writeUInt32BE(crc32(bytes.subarray(start, start + 8)), start + 8)
  if (message) bytes.writeUInt32BE(crc32(bytes.subarray(start, end - 4)), end - 4)
}

function pickFrame(stream: Buffer, random: Random): [start: number, end: number] {
  const ends = frameEnds(stream)
  const index = below(random, ends.length)
  return [ends[index - 1] ?? 0, ends[index]!]
}

function noise(length: number, random: Random): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; at += 1) bytes[at] = below(random, 256)
  return bytes
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

function event(type: string, payload: string): Uint8Array {
  return encodeEventStreamMessage({
    headers: [
      [':event-type', type],
      [':content-type', 'application/json'],
      [':message-type', 'event'],
    ],
    payload,
  })
}
