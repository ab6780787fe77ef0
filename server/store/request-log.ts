import { setImmediate } from 'node:timers/promises'
import type { RequestRecord, Store } from './types.ts'

/** Collects records and writes them in batches, so that no request waits for the disk. */
export interface RequestLog {
  /** Takes the record and returns at once. Never throws. */
  record(record: RequestRecord): void
  /** Writes everything taken so far. Never rejects: what can't be written stays for the next try. */
  flush(): Promise<void>
  /** Writes everything taken so far, for the last time. What can't be written then is dropped and counted. */
  close(): Promise<void>
}

export interface RequestLogOptions {
  readonly store: Pick<Store, 'requests'>
  /** Longest time a record waits to be written, milliseconds. Default 250. */
  readonly flushMs?: number
  /** Most records in one transaction. Default 200. */
  readonly maxBatch?: number
  /** Most records that wait; beyond it the oldest are dropped. Default 10,000. */
  readonly maxQueue?: number
  /** Told how many records were dropped since it was last told. */
  readonly onDropped?: (count: number) => void
  /** Told, in a sentence, when writing begins to fail; not again before a write has succeeded. */
  readonly onFailure?: (message: string) => void
}

/** A write that held the event loop longer than this makes the next batches smaller. */
const slowBatchMs = 8
const smallestBatch = 25
const longestRetryMs = 30_000

/** The batching writer of the request log. kill -9 loses at most what was recorded in the last `flushMs`. */
export function createRequestLog(options: RequestLogOptions): RequestLog {
  const { store, flushMs = 250, maxBatch = 200, maxQueue = 10_000 } = options
  let queue: RequestRecord[] = []
  let dropped = 0
  let failures = 0
  let batchSize = maxBatch
  let timer: NodeJS.Timeout | undefined
  let hurrying = false
  let writing: Promise<void> | undefined
  let closed = false

  const drop = (count: number): void => {
    dropped += count
  }

  const reportDropped = (): void => {
    if (dropped === 0) return
    const count = dropped
    dropped = 0
    options.onDropped?.(count)
  }

  const schedule = (delayMs: number): void => {
    if (closed || timer !== undefined) return
    timer = setTimeout(() => void write(), delayMs).unref()
  }

  /** A full batch need not wait, but is not written inside `record`, which runs on the path of a request. */
  const hurry = (): void => {
    if (closed || hurrying || writing !== undefined) return
    hurrying = true
    clearTimeout(timer)
    timer = setTimeout(() => void write(), 0).unref()
  }

  const write = (): Promise<void> => {
    writing ??= writeAll().finally(() => {
      writing = undefined
      reportDropped()
      if (queue.length > 0) schedule(Math.min(flushMs * 2 ** failures, longestRetryMs))
    })
    return writing
  }

  const writeAll = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    hurrying = false
    while (queue.length > 0) {
      const batch = queue.slice(0, batchSize)
      queue = queue.slice(batch.length)
      const started = performance.now()
      try {
        await store.requests.insertMany(batch)
      } catch (error) {
        putBack(batch)
        failures += 1
        if (failures === 1) options.onFailure?.(failureSentence(error))
        return
      }
      failures = 0
      const tookMs = performance.now() - started
      batchSize = tookMs > slowBatchMs ? Math.max(smallestBatch, batchSize >> 1) : Math.min(maxBatch, batchSize * 2)
      if (queue.length > 0) await setImmediate()
    }
  }

  const putBack = (batch: readonly RequestRecord[]): void => {
    const room = Math.max(0, maxQueue - queue.length)
    drop(Math.max(0, batch.length - room))
    queue = [...batch.slice(Math.max(0, batch.length - room)), ...queue]
  }

  return {
    record(record) {
      if (closed) {
        drop(1)
        reportDropped()
        return
      }
      if (queue.length >= maxQueue) {
        queue.shift()
        drop(1)
      }
      queue.push(record)
      if (queue.length >= maxBatch && failures === 0) hurry()
      else schedule(flushMs)
    },

    async flush() {
      // A write that is under way took its batches before; a second one takes what came since.
      if (writing !== undefined) await writing
      await write()
    },

    async close() {
      closed = true
      if (writing !== undefined) await writing
      await write()
      clearTimeout(timer)
      drop(queue.length)
      queue = []
      reportDropped()
    },
  }
}

function failureSentence(error: unknown): string {
  const detail = error instanceof Error ? error.message : String(error)
  return `The request log can't be written for now; Culvert keeps the newest requests in memory and tries again. ${detail}`
}
