import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStore } from './open-store.ts'
import { createRequestLog } from './request-log.ts'
import { sampleRequest } from './store-samples.ts'
import { StoreError, type RequestRecord, type Store } from './types.ts'

let store: Store
let batches: number[]
/** What the next writes answer with; when empty they succeed. */
let failures: Error[]

const spied = {
  get requests(): Store['requests'] {
    return {
      ...store.requests,
      async insertMany(records: readonly RequestRecord[]) {
        const failure = failures.shift()
        if (failure !== undefined) throw failure
        batches.push(records.length)
        await store.requests.insertMany(records)
      },
    }
  },
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  store = await openStore({ path: ':memory:' })
  batches = []
  failures = []
})

afterEach(async () => {
  vi.useRealTimers()
  await store.close()
})

const records = (count: number): readonly RequestRecord[] =>
  Array.from({ length: count }, (_, index) => sampleRequest({ time: 1_700_000_000_000 + index }))

async function written(): Promise<readonly number[]> {
  return (await store.requests.page({ limit: 500 })).records.map((record) => record.time - 1_700_000_000_000)
}

describe('createRequestLog', () => {
  it('writes what came within the flush time as one batch', async () => {
    const log = createRequestLog({ store: spied, flushMs: 500 })
    for (const record of records(3)) log.record(record)
    await vi.advanceTimersByTimeAsync(499)
    expect(batches).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(batches).toEqual([3])
    await log.close()
  })

  it('does not write while a request records, even when the batch is full, but right after', async () => {
    const log = createRequestLog({ store: spied, maxBatch: 5 })
    for (const record of records(5)) log.record(record)
    expect(batches).toEqual([])
    await vi.advanceTimersByTimeAsync(0)
    expect(batches).toEqual([5])
    await log.close()
  })

  it('flushes everything, in batches', async () => {
    const log = createRequestLog({ store: spied, maxBatch: 100 })
    for (const record of records(250)) log.record(record)
    await log.flush()
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(250)
    expect(Math.max(...batches)).toBeLessThanOrEqual(100)
    expect(await written()).toHaveLength(250)
    await log.close()
  })

  it('drops the oldest when too many wait, and tells how many', async () => {
    const onDropped = vi.fn<(count: number) => void>()
    const log = createRequestLog({ store: spied, maxQueue: 10, maxBatch: 20, onDropped })
    for (const record of records(13)) log.record(record)
    await log.flush()
    expect(onDropped.mock.calls).toEqual([[3]])
    expect(await written()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
    await log.close()
  })

  it('tries again when a write fails, says so once, and loses nothing', async () => {
    const onFailure = vi.fn<(message: string) => void>()
    failures = [new StoreError('The disk is full.'), new StoreError('The disk is full.')]
    const log = createRequestLog({ store: spied, flushMs: 500, onFailure })
    for (const record of records(3)) log.record(record)
    await vi.advanceTimersByTimeAsync(500)
    expect(batches).toEqual([])
    log.record(sampleRequest({ time: 1_700_000_000_003 }))
    await vi.advanceTimersByTimeAsync(1000)
    await vi.advanceTimersByTimeAsync(2000)
    expect(await written()).toEqual([3, 2, 1, 0])
    expect(onFailure).toHaveBeenCalledTimes(1)
    expect(onFailure.mock.calls[0]?.[0]).toMatch(/tries again\. The disk is full\.$/u)

    failures = [new StoreError('Locked.')]
    log.record(sampleRequest())
    await log.flush()
    expect(onFailure).toHaveBeenCalledTimes(2)
    await log.close()
  })

  it('keeps to its limit while writes fail', async () => {
    const onDropped = vi.fn<(count: number) => void>()
    failures = Array.from({ length: 4 }, () => new StoreError('Locked.'))
    const log = createRequestLog({ store: spied, maxQueue: 6, maxBatch: 4, onDropped })
    for (const record of records(6)) log.record(record)
    await log.flush()
    for (const record of records(8).slice(6)) log.record(record)
    failures = []
    await log.flush()
    expect(await written()).toEqual([7, 6, 5, 4, 3, 2])
    expect(onDropped.mock.calls).toEqual([[2]])
    await log.close()
  })

  it('writes the rest when closed, and drops and counts what comes later', async () => {
    const onDropped = vi.fn<(count: number) => void>()
    const log = createRequestLog({ store: spied, onDropped })
    for (const record of records(3)) log.record(record)
    await log.close()
    expect(await written()).toHaveLength(3)
    log.record(sampleRequest())
    expect(onDropped.mock.calls).toEqual([[1]])
  })

  it('counts what could not be written when closed', async () => {
    const onDropped = vi.fn<(count: number) => void>()
    failures = [new StoreError('Locked.'), new StoreError('Locked.')]
    const log = createRequestLog({ store: spied, onDropped })
    for (const record of records(3)) log.record(record)
    await log.close()
    expect(onDropped.mock.calls).toEqual([[3]])
  })
})
