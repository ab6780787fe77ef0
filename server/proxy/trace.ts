import type { Repair } from '../canonical/repair.ts'
import type { AttemptRecord } from '../store/types.ts'

/**
 * What happened to one request, gathered while it runs and written once at its end. Times are milliseconds since the
 * request was received, from a monotonic clock.
 */
export interface RequestTrace {
  readonly id: string
  /** Epoch milliseconds. */
  readonly time: number
  readonly receivedAt: number
  readonly attempts: AttemptRecord[]
  repairs: readonly Repair[]
  accountId: string | null
  servedModel: string | null
  /** The served model's, tokens, where its provider tells it. */
  contextWindow: number | null
  upstream: string | null
  upstreamRequestId: string | null
  conversationId: string | null
  /** Time spent inside calls to upstreams before the first event, all attempts together. */
  upstreamFirstByteMs: number | null
  firstEventMs: number | null
}

/** An empty trace for a request that was received just now. */
export function createTrace(id: string, time: number): RequestTrace {
  return {
    id,
    time,
    receivedAt: performance.now(),
    attempts: [],
    repairs: [],
    accountId: null,
    servedModel: null,
    contextWindow: null,
    upstream: null,
    upstreamRequestId: null,
    conversationId: null,
    upstreamFirstByteMs: null,
    firstEventMs: null,
  }
}

/** Milliseconds since the request was received. */
export function elapsed(trace: RequestTrace): number {
  return performance.now() - trace.receivedAt
}
