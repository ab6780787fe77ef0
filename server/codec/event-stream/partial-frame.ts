/** Bytes set aside for a frame before more is known of it. */
const FIRST_CAPACITY = 1024

/** Up to this capacity (bytes) the memory is kept for the next frame. */
const KEPT_CAPACITY = 4096

/** Below this length (bytes) copying in a loop costs less than a call. */
const LOOP_COPY_BELOW = 48

const NOTHING = Buffer.alloc(0)
const VIEW_OF_NOTHING = new DataView(NOTHING.buffer)

/**
 * Collects one frame that arrives in pieces. Its memory grows with what has arrived, not with what a length claims: never
 * more than twice the bytes collected, or 4 KiB.
 */
export class PartialFrame {
  bytes: Buffer = NOTHING
  view: DataView = VIEW_OF_NOTHING
  /** Bytes collected. */
  length = 0
  /** Length of the whole frame in bytes; 0 until the prelude has told it. */
  total = 0

  /** Adds at most `wanted` bytes of `chunk` from `from` on, and returns how many there were. */
  add(chunk: Buffer, from: number, wanted: number): number {
    const count = Math.min(wanted, chunk.length - from)
    const { length } = this
    if (length + count > this.bytes.length) this.grow(length + count)
    const { bytes } = this
    if (count < LOOP_COPY_BELOW) {
      for (let index = 0; index < count; index += 1) bytes[length + index] = chunk[from + index]!
    } else {
      chunk.copy(bytes, length, from, from + count)
    }
    this.length = length + count
    return count
  }

  /** Starts anew. What refers to the frame before is now invalid. */
  clear(): void {
    this.length = 0
    this.total = 0
    if (this.bytes.length <= KEPT_CAPACITY) return
    this.bytes = NOTHING
    this.view = VIEW_OF_NOTHING
  }

  private grow(needed: number): void {
    const wished = Math.max(FIRST_CAPACITY, 2 * this.length)
    const grown = Buffer.allocUnsafe(Math.max(needed, this.total === 0 ? wished : Math.min(wished, this.total)))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.length)
  }
}
