import type { CompletionEvent } from '../canonical/event.ts'
import type { UpstreamBody } from './fetch-upstream.ts'

/** Makes events of an answer's bytes; what a chunk yields is appended to `out`. Throws `ProxyError` only. */
export interface AnswerDecoder {
  /** The answer is complete although the upstream may go on (a stop sequence, an end mark): it is closed. */
  readonly stopped: boolean
  push(chunk: Uint8Array, out: CompletionEvent[]): void
  /** The bytes have ended, or `stopped` is true. */
  end(out: CompletionEvent[]): void
}

type Batch = readonly CompletionEvent[]

const FINISHED: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * The events of one answer: one batch for all that has arrived together. Rejects with `ProxyError` only. Leaving
 * the iteration closes the upstream's connection, and so does the end of the answer where the service would go on
 * (a stop sequence).
 */
export class AnswerEvents implements AsyncIterableIterator<Batch, undefined> {
  readonly #body: UpstreamBody
  readonly #decoder: AnswerDecoder
  /** A failure that came behind events of the same chunk. */
  #failure: unknown
  #isOver = false

  constructor(body: UpstreamBody, decoder: AnswerDecoder) {
    this.#body = body
    this.#decoder = decoder
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#failure !== undefined) return this.#fail()
    while (!this.#isOver) {
      const chunk = await this.#body.next()
      const batch: CompletionEvent[] = []
      try {
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

  /** Also what arrived with the chunk, the end included: waiting for each by itself would cost more than decoding it. */
  #takeAll(first: Uint8Array, batch: CompletionEvent[]): void {
    for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = this.#body.takeArrived()) {
      this.#take(chunk, batch)
      if (this.#isOver) return
    }
    if (this.#body.isComplete) this.#end(batch)
  }

  #take(chunk: Uint8Array, batch: CompletionEvent[]): void {
    this.#decoder.push(chunk, batch)
    if (!this.#decoder.stopped) return
    this.#decoder.end(batch)
    this.#isOver = true
    this.#close()
  }

  #end(batch: CompletionEvent[]): void {
    this.#isOver = true
    this.#decoder.end(batch)
  }

  #fail(): never {
    const failure = this.#failure
    this.#failure = undefined
    this.#isOver = true
    this.#close()
    throw failure
  }

  #close(): void {
    void this.#body.return?.()
  }
}
