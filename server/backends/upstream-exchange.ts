import type { Dispatcher } from 'undici'
import type { ProxyError } from '../canonical/error.ts'
import { cancelledError, connectionFailure, firstByteTimeoutError } from './upstream-failure.ts'

/** The headers of an answer. */
export interface UpstreamHeaders {
  /** The value of a header (name in lower case), several joined with a comma; undefined: not sent. */
  get(name: string): string | undefined
}

/** The bytes of an answer as they arrive. */
export interface UpstreamBody extends AsyncIterableIterator<Uint8Array, undefined> {
  /** The next chunk if it has arrived already; undefined: `next` has to be waited for. */
  takeArrived(): Uint8Array | undefined
  /** Whether the whole body has arrived and been taken: `next` would only say so. */
  readonly isComplete: boolean
}

export interface ExchangeOptions {
  /** For error messages. */
  readonly host: string
  readonly isProxied: boolean
  readonly signal: AbortSignal | undefined
  /** Milliseconds from the call to the answer's headers, connecting included. */
  readonly firstByteTimeoutMs: number
  /** Milliseconds of silence within the body. */
  readonly idleTimeoutMs: number
  readonly onResponse: (() => void) | undefined
}

/** Bytes that may wait for the consumer before the socket is paused. */
const HIGH_WATER_BYTES = 65_536

const FINISHED: IteratorReturnResult<undefined> = { done: true, value: undefined }

interface Waiter {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void
  readonly reject: (error: unknown) => void
}

/**
 * One HTTP exchange: undici's handler on one side, an async iterator over the body on the other. There is no stream
 * object in between: a waiting consumer gets a chunk in the callback that delivers it, and otherwise chunks wait in a
 * short queue and the socket pauses.
 */
export class UpstreamExchange implements Dispatcher.DispatchHandler, UpstreamBody {
  /** Resolves with the answer's status and headers; rejects with a ProxyError. */
  readonly head: Promise<{ readonly status: number; readonly headers: UpstreamHeaders }>
  readonly #options: ExchangeOptions
  readonly #resolveHead: (head: { status: number; headers: UpstreamHeaders }) => void
  readonly #rejectHead: (error: ProxyError) => void
  readonly #timer: NodeJS.Timeout
  #controller: Dispatcher.DispatchController | undefined
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #waiter: Waiter | undefined
  #failure: ProxyError | undefined
  #ended = false

  constructor(options: ExchangeOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; headers: UpstreamHeaders }>()
    this.head = promise
    this.#options = options
    this.#resolveHead = resolve
    this.#rejectHead = reject
    this.#timer = setTimeout(() => {
      this.#fail(firstByteTimeoutError(options.host, options.firstByteTimeoutMs))
    }, options.firstByteTimeoutMs)
    if (options.signal?.aborted === true) this.#fail(cancelledError())
    else options.signal?.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#failure !== undefined) controller.abort(this.#failure)
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200 || this.#failure !== undefined) return
    clearTimeout(this.#timer)
    this.#options.onResponse?.()
    this.#resolveHead({ status, headers: { get: (name) => joined(headers[name]) } })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#failure !== undefined || this.#ended) return
    const waiter = this.#waiter
    if (waiter !== undefined) {
      this.#waiter = undefined
      waiter.resolve({ done: false, value: chunk })
      return
    }
    this.#queue.push(chunk)
    this.#queuedBytes += chunk.byteLength
    if (this.#queuedBytes >= HIGH_WATER_BYTES) controller.pause()
  }

  onResponseEnd(): void {
    if (this.#failure !== undefined) return
    this.#ended = true
    this.#release()
    this.#waiter?.resolve(FINISHED)
    this.#waiter = undefined
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(connectionFailure(error, this.#options))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.takeArrived()
    if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk })
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#ended) return Promise.resolve(FINISHED)
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  get isComplete(): boolean {
    return this.#ended && this.#queue.length === 0 && this.#failure === undefined
  }

  takeArrived(): Uint8Array | undefined {
    const chunk = this.#queue.shift()
    if (chunk === undefined) return undefined
    this.#queuedBytes -= chunk.byteLength
    if (this.#queue.length === 0) this.#controller?.resume()
    return chunk
  }

  /** The consumer wants no more: what is queued is dropped and a connection that still sends is destroyed at once. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#queue = []
    this.#queuedBytes = 0
    if (!this.#ended && this.#failure === undefined) this.#fail(cancelledError())
    this.#ended = true
    return Promise.resolve(FINISHED)
  }

  readonly #onAbort = (): void => {
    // Chunks of an answer that nobody waits for any more must not be delivered late.
    this.#queue = []
    this.#fail(cancelledError())
  }

  #fail(error: ProxyError): void {
    if (this.#failure !== undefined || this.#ended) return
    this.#failure = error
    this.#release()
    this.#rejectHead(error)
    this.#waiter?.reject(error)
    this.#waiter = undefined
    this.#controller?.abort(error)
  }

  #release(): void {
    clearTimeout(this.#timer)
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
  }
}

function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}
