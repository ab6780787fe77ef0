import { ProxyError } from '../../canonical/error.ts'
import type { CompletionEvent } from '../../canonical/event.ts'
import { EventStreamError } from '../../codec/event-stream/index.ts'
import type { EventStreamDecoder } from '../../codec/event-stream/index.ts'
import type { AmazonQStreamDecoder } from '../../convert/upstream/amazon-q/decode-stream.ts'
import type { AnswerDecoder } from '../answer-events.ts'

/** An answer in AWS event stream frames. */
export class FrameAnswer implements AnswerDecoder {
  readonly #frames: EventStreamDecoder
  readonly #decoder: AmazonQStreamDecoder

  constructor(frames: EventStreamDecoder, decoder: AmazonQStreamDecoder) {
    this.#frames = frames
    this.#decoder = decoder
  }

  get stopped(): boolean {
    return this.#decoder.stopped
  }

  push(chunk: Uint8Array, out: CompletionEvent[]): void {
    const messages = this.#decode(chunk)
    for (const message of messages) this.#decoder.push(message, out)
    if (this.#frames.failure !== undefined) throw damaged(this.#frames.failure)
  }

  end(out: CompletionEvent[]): void {
    if (!this.stopped) this.#endFrames()
    this.#decoder.end(out)
  }

  #decode(chunk: Uint8Array): ReturnType<EventStreamDecoder['decode']> {
    try {
      return this.#frames.decode(chunk)
    } catch (error) {
      throw error instanceof EventStreamError ? damaged(error) : error
    }
  }

  #endFrames(): void {
    try {
      this.#frames.end()
    } catch (error) {
      throw error instanceof EventStreamError ? damaged(error) : error
    }
  }
}

function damaged(error: EventStreamError): ProxyError {
  const what =
    error.code === 'truncated'
      ? 'The answer of the service was cut off in the middle'
      : `The answer of the service arrived damaged (${error.code})`
  return new ProxyError(
    'upstream-invalid',
    `${what}. This is the fault of the service or of the network in between; send the request again.`,
    { cause: error, upstreamStatus: 200 },
  )
}
