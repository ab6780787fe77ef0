import { EventStreamError } from './errors.ts'
import { FrameBuffer } from './frame-buffer.ts'
import { FrameReader, PRELUDE_BYTES } from './frame.ts'
import { HeaderMemory } from './header-memory.ts'
import type { EventStreamMessage } from './message.ts'

/** Chunks up to this length (bytes) are copied: that costs less than the view which reading in place needs. */
const COPIED_CHUNK_BYTES = 2048

/** Decodes one stream; make a new one for each response. */
export interface EventStreamDecoder {
  /**
   * All messages that `chunk` completes, in order. Their payloads are views of `chunk`, or of memory that is used again
   * (small chunks, and frames that crossed chunks): read them before the next call.
   *
   * Throws `EventStreamError` on bytes that are no event stream, and from then on at every call. When intact messages
   * stand before the fault in the same chunk it returns those, and throws at the next call (`failure` tells at once):
   * so the outcome doesn't depend on how the bytes were cut.
   */
  decode(chunk: Uint8Array): EventStreamMessage[]
  /** To be called when the bytes have ended. Throws `EventStreamError`: an earlier one, or 'truncated' in a frame. */
  end(): void
  /** The error that ended decoding, if any. */
  readonly failure: EventStreamError | undefined
}

export interface EventStreamDecoderOptions {
  /** Bytes of a whole frame; default 16 MiB. */
  readonly maxMessageBytes?: number
  /** Bytes of a frame's headers; default 128 KiB. */
  readonly maxHeaderBytes?: number
  /** Shared with other streams of the same service; default one of its own. */
  readonly headers?: HeaderMemory
}

/**
 * A decoder of `application/vnd.amazon.eventstream` (amazon-q.md §3.1): both checksums of every frame are verified. It
 * holds at most one incomplete frame, never more memory than twice the bytes that have arrived of it.
 */
export function createEventStreamDecoder(options: EventStreamDecoderOptions = {}): EventStreamDecoder {
  const maxMessageBytes = options.maxMessageBytes ?? 16 * 1024 * 1024
  const maxHeaderBytes = options.maxHeaderBytes ?? 128 * 1024
  return new StreamDecoder(new FrameReader({ maxMessageBytes, maxHeaderBytes }, options.headers ?? new HeaderMemory()))
}

class StreamDecoder implements EventStreamDecoder {
  failure: EventStreamError | undefined = undefined
  private readonly reader: FrameReader
  /** The start of a frame whose end has not arrived. */
  private pending = new FrameBuffer()
  /** What `pending` was when messages were last read from it: they refer to it until the next call. */
  private spare = new FrameBuffer()

  constructor(reader: FrameReader) {
    this.reader = reader
  }

  decode(chunk: Uint8Array): EventStreamMessage[] {
    if (this.failure !== undefined) throw this.failure
    const messages: EventStreamMessage[] = []
    try {
      if (chunk.length <= COPIED_CHUNK_BYTES) this.readCopied(chunk, messages)
      else this.readInPlace(asBuffer(chunk), messages)
    } catch (error) {
      if (!(error instanceof EventStreamError)) throw error
      this.fail(error)
      if (messages.length === 0) throw error
    }
    return messages
  }

  end(): void {
    if (this.failure === undefined && this.pending.length > 0) {
      const got = this.pending.length
      this.fail(new EventStreamError('truncated', `The event stream ended ${got} bytes into a message.`))
    }
    if (this.failure !== undefined) throw this.failure
  }

  private readCopied(chunk: Uint8Array, messages: EventStreamMessage[]): void {
    const { pending } = this
    pending.append(chunk, 0, chunk.length)
    if (pending.length >= pending.wanted) this.readPending(messages)
  }

  private readInPlace(bytes: Buffer, messages: EventStreamMessage[]): void {
    const { length } = bytes
    let at = 0
    while (this.pending.length > 0 && at < length) {
      const { pending } = this
      const stop = Math.min(length, at + pending.wanted - pending.length)
      pending.append(bytes, at, stop)
      at = stop
      if (pending.length === pending.wanted) this.readPending(messages)
    }
    if (at === length) return
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    at = this.readFrames(bytes, view, at, length, messages)
    if (at < length) this.pending.append(bytes, at, length)
    this.pending.expectFrame()
  }

  /** Reads what is whole of the pending bytes, and moves the rest to where no message refers to. */
  private readPending(messages: EventStreamMessage[]): void {
    const { pending, spare } = this
    const at = this.readFrames(pending.bytes, pending.view, 0, pending.length, messages)
    if (at > 0) {
      spare.clear()
      spare.append(pending.bytes, at, pending.length)
      this.pending = spare
      this.spare = pending
    }
    this.pending.expectFrame()
  }

  /**
   * Reads the frames that lie whole between `from` and `end`, and checks the prelude of the one that doesn't as soon as
   * it is there. Returns where the last whole one ends.
   */
  private readFrames(bytes: Buffer, view: DataView, from: number, end: number, messages: EventStreamMessage[]): number {
    const { reader } = this
    let at = from
    while (end - at >= PRELUDE_BYTES) {
      const total = reader.frameBytes(view, at)
      if (total > end - at) return at
      messages.push(reader.read(bytes, view, at, total))
      at += total
    }
    return at
  }

  private fail(error: EventStreamError): void {
    this.failure = error
    this.pending = new FrameBuffer()
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
