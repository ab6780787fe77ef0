import type { ServerResponse } from 'node:http'

/**
 * Writes an answer at the client's pace. Every `response.write` is one HTTP chunk, so that a receiver sees the same
 * cuts. Without a size each piece is its own chunk; with one, chunks straddle the pieces.
 */
export class ChunkWriter {
  readonly #response: ServerResponse
  readonly #gone: AbortSignal
  readonly #size: number | undefined
  #rest: Buffer = Buffer.alloc(0)

  constructor(response: ServerResponse, gone: AbortSignal, size: number | undefined) {
    this.#response = response
    this.#gone = gone
    this.#size = size
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#size === undefined) return await this.#put(bytes)
    const whole = Buffer.concat([this.#rest, bytes])
    let from = 0
    for (; from + this.#size <= whole.length; from += this.#size) {
      await this.#put(whole.subarray(from, from + this.#size))
    }
    this.#rest = whole.subarray(from)
  }

  /** Writes what does not fill a chunk, and waits until everything has gone to the operating system. */
  async flush(): Promise<void> {
    await this.#put(this.#rest)
    this.#rest = Buffer.alloc(0)
    if (this.#gone.aborted || this.#response.writableLength === 0) return
    await new Promise<void>((resolve) => {
      this.#gone.addEventListener('abort', () => resolve(), { once: true })
      this.#response.write('', () => resolve())
    })
  }

  async #put(bytes: Uint8Array): Promise<void> {
    if (this.#gone.aborted || bytes.length === 0) return
    if (!this.#response.write(bytes)) await drained(this.#response, this.#gone)
  }
}

/** Resolves when the client has read enough to take more, or has gone. */
export function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    gone.addEventListener('abort', done, { once: true })
  })
}
