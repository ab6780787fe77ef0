import type { IncomingHttpHeaders } from 'node:http'

/** The calls that the simulator answers, by what they do. */
export type Operation =
  | 'generate'
  | 'models'
  | 'profiles'
  | 'profile'
  | 'usage'
  | 'preference'
  | 'mcp'
  | 'register'
  | 'device-authorization'
  | 'token'
  | 'kiro-token'
  | 'kiro-refresh'
  | 'gemini-generate'
  | 'gemini-models'
  | 'messages'
  | 'messages-models'
  | 'chat'
  | 'chat-models'
  | 'page'
  | 'control'
  | 'unknown'

/** The ways to reach the service that the simulator tells apart (amazon-q.md §2.1). */
export type Endpoint = 'E1' | 'E2' | 'E4'

/**
 * How a request ended. `refused`: its own fault (validation, wrong path). `denied`: its token or grant was not accepted.
 * `fault`: the simulator was told to fail. `aborted`: the client closed the connection first. `open`: not ended yet.
 */
export type Outcome = 'open' | 'ok' | 'refused' | 'denied' | 'fault' | 'aborted'

export interface ReceivedRequest {
  /** Counts up from 1. */
  readonly number: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly method: string
  /** Path and query as they came. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly route: Operation
  /** Only for the service's own operations. */
  readonly endpoint?: Endpoint
  readonly accountId?: string
  /** The parsed body (a form's fields for a form); absent when it was no JSON, was dropped to save memory, or for `bench`. */
  readonly body?: unknown
  readonly bodyBytes: number
  /** 0 until the answer begins. */
  readonly status: number
  readonly outcome: Outcome
  /** Why a request was refused, in our own words: the wire often only says "Improperly formed request.". */
  readonly refusal?: string
  readonly scenario?: string
  readonly fault?: string
  /** Frames written so far. */
  readonly frames: number
  /** Milliseconds from the request to its end. */
  readonly durationMs?: number
}

export interface Counts {
  readonly byRoute: Readonly<Record<string, number>>
  readonly byOutcome: Readonly<Record<string, number>>
  /** Generate calls only. */
  readonly byAccount: Readonly<Record<string, number>>
}

/** The one request's entry while it is being answered. */
export type Entry = { -readonly [Member in keyof ReceivedRequest]: ReceivedRequest[Member] }

const entryLimit = 1_000
const bodyBudgetBytes = 64 * 1_048_576

interface Waiter {
  readonly matches: (request: ReceivedRequest) => boolean
  readonly resolve: (request: ReceivedRequest) => void
}

/** Keeps what was received, bounded, and wakes those who wait for a request. */
export class ReceivedLog {
  readonly entries: Entry[] = []
  readonly #byRoute: Record<string, number> = {}
  readonly #byOutcome: Record<string, number> = {}
  readonly #byAccount: Record<string, number> = {}
  readonly #waiters = new Set<Waiter>()
  #number = 0
  #clearedUpTo = 0
  #bodyBytes = 0
  clientAborts = 0

  get counts(): Counts {
    return { byRoute: this.#byRoute, byOutcome: this.#byOutcome, byAccount: this.#byAccount }
  }

  begin(first: Omit<Entry, 'number' | 'at' | 'status' | 'outcome' | 'frames'>): Entry {
    this.#number += 1
    const entry: Entry = { ...first, number: this.#number, at: Date.now(), status: 0, outcome: 'open', frames: 0 }
    this.entries.push(entry)
    count(this.#byRoute, entry.route)
    while (this.entries.length > entryLimit) this.#dropBody(this.entries.shift())
    this.wake(entry)
    return entry
  }

  /** Keeps a request's body, at the price of the oldest bodies when they are too many bytes together. */
  keepBody(entry: Entry, body: unknown): void {
    if (entry.number <= this.#clearedUpTo) return
    entry.body = body
    this.#bodyBytes += entry.bodyBytes
    for (let index = 0; this.#bodyBytes > bodyBudgetBytes && index < this.entries.length; index += 1) {
      this.#dropBody(this.entries[index])
    }
  }

  /** The first outcome counts; a request from before the last `clear` counts for nothing. */
  end(entry: Entry, outcome: Outcome): void {
    if (entry.outcome !== 'open') return
    entry.outcome = outcome
    entry.durationMs = Date.now() - entry.at
    if (entry.number <= this.#clearedUpTo) return
    if (outcome === 'aborted' && entry.route === 'generate') this.clientAborts += 1
    count(this.#byOutcome, outcome)
    if (entry.route === 'generate' && entry.accountId !== undefined) count(this.#byAccount, entry.accountId)
    this.wake(entry)
  }

  wake(entry: Entry): void {
    for (const waiter of this.#waiters) if (waiter.matches(entry)) waiter.resolve(entry)
  }

  when(matches: (request: ReceivedRequest) => boolean, timeoutMs: number): Promise<ReceivedRequest> {
    const past = this.entries.findLast((entry) => matches(entry))
    if (past !== undefined) return Promise.resolve(past)
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        matches,
        resolve: (request) => {
          finish()
          resolve(request)
        },
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`The simulator saw no such request within ${timeoutMs} ms.`))
      }, timeoutMs)
      this.#waiters.add(waiter)
    })
  }

  clear(): void {
    this.entries.length = 0
    this.#clearedUpTo = this.#number
    this.#bodyBytes = 0
    this.clientAborts = 0
    for (const counts of [this.#byRoute, this.#byOutcome, this.#byAccount]) {
      for (const key of Object.keys(counts)) delete counts[key]
    }
  }

  #dropBody(entry: Entry | undefined): void {
    if (entry?.body === undefined) return
    this.#bodyBytes -= entry.bodyBytes
    delete entry.body
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
