import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createEventStreamDecoder, encodeEventStreamMessage, EventStreamError } from './index.ts'

const good = Buffer.from(encodeEventStreamMessage({ headers: [[':event-type', 'a']], payload: '{"content":"x"}' }))

/** `good` with changed bytes and, where asked, checksums that are right again. */
function damaged(change: (frame: Buffer) => void, repair: 'none' | 'prelude' | 'both' = 'none'): Buffer {
  const frame = Buffer.from(good)
  change(frame)
  if (repair !== 'none') frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8)
  if (repair === 'both') frame.writeUInt32BE(crc32(frame.subarray(0, frame.length - 4)), frame.length - 4)
  return frame
}

const CASES: readonly (readonly [code: string, what: string, bytes: Buffer])[] = [
  ['prelude-checksum', 'a changed total length', damaged((frame) => frame.writeUInt8(1, 1))],
  ['prelude-checksum', 'a changed headers length', damaged((frame) => frame.writeUInt8(9, 7))],
  ['prelude-checksum', 'a changed prelude checksum', damaged((frame) => frame.writeUInt8(0, 8))],
  ['prelude-checksum', 'another protocol', Buffer.from('HTTP/1.1 502 Bad Gateway\r\n\r\n')],
  ['message-checksum', 'a changed header', damaged((frame) => frame.writeUInt8(0x62, 14))],
  ['message-checksum', 'a changed payload', damaged((frame) => frame.writeUInt8(0x79, good.length - 7))],
  ['message-checksum', 'a changed message checksum', damaged((frame) => frame.writeUInt8(0, good.length - 1))],
  ['message-checksum', 'a shorter length than the truth', damaged((f) => f.writeUInt32BE(f.length - 1), 'prelude')],
  ['message-too-large', 'a frame beyond 16 MiB', damaged((f) => f.writeUInt32BE(16 * 1024 * 1024 + 1), 'prelude')],
  ['message-too-large', 'the largest length', damaged((frame) => frame.writeUInt32BE(0xffff_ffff), 'prelude')],
  [
    'headers-too-large',
    'headers beyond 128 KiB',
    damaged((frame) => {
      frame.writeUInt32BE(1024 * 1024)
      frame.writeUInt32BE(128 * 1024 + 1, 4)
    }, 'prelude'),
  ],
  ['bad-lengths', 'a frame of 15 bytes', damaged((frame) => frame.writeUInt32BE(15), 'prelude')],
  ['bad-lengths', 'a frame of no bytes', damaged((frame) => frame.writeUInt32BE(0), 'prelude')],
  ['bad-lengths', 'more headers than frame', damaged((f) => f.writeUInt32BE(good.length - 15, 4), 'prelude')],
  ['bad-lengths', 'the largest headers length', damaged((f) => f.writeUInt32BE(0xffff_ffff, 4), 'prelude')],
  ['bad-header', 'a header of unknown type', damaged((frame) => frame.writeUInt8(10, 24), 'both')],
  ['bad-header', 'headers cut inside a value', damaged((frame) => frame.writeUInt32BE(15, 4), 'both')],
]

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof EventStreamError ? error.code : String(error)
  }
  return 'no error'
}

describe('server/codec/event-stream/decoder (errors)', () => {
  it.each(CASES)('fails with %s at %s, however it is cut, and stays failed', (code, _what, bytes) => {
    for (const length of [bytes.length, 13, 1]) {
      const decoder = createEventStreamDecoder()
      expect(
        codeOf(() => {
          for (let at = 0; at < bytes.length; at += length) decoder.decode(bytes.subarray(at, at + length))
        }),
      ).toBe(code)
      expect(decoder.failure?.code).toBe(code)
      expect(codeOf(() => decoder.decode(good))).toBe(code)
      expect(codeOf(() => decoder.end())).toBe(code)
    }
  })

  it('fails with truncated when the bytes end inside a frame, and only then', () => {
    for (let cut = 0; cut <= 2 * good.length; cut += 1) {
      const decoder = createEventStreamDecoder()
      decoder.decode(Buffer.concat([good, good]).subarray(0, cut))
      expect(codeOf(() => decoder.end())).toBe(cut % good.length === 0 ? 'no error' : 'truncated')
      expect(codeOf(() => decoder.decode(good))).toBe(cut % good.length === 0 ? 'no error' : 'truncated')
    }
  })

  it('hands out the messages before a fault in the same chunk, then fails', () => {
    const decoder = createEventStreamDecoder()
    const broken = damaged((frame) => frame.writeUInt8(0, good.length - 1))
    expect(decoder.decode(Buffer.concat([good, good, broken, good])).map((message) => message.text)).toEqual([
      '{"content":"x"}',
      '{"content":"x"}',
    ])
    expect(decoder.failure?.code).toBe('message-checksum')
    expect(codeOf(() => decoder.decode(new Uint8Array(0)))).toBe('message-checksum')
    expect(codeOf(() => decoder.end())).toBe('message-checksum')
  })

  it('notices a change of any single bit, in a message whose headers it knows too', () => {
    const stream = Buffer.concat([good, good])
    for (let bit = 0; bit < 8 * stream.length; bit += 1) {
      const flipped = Buffer.from(stream)
      flipped.writeUInt8(flipped[bit >>> 3]! ^ (1 << (bit & 7)), bit >>> 3)
      const decoder = createEventStreamDecoder()
      expect(
        codeOf(() => {
          expect(decoder.decode(flipped).length).toBe(bit < 8 * good.length ? 0 : 1)
          decoder.end()
        }),
      ).not.toBe('no error')
    }
  })

  it('takes frames and headers of exactly the limits', () => {
    const bytes = encodeEventStreamMessage({ headers: [['h', 'v']], payload: 'p' })
    expect(createEventStreamDecoder({ maxMessageBytes: bytes.length, maxHeaderBytes: 6 }).decode(bytes)).toHaveLength(1)
    expect(codeOf(() => createEventStreamDecoder({ maxMessageBytes: bytes.length - 1 }).decode(bytes))).toBe(
      'message-too-large',
    )
    expect(codeOf(() => createEventStreamDecoder({ maxHeaderBytes: 5 }).decode(bytes))).toBe('headers-too-large')
  })

  it('sets aside memory for what has arrived, not for what a length claims', () => {
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 200 }, () => {
      const decoder = createEventStreamDecoder()
      decoder.decode(damaged((frame) => frame.writeUInt32BE(16 * 1024 * 1024), 'prelude'))
      return decoder
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
    expect(decoders.every((decoder) => decoder.failure === undefined)).toBe(true)
  })
})
