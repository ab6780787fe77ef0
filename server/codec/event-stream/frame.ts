import { CRC_START, crcOfRange, crcOfTwoWords, crcOfWord, shiftCrc } from './crc32.ts'
import { EventStreamError } from './errors.ts'
import type { HeaderMemory } from './header-memory.ts'
import { FramedMessage } from './message.ts'

/** Bytes of a frame before its headers: two lengths and their checksum. */
export const PRELUDE_BYTES = 12
/** Bytes of a frame that are neither headers nor payload. */
export const FRAME_OVERHEAD_BYTES = 16

export interface FrameLimits {
  readonly maxMessageBytes: number
  readonly maxHeaderBytes: number
}

/** Reads single frames; `headers` remembers what it saw. */
export class FrameReader {
  private readonly limits: FrameLimits
  private readonly headers: HeaderMemory

  constructor(limits: FrameLimits, headers: HeaderMemory) {
    this.limits = limits
    this.headers = headers
  }

  /**
   * The length in bytes of the frame that starts at `at`, of which at least the prelude must be in `view`. Throws
   * `EventStreamError` when its checksum or lengths are wrong, so that no body is waited for in vain.
   */
  frameBytes(view: DataView, at: number): number {
    if (~crcOfPrelude(view, at) !== view.getInt32(at + 8)) {
      throw new EventStreamError('prelude-checksum', 'The start of an event stream message is damaged.')
    }
    const total = view.getUint32(at)
    const headers = view.getUint32(at + 4)
    if (total - FRAME_OVERHEAD_BYTES < headers) {
      const lengths = `${total} bytes in all with ${headers} bytes of headers`
      throw new EventStreamError('bad-lengths', `An event stream message has impossible lengths: ${lengths}.`)
    }
    if (total > this.limits.maxMessageBytes) throw tooLarge('message-too-large', total, this.limits.maxMessageBytes)
    if (headers > this.limits.maxHeaderBytes) throw tooLarge('headers-too-large', headers, this.limits.maxHeaderBytes)
    return total
  }

  /** The message of the frame of `total` bytes at `at`, whose prelude is checked. Throws `EventStreamError`. */
  read(bytes: Buffer, view: DataView, at: number, total: number): FramedMessage {
    const headersStart = at + PRELUDE_BYTES
    const headersEnd = headersStart + view.getInt32(at + 4)
    const end = at + total - 4
    const known = this.headers.recognise(view, headersStart, headersEnd - headersStart)
    // The prelude's checksum was found right, so it tells the register after the prelude.
    let crc = crcOfWord(view.getInt32(at + 8, true), ~view.getInt32(at + 8))
    if (known === undefined) crc = crcOfRange(bytes, view, headersStart, headersEnd, crc)
    else crc = shiftCrc(crc, known.length) ^ known.crc
    if (~crcOfRange(bytes, view, headersEnd, end, crc) !== view.getInt32(end)) {
      throw new EventStreamError('message-checksum', 'An event stream message is damaged.')
    }
    const block = known === undefined ? this.headers.read(bytes, headersStart, headersEnd) : known.block
    return new FramedMessage(block, bytes, headersEnd, end)
  }
}

function crcOfPrelude(view: DataView, at: number): number {
  return crcOfTwoWords(view.getInt32(at, true), view.getInt32(at + 4, true), CRC_START)
}

function tooLarge(code: 'message-too-large' | 'headers-too-large', bytes: number, limit: number): EventStreamError {
  const what = code === 'message-too-large' ? 'An event stream message' : 'The header part of an event stream message'
  return new EventStreamError(code, `${what} is said to have ${bytes} bytes; the limit is ${limit}.`)
}
