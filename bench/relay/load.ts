import { performance } from 'node:perf_hooks'
import { Pool } from 'undici'
import type { Target } from './targets.ts'

/** One streamed answer as a client saw it. */
export interface Answer {
  /** Events that carried text. */
  readonly events: number
  /** Milliseconds from sending to the first of them. */
  readonly firstEventMs: number
}

/**
 * Sends requests over kept connections and counts events in the raw bytes: the client's own cost must not hide what is
 * measured.
 */
export class LoadClient {
  readonly #target: Target
  readonly #pool: Pool
  readonly #mark: Buffer

  constructor(target: Target, connections: number) {
    this.#target = target
    this.#pool = new Pool(target.origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
    this.#mark = Buffer.from(target.eventMark)
  }

  /** Rejects when the answer is not a stream that ends in good order. `onFirstEvent` is called when it has begun. */
  send(body: Buffer, onFirstEvent?: () => void): Promise<Answer> {
    const { path, headers } = this.#target
    const counter = new MarkCounter(this.#mark)
    const sentAt = performance.now()
    let status = 0
    let firstEventMs = Number.NaN
    let refusal = ''
    return new Promise((resolve, reject) => {
      this.#pool.dispatch(
        { path, method: 'POST', headers, body },
        {
          onRequestStart() {},
          onResponseStart(_controller, code) {
            status = code
          },
          onResponseData(_controller, chunk) {
            if (status !== 200) refusal += chunk.toString()
            if (counter.push(chunk) === 0 || !Number.isNaN(firstEventMs)) return
            firstEventMs = performance.now() - sentAt
            onFirstEvent?.()
          },
          onResponseEnd() {
            if (status === 200) resolve({ events: counter.total, firstEventMs })
            else reject(new Error(`answered ${status}: ${refusal.slice(0, 1_000)}`))
          },
          onResponseError(_controller, error) {
            reject(error)
          },
        },
      )
    })
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }
}

/** Counts occurrences of a short mark in bytes that are cut anywhere. */
class MarkCounter {
  total = 0
  readonly #mark: Buffer
  #tail: Buffer = Buffer.alloc(0)

  constructor(mark: Buffer) {
    this.#mark = mark
  }

  /** How many the chunk completed. */
  push(chunk: Buffer): number {
    const reach = this.#mark.length - 1
    const found = this.#countIn(Buffer.concat([this.#tail, chunk.subarray(0, reach)])) + this.#countIn(chunk)
    this.total += found
    this.#tail =
      chunk.length >= reach ? chunk.subarray(chunk.length - reach) : Buffer.concat([this.#tail, chunk]).subarray(-reach)
    return found
  }

  #countIn(bytes: Buffer): number {
    let count = 0
    for (let at = bytes.indexOf(this.#mark); at >= 0; at = bytes.indexOf(this.#mark, at + this.#mark.length)) count += 1
    return count
  }
}
