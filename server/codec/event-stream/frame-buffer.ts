import { PRELUDE_BYTES } from './frame.ts'

/** Bytes set aside at first; from Node's pool. */
const FIRST_CAPACITY = 1024

/** Up to this capacity (bytes) the memory is kept for what comes next. */
const KEPT_CAPACITY = 8192

/** Up to this length (bytes) copying in a loop costs less than a call. */
const LOOP_COPY_UP_TO = 16

const NOTHING = Buffer.alloc(0)
const VIEW_OF_NOTHING = new DataView(NOTHING.buffer)

/**
 * Collects bytes until a frame is whole. Its memory grows with what has arrived, not with what a length claims: never
 * more than twice the bytes collected, or 8 KiB.
 */
export class FrameBuffer {
  bytes: Buffer = NOTHING
  view: DataView = VIEW_OF_NOTHING
  /** Bytes collected. */
  length = 0
  /** How many bytes must be there before there is anything to read: a prelude, then the frame. */
  wanted = PRELUDE_BYTES

  /** Adds the bytes of `source` from `start` to `end`. */
  append(source: Uint8Array, start: number, end: number): void {
    const { length } = this
    const count = end - start
    if (length + count > this.bytes.length) this.grow(length + count)
    const { bytes } = this
    if (count <= LOOP_COPY_UP_TO) {
      for (let index = 0; index < count; index += 1) bytes[length + index] = source[start + index]!
    } else {
      bytes.set(count === source.length ? source : source.subarray(start, end), length)
    }
    this.length = length + count
  }

  /** Sets what is wanted for the frame at the start, whose prelude must have been checked where it is there. */
  expectFrame(): void {
    this.wanted = this.length < PRELUDE_BYTES ? PRELUDE_BYTES : this.view.getUint32(0)
  }

  /** Starts anew. What refers to the bytes is now invalid. */
  clear(): void {
    this.length = 0
    this.wanted = PRELUDE_BYTES
    if (this.bytes.length <= KEPT_CAPACITY) return
    this.bytes = NOTHING
    this.view = VIEW_OF_NOTHING
  }

  private grow(needed: number): void {
    const doubled = Math.min(2 * this.length, this.wanted)
    const grown = Buffer.allocUnsafe(Math.max(FIRST_CAPACITY, needed, doubled))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.length)
  }
}
