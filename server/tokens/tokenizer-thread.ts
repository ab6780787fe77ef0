import { Worker } from 'node:worker_threads'

/** Counts tokens with the real tokenizer, off the event loop. */
export interface TokenizerThread {
  /** Tokens of each text. Rejects with `TokenizerError` when the thread can't do it; then estimate. */
  count(texts: readonly string[]): Promise<readonly number[]>
  /** Stops the thread; counts under way reject. Later counts reject too. */
  close(): Promise<void>
  /** Whether a thread is alive, for tests and metrics. */
  readonly running: boolean
}

export interface TokenizerThreadOptions {
  /** Milliseconds without work after which the thread is stopped and its memory given back. */
  readonly idleMs: number
  /** Milliseconds that one count may take before the thread counts as hung. */
  readonly timeoutMs?: number
  /** The thread's program. */
  readonly workerUrl?: URL
}

/** The tokenizer can't count now. Never the request's fault. */
export class TokenizerError extends Error {
  override readonly name = 'TokenizerError'
}

/** From source the worker is the file beside this one; in a bundle it is a bundle of its own. */
const defaultWorkerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './tokenizer-worker.ts' : './tokenizer-worker.mjs',
  import.meta.url,
)
const defaultTimeoutMs = 5_000
const maxJobs = 500
/** A count whose thread died under it is tried once more: another count may have killed it. */
const maxAttempts = 2
const memoryLimitMb = 256

interface Job {
  readonly texts: readonly string[]
  readonly resolve: (counts: readonly number[]) => void
  readonly reject: (error: TokenizerError) => void
  attempts: number
}

/** Starts no thread before the first count. The thread keeps the process alive only while it counts. */
export function createTokenizerThread(options: TokenizerThreadOptions): TokenizerThread {
  return new LazyThread(options)
}

class LazyThread implements TokenizerThread {
  readonly #options: TokenizerThreadOptions
  readonly #jobs = new Map<number, Job>()
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #lastId = 0
  #closed = false

  constructor(options: TokenizerThreadOptions) {
    this.#options = options
  }

  get running(): boolean {
    return this.#worker !== undefined
  }

  count(texts: readonly string[]): Promise<readonly number[]> {
    if (this.#closed) return Promise.reject(new TokenizerError('The token counter is closed.'))
    if (this.#jobs.size >= maxJobs) return Promise.reject(new TokenizerError('The token counter has too much to do.'))
    return new Promise((resolve, reject) => {
      this.#send({ texts, resolve, reject, attempts: 0 })
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const worker = this.#detach()
    this.#rejectAll(new TokenizerError('The token counter was closed.'))
    await worker?.terminate()
  }

  #send(job: Job): void {
    const worker = (this.#worker ??= this.#start())
    this.#lastId += 1
    job.attempts += 1
    this.#jobs.set(this.#lastId, job)
    worker.ref()
    worker.postMessage({ id: this.#lastId, texts: job.texts })
    if (this.#jobs.size === 1) this.#watch()
  }

  #start(): Worker {
    const worker = new Worker(this.#options.workerUrl ?? defaultWorkerUrl, {
      name: 'tokenizer',
      // Nothing of the main program's: loaders and flags would load the program's own parts a second time.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb },
    })
    worker.on('message', (answer: { readonly id: number; readonly counts: readonly number[] }) => {
      this.#finish(answer.id, answer.counts)
    })
    // An `error` is always followed by `exit`, where the jobs are looked after.
    let cause: unknown
    worker.on('error', (error) => (cause = error))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#died(cause)
    })
    return worker
  }

  #finish(id: number, counts: readonly number[]): void {
    const job = this.#jobs.get(id)
    if (!this.#jobs.delete(id)) return
    this.#watch()
    job?.resolve(counts)
  }

  /** While there is work, time it; while there is none, wait for the end of the idle time. */
  #watch(): void {
    clearTimeout(this.#timer)
    if (this.#jobs.size > 0) {
      this.#timer = setTimeout(() => void this.#worker?.terminate(), this.#options.timeoutMs ?? defaultTimeoutMs)
      return
    }
    this.#worker?.unref()
    this.#timer = setTimeout(() => void this.#detach()?.terminate(), this.#options.idleMs)
    this.#timer.unref()
  }

  #died(cause: unknown): void {
    this.#detach()
    const jobs = [...this.#jobs.values()]
    this.#jobs.clear()
    for (const job of jobs) {
      if (job.attempts < maxAttempts && !this.#closed) this.#send(job)
      else job.reject(new TokenizerError('The token counter failed.', { cause }))
    }
  }

  #detach(): Worker | undefined {
    const worker = this.#worker
    this.#worker = undefined
    clearTimeout(this.#timer)
    return worker
  }

  #rejectAll(error: TokenizerError): void {
    for (const job of this.#jobs.values()) job.reject(error)
    this.#jobs.clear()
  }
}
