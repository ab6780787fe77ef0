import { EventStreamError } from './errors.ts'
import { FRAME_OVERHEAD_BYTES as MIN_FRAME_BYTES, FrameReader, PRELUDE_BYTES } from './frame.ts'
import type { EventStreamMessage } from './message.ts'
import { PartialFrame } from './partial-frame.ts'

/** Decodes one stream; make a new one for each response. */
export interface EventStreamDecoder {
  /**
   * All messages that `chunk` completes, in order. Payloads are views of `chunk` (of a copy where a frame crossed
   * chunks): valid until the next call. Throws `EventStreamError` on bytes that are no event stream, and from then on at
   * every call; when intact messages stand before the fault in the same chunk, it returns those first and throws at the
   * next call, so that the outcome doesn't depend on how the bytes were cut. `failure` tells at once.
   */
  decode(chunk: Uint8Array): EventStreamMessage[]
  /** To be called when the bytes have ended. Throws `EventStreamError`: an earlier one, or 'truncated' inside a frame. */
  end(): void
  /** The error that ended decoding, if any. */
  readonly failure: EventStreamError | undefined
}

export interface EventStreamDecoderOptions {
  /** Bytes of a whole frame; default 16 MiB. */
  readonly maxMessageBytes?: number
  /** Bytes of a frame's headers; default 128 KiB. */
  readonly maxHeaderBytes?: number
}

/**
 * A decoder of `application/vnd.amazon.eventstream` (amazon-q.md §3.1): both checksums of every frame are verified. It
 * holds at most one incomplete frame, never more memory than twice the bytes that have arrived of it.
 */
export function createEventStreamDecoder(options: EventStreamDecoderOptions = {}): EventStreamDecoder {
  const maxMessageBytes = options.maxMessageBytes ?? 16 * 1024 * 1024
  const maxHeaderBytes = options.maxHeaderBytes ?? 128 * 1024
  return new StreamDecoder(new FrameReader({ maxMessageBytes, maxHeaderBytes }))
}

class StreamDecoder implements EventStreamDecoder {
  failure: EventStreamError | undefined = undefined
  private readonly reader: FrameReader
  private partial = new PartialFrame()
  /** Holds the frame that the last call completed, until its message is no longer valid. */
  private completed = new PartialFrame()

  constructor(reader: FrameReader) {
    this.reader = reader
  }

  decode(chunk: Uint8Array): EventStreamMessage[] {
    if (this.failure !== undefined) throw this.failure
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const messages: EventStreamMessage[] = []
    try {
      const rest = this.partial.length === 0 ? 0 : this.resume(bytes, messages)
      if (rest < bytes.length) this.readWhole(bytes, rest, messages)
    } catch (error) {
      if (!(error instanceof EventStreamError)) throw error
      this.fail(error)
      if (messages.length === 0) throw error
    }
    return messages
  }

  end(): void {
    if (this.failure === undefined && this.partial.length > 0) {
      const got = this.partial.length
      this.fail(new EventStreamError('truncated', `The event stream ended ${got} bytes into a message.`))
    }
    if (this.failure !== undefined) throw this.failure
  }

  /** Adds to the partial frame what `bytes` has of it; returns where the bytes after it start. */
  private resume(bytes: Buffer, messages: EventStreamMessage[]): number {
    const { partial, reader } = this
    let at = 0
    if (partial.total === 0) {
      at = partial.add(bytes, 0, PRELUDE_BYTES - partial.length)
      if (partial.length < PRELUDE_BYTES) return at
      partial.total = reader.frameBytes(partial.view, 0)
    }
    at += partial.add(bytes, at, partial.total - partial.length)
    if (partial.length === partial.total) {
      messages.push(reader.read(partial.bytes, partial.view, 0, partial.total))
      this.partial = this.completed
      this.partial.clear()
      this.completed = partial
    }
    return at
  }

  /** Reads the frames that lie whole in `bytes`, and keeps the start of one that doesn't. */
  private readWhole(bytes: Buffer, from: number, messages: EventStreamMessage[]): void {
    const { reader } = this
    const { length } = bytes
    let at = from
    if (length - at >= MIN_FRAME_BYTES && length - at >= claimedBytes(bytes, at)) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length)
      while (length - at >= MIN_FRAME_BYTES && length - at >= view.getUint32(at)) {
        const total = reader.frameBytes(view, at)
        messages.push(reader.read(bytes, view, at, total))
        at += total
      }
    }
    if (at < length) this.begin(bytes, at)
  }

  /** Keeps the bytes from `at` on, the start of a frame. */
  private begin(bytes: Buffer, at: number): void {
    const { partial } = this
    partial.add(bytes, at, bytes.length - at)
    if (partial.length >= PRELUDE_BYTES) partial.total = this.reader.frameBytes(partial.view, 0)
  }

  private fail(error: EventStreamError): void {
    this.failure = error
    this.partial = new PartialFrame()
  }
}

/** The length that the frame at `at` claims to have, read without a view, which costs more than it saves here. */
function claimedBytes(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
