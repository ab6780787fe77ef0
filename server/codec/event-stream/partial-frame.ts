import { PRELUDE_BYTES } from './frame.ts'

/** At most this much is set aside for a frame before its bytes are there. */
const FIRST_CAPACITY = 1024

/** Below this length (bytes) copying in a loop costs less than a call. */
const LOOP_COPY_BELOW = 48

/** Collects one frame that arrives in pieces. Its memory grows with what has arrived, not with what a length claims. */
export class PartialFrame {
  bytes: Buffer = Buffer.alloc(0)
  view: DataView = new DataView(this.bytes.buffer, 0, 0)
  /** Bytes collected. */
  length = 0
  /** Length of the whole frame in bytes; 0 until the prelude has told it. */
  total = 0

  /** Takes what is missing of the prelude or the frame from `chunk` at `from`, and returns how many bytes that were. */
  take(chunk: Buffer, from: number): number {
    const wanted = (this.total === 0 ? PRELUDE_BYTES : this.total) - this.length
    const count = Math.min(wanted, chunk.length - from)
    if (this.length + count > this.bytes.length) this.grow(this.length + count)
    if (count < LOOP_COPY_BELOW) {
      for (let index = 0; index < count; index += 1) this.bytes[this.length + index] = chunk[from + index]!
    } else {
      chunk.copy(this.bytes, this.length, from, from + count)
    }
    this.length += count
    return count
  }

  /** Forgets the frame. Its bytes stay as they are for the message that refers to them. */
  clear(): void {
    this.bytes = EMPTY.bytes
    this.view = EMPTY.view
    this.length = 0
    this.total = 0
  }

  private grow(needed: number): void {
    const limit = this.total === 0 ? FIRST_CAPACITY : this.total
    const bytes = Buffer.allocUnsafe(Math.max(needed, Math.min(limit, Math.max(FIRST_CAPACITY, 2 * this.bytes.length))))
    this.bytes.copy(bytes, 0, 0, this.length)
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

const EMPTY = { bytes: Buffer.alloc(0), view: new DataView(new ArrayBuffer(0)) }
