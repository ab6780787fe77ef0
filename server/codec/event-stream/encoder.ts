import { crc32 } from 'node:zlib'
import { FRAME_OVERHEAD_BYTES, PRELUDE_BYTES } from './frame.ts'
import { encodeHeaders } from './header-encoder.ts'
import type { EventStreamHeader } from './header-types.ts'

export interface EventStreamMessageInput {
  /** Names and values in wire order; a plain string stands for a header of type `string`. A Map will do. */
  readonly headers: Iterable<readonly [name: string, value: EventStreamHeader | string]>
  /** Text is written as UTF-8. */
  readonly payload?: Uint8Array | string
}

/**
 * One frame of `application/vnd.amazon.eventstream` (amazon-q.md §3.1). Throws `RangeError` for a header that the
 * format can't carry.
 */
export function encodeEventStreamMessage(input: EventStreamMessageInput): Uint8Array {
  const headers = encodeHeaders(input.headers)
  const payload = typeof input.payload === 'string' ? Buffer.from(input.payload) : (input.payload ?? new Uint8Array(0))
  const total = FRAME_OVERHEAD_BYTES + headers.length + payload.length
  if (total > 0xffff_ffff) throw new RangeError(`An event stream message can't have ${total} bytes.`)
  const frame = Buffer.alloc(total)
  frame.writeUInt32BE(total, 0)
  frame.writeUInt32BE(headers.length, 4)
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8)
  frame.set(headers, PRELUDE_BYTES)
  frame.set(payload, PRELUDE_BYTES + headers.length)
  frame.writeUInt32BE(crc32(frame.subarray(0, total - 4)), total - 4)
  return frame
}
