import { EventStreamError } from './errors.ts'
import { FrameReader, PRELUDE_BYTES } from './frame.ts'
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
  private readonly partial = new PartialFrame()

  constructor(reader: FrameReader) {
    this.reader = reader
  }

  decode(chunk: Uint8Array): EventStreamMessage[] {
    if (this.failure !== undefined) throw this.failure
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const messages: EventStreamMessage[] = []
    try {
      const rest = this.partial.length === 0 ? 0 : this.resume(bytes, 0, messages)
      if (rest < bytes.length) this.readWhole(bytes, rest, messages)
    } catch (error) {
      if (!(error instanceof EventStreamError)) throw error
      this.failure = error
      this.partial.clear()
      if (messages.length === 0) throw error
    }
    return messages
  }

  end(): void {
    if (this.failure === undefined && this.partial.length > 0) {
      const got = this.partial.length
      this.failure = new EventStreamError('truncated', `The event stream ended ${got} bytes into a message.`)
      this.partial.clear()
    }
    if (this.failure !== undefined) throw this.failure
  }

  /** Reads the frames that lie in `bytes` whole, and keeps the start of the one that doesn't. */
  private readWhole(bytes: Buffer, from: number, messages: EventStreamMessage[]): void {
    const { reader } = this
    const { length } = bytes
    let at = from
    if (length - at >= PRELUDE_BYTES) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length)
      while (length - at >= PRELUDE_BYTES) {
        const total = reader.frameBytes(view, at)
        if (length - at < total) break
        messages.push(reader.read(bytes, view, at, total))
        at += total
      }
    }
    if (at < length) this.resume(bytes, at, messages)
  }

  /** Adds to the partial frame; returns where the bytes after it start. */
  private resume(bytes: Buffer, from: number, messages: EventStreamMessage[]): number {
    const { partial, reader } = this
    let at = from
    while (at < bytes.length) {
      at += partial.take(bytes, at)
      if (partial.total === 0) {
        if (partial.length === PRELUDE_BYTES) partial.total = reader.frameBytes(partial.view, 0)
      } else if (partial.length === partial.total) {
        messages.push(reader.read(partial.bytes, partial.view, 0, partial.total))
        partial.clear()
        return at
      }
    }
    return at
  }
}
