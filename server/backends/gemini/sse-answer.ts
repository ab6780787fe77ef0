import { ProxyError } from '../../canonical/error.ts'
import type { CompletionEvent } from '../../canonical/event.ts'
import { type SseDecoder, SseError, type SseEvent } from '../../codec/sse/index.ts'
import type { GeminiStreamDecoder } from '../../convert/upstream/gemini/decode-stream.ts'
import type { AnswerDecoder } from '../answer-events.ts'

/** An answer in server-sent events, which ends only with its bytes. */
export class SseAnswer implements AnswerDecoder {
  readonly stopped = false
  readonly #sse: SseDecoder
  readonly #decoder: GeminiStreamDecoder

  constructor(sse: SseDecoder, decoder: GeminiStreamDecoder) {
    this.#sse = sse
    this.#decoder = decoder
  }

  push(chunk: Uint8Array, out: CompletionEvent[]): void {
    this.#take(() => this.#sse.decode(chunk), out)
  }

  end(out: CompletionEvent[]): void {
    this.#take(() => this.#sse.end(), out)
    this.#decoder.end(out)
  }

  #take(read: () => readonly SseEvent[], out: CompletionEvent[]): void {
    for (const event of readable(read)) this.#decoder.push(event.data, out)
  }
}

function readable(read: () => readonly SseEvent[]): readonly SseEvent[] {
  try {
    return read()
  } catch (error) {
    throw error instanceof SseError ? damaged(error) : error
  }
}

function damaged(error: SseError): ProxyError {
  const what =
    error.code === 'truncated'
      ? 'The answer of Gemini was cut off in the middle'
      : 'The answer of Gemini holds a piece that is too large to be one'
  return new ProxyError(
    'upstream-invalid',
    `${what}. This is the fault of the service or of the network in between; send the request again.`,
    { cause: error, upstreamStatus: 200 },
  )
}
