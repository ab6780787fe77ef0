import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../server/store/open-store.ts'
import { sampleRequest } from '../../../server/store/store-samples.ts'

const rows = 100_000
const batch = 200
const startTime = 1_700_000_000_000

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'culvert-speed-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

/** Figures are printed, not asserted: they depend on the machine and on what else it does. */
describe('the store with 100,000 requests', () => {
  it('inserts, pages, sums up and opens', async () => {
    const path = join(directory, 'culvert.sqlite3')
    const figures: string[] = []
    const measure = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      const started = performance.now()
      const result = await work()
      figures.push(`${name} ${(performance.now() - started).toFixed(2)} ms`)
      return result
    }
    const store = await measure('open a new one', () => openStore({ path }))
    const durations: number[] = []
    for (let first = 0; first < rows; first += batch) {
      const records = Array.from({ length: batch }, (_, index) =>
        sampleRequest({ time: startTime + (first + index) * 1000, accountId: `account-${index % 5}` }),
      )
      const started = performance.now()
      await store.requests.insertMany(records)
      durations.push(performance.now() - started)
    }
    durations.sort((a, b) => a - b)
    const total = durations.reduce((sum, duration) => sum + duration, 0)
    figures.push(
      `insert ${((total * 1000) / rows).toFixed(1)} µs a row, a batch of ${batch}: median ` +
        `${durations[durations.length >> 1]?.toFixed(2)} ms, longest ${durations.at(-1)?.toFixed(2)} ms`,
    )
    await store.requests.get('load the query builder')
    const page = await measure('first page', () => store.requests.page({ limit: 50 }))
    const next = await measure('next page', () => store.requests.page({ limit: 50, before: page.cursor ?? '' }))
    await measure('page of an account', () => store.requests.page({ limit: 50, accountId: 'account-3' }))
    const stats = await measure('statistics', () => store.requests.stats(startTime))
    await measure('close', () => store.close())
    const again = await measure('open it again', () => openStore({ path }))
    await again.close()
    process.stdout.write(`${figures.join('\n')}\n`)

    expect(next.records[0]?.time).toBe(startTime + (rows - 51) * 1000)
    expect(stats.requests).toBe(rows)
  })
})
