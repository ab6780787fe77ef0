import { ProxyError } from '../../canonical/error.ts'
import type { CompletionEvent } from '../../canonical/event.ts'
import { type SseDecoder, SseError } from '../../codec/sse/index.ts'
import type { GeminiStreamDecoder } from '../../convert/upstream/gemini/decode-stream.ts'
import type { UpstreamBody } from '../fetch-upstream.ts'

type Batch = readonly CompletionEvent[]

const FINISHED: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * The events of one answer: one batch for all that has arrived together. Rejects with `ProxyError` only. Leaving the
 * iteration closes the upstream's connection.
 */
export class AnswerEvents implements AsyncIterableIterator<Batch, undefined> {
  readonly #body: UpstreamBody
  readonly #decoder: GeminiStreamDecoder
  readonly #sse: SseDecoder
  /** A failure that came behind events of the same chunk. */
  #failure: unknown
  #isOver = false

  constructor(body: UpstreamBody, sse: SseDecoder, decoder: GeminiStreamDecoder) {
    this.#body = body
    this.#sse = sse
    this.#decoder = decoder
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#failure !== undefined) return this.#fail()
    while (!this.#isOver) {
      const batch: CompletionEvent[] = []
      try {
        const chunk = await this.#body.next()
        if (chunk.done === true) this.#end(batch)
        else this.#takeAll(chunk.value, batch)
      } catch (error) {
        this.#failure = error
        if (batch.length === 0) return this.#fail()
        this.#close()
      }
      if (batch.length > 0) return { done: false, value: batch }
    }
    return FINISHED
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true
    this.#failure = undefined
    this.#close()
    return Promise.resolve(FINISHED)
  }

  #takeAll(first: Uint8Array, batch: CompletionEvent[]): void {
    for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = this.#body.takeArrived()) {
      for (const event of this.#sse.decode(chunk)) this.#decoder.push(event.data, batch)
    }
    if (this.#body.isComplete) this.#end(batch)
  }

  #end(batch: CompletionEvent[]): void {
    this.#isOver = true
    for (const event of this.#sse.end()) this.#decoder.push(event.data, batch)
    this.#decoder.end(batch)
  }

  #fail(): never {
    const failure = this.#failure
    this.#failure = undefined
    this.#isOver = true
    this.#close()
    throw failure instanceof SseError ? damaged(failure) : failure
  }

  #close(): void {
    void this.#body.return?.()
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
