import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from './open-store.ts'
import { hourMs } from './request-hours.ts'
import { sampleRequest, timeOrderedId } from './store-samples.ts'
import { StoreError, type RequestQuery, type RequestRecord, type Store } from './types.ts'

const noon = Math.floor(1_700_000_000_000 / hourMs) * hourMs

let store: Store

beforeEach(async () => {
  store = await openStore({ path: ':memory:' })
})

afterEach(() => store.close())

async function idsOfAllPages(query: RequestQuery): Promise<readonly string[]> {
  const ids: string[] = []
  let before: string | undefined
  for (;;) {
    const page = await store.requests.page(before === undefined ? query : { ...query, before })
    expect(page.records.length).toBeLessThanOrEqual(query.limit)
    ids.push(...page.records.map((record) => record.id))
    if (page.cursor === null) return ids
    before = page.cursor
  }
}

/** 60 requests, several of them in the same millisecond, of 3 accounts and 2 keys, every tenth failed. */
const many: readonly RequestRecord[] = Array.from({ length: 60 }, (_, index) =>
  sampleRequest({
    time: noon + Math.floor(index / 4),
    accountId: index % 7 === 0 ? null : `account-${index % 3}`,
    keyId: `key-${index % 2}`,
    ...(index % 20 === 0 ? { status: 529, errorKind: 'overloaded' } : {}),
    ...(index % 20 === 10 ? { errorKind: 'upstream-broke-off' } : {}),
  }),
)
const newestFirst = many.toSorted((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1))

describe('requests', () => {
  it('gives back every field as it was', async () => {
    const full = sampleRequest({
      attempts: [
        {
          accountId: 'a',
          startedMs: 0.5,
          durationMs: 3.25,
          errorKind: 'throttled',
          upstreamStatus: 429,
          message: 'Slow.',
        },
        { accountId: 'b', startedMs: 4, durationMs: 8 },
      ],
      repairs: [{ rule: 'drop-empty', where: 'messages.1', detail: 'One block.' }],
    })
    const sparse = sampleRequest({
      time: noon + 5,
      keyId: null,
      stream: false,
      conversationId: null,
      servedModel: null,
      upstream: null,
      accountId: null,
      status: 400,
      errorKind: 'invalid-request',
      errorMessage: 'messages: must not be empty',
      finishReason: null,
      attempts: [],
      repairs: [],
      firstEventMs: null,
      upstreamFirstByteMs: null,
      credits: null,
    })
    await store.requests.insertMany([full, sparse])
    expect(await store.requests.get(full.id)).toEqual(full)
    expect(await store.requests.get(sparse.id)).toEqual(sparse)
    expect(await store.requests.get('unknown')).toBeUndefined()
  })

  const queries: readonly (readonly [string, RequestQuery, (record: RequestRecord) => boolean])[] = [
    ['all', { limit: 7 }, () => true],
    ['one account', { limit: 4, accountId: 'account-1' }, (record) => record.accountId === 'account-1'],
    ['one key', { limit: 500, keyId: 'key-1' }, (record) => record.keyId === 'key-1'],
    ['errors', { limit: 2, status: 'error' }, (record) => record.errorKind !== null],
    ['successes', { limit: 9, status: 'ok' }, (record) => record.errorKind === null],
    [
      'errors of a key',
      { limit: 1, status: 'error', keyId: 'key-0' },
      (record) => record.errorKind !== null && record.keyId === 'key-0',
    ],
  ]

  it.each(queries)('pages through %s, newest first, none twice and none left out', async (_, query, matches) => {
    await store.requests.insertMany(many)
    expect(await idsOfAllPages(query)).toEqual(newestFirst.filter(matches).map((record) => record.id))
  })

  it('keeps its place while new requests come in', async () => {
    await store.requests.insertMany(many)
    const first = await store.requests.page({ limit: 10 })
    await store.requests.insertMany([sampleRequest({ time: noon + 1000 })])
    const second = await store.requests.page({ limit: 10, before: first.cursor ?? '' })
    expect(second.records.map((record) => record.id)).toEqual(newestFirst.slice(10, 20).map((record) => record.id))
  })

  it.each(['', 'x', '12', '12.', 'NaN.a', '1; drop table requests'])('refuses the cursor %j', async (before) => {
    await expect(store.requests.page({ limit: 10, before })).rejects.toBeInstanceOf(StoreError)
  })

  it('writes all records of a batch or none', async () => {
    const broken = { ...sampleRequest(), path: null } as unknown as RequestRecord
    await expect(store.requests.insertMany([sampleRequest(), broken])).rejects.toBeInstanceOf(StoreError)
    expect((await store.requests.page({ limit: 10 })).records).toEqual([])
    expect((await store.requests.stats(0)).requests).toBe(0)
  })

  it('counts a record once, however often it is written', async () => {
    const record = sampleRequest()
    await store.requests.insertMany([record, record])
    await store.requests.insertMany([record])
    expect(await store.requests.stats(0)).toMatchObject({ requests: 1, inputTokens: 1200, credits: 0.25 })
  })

  it('does not let an odd number spoil a batch', async () => {
    const odd = sampleRequest({ inputTokens: Number.NaN, outputTokens: 2.6, totalMs: Number.POSITIVE_INFINITY })
    await store.requests.insertMany([odd])
    expect(await store.requests.get(odd.id)).toMatchObject({ inputTokens: 0, outputTokens: 3, totalMs: 0 })
  })
})

describe('statsBy', () => {
  it('sums by account and by key, and leaves out what has none', async () => {
    await store.requests.insertMany([
      sampleRequest({ time: noon, accountId: 'a', keyId: 'k', credits: 0.5, inputTokens: 10 }),
      sampleRequest({ time: noon, accountId: 'a', keyId: null, credits: 0.25, inputTokens: 5 }),
      sampleRequest({ time: noon, accountId: null, keyId: 'k', credits: null, errorKind: 'no-account' }),
    ])
    const byAccount = await store.requests.statsBy('account', 0)
    expect([...byAccount.keys()]).toEqual(['a'])
    expect(byAccount.get('a')).toMatchObject({ requests: 2, inputTokens: 15, credits: 0.75 })
    expect((await store.requests.statsBy('key', 0)).get('k')).toMatchObject({ requests: 2, errors: 1 })
    expect(await store.requests.statsBy('key', noon + hourMs)).toEqual(new Map())
  })
})

describe('stats', () => {
  const at = (time: number, change: Partial<RequestRecord> = {}): RequestRecord =>
    sampleRequest({ id: timeOrderedId(time), time, ...change })

  beforeEach(() =>
    store.requests.insertMany([
      at(noon - 1),
      at(noon),
      at(noon + 30_000, { status: 500, errorKind: 'upstream', outputTokens: 0, credits: null }),
      at(noon + hourMs, { servedModel: null, accountId: null, keyId: null }),
    ]),
  )

  it('sums whole hours, that of the given time included', async () => {
    expect(await store.requests.stats(noon + 59_000)).toEqual({
      requests: 3,
      errors: 1,
      inputTokens: 3600,
      outputTokens: 600,
      credits: 0.5,
    })
    expect((await store.requests.stats(noon - 1)).requests).toBe(4)
    expect((await store.requests.stats(noon + hourMs)).requests).toBe(1)
    expect(await store.requests.stats(noon + 9 * hourMs)).toEqual({
      requests: 0,
      errors: 0,
      inputTokens: 0,
      outputTokens: 0,
      credits: 0,
    })
  })

  it('adds later batches to the same hour', async () => {
    await store.requests.insertMany([at(noon + hourMs + 1)])
    await store.requests.insertMany([at(noon + hourMs + 2, { keyId: null, accountId: null, servedModel: null })])
    expect(await store.requests.stats(noon + hourMs)).toMatchObject({ requests: 3, inputTokens: 3600, credits: 0.75 })
  })

  it('sums by account and by key', async () => {
    await store.requests.insertMany([at(noon, { accountId: 'account-2', credits: 2 })])
    const byAccount = await store.requests.statsBy('account', noon)
    expect([...byAccount.keys()].toSorted()).toEqual(['account-1', 'account-2'])
    expect(byAccount.get('account-1')).toMatchObject({ requests: 2, errors: 1, credits: 0.25 })
    expect(byAccount.get('account-2')).toMatchObject({ requests: 1, errors: 0, credits: 2 })
    const byKey = await store.requests.statsBy('key', noon)
    expect(byKey.get('key-1')?.requests).toBe(3)
    expect(byKey.size).toBe(1)
  })

  it('outlives the records', async () => {
    const before = await store.requests.stats(0)
    expect(await store.requests.deleteBefore(noon + 1)).toBe(2)
    expect((await store.requests.page({ limit: 10 })).records).toHaveLength(2)
    expect(await store.requests.stats(0)).toEqual(before)
  })

  it('deletes many in portions', async () => {
    const old = Array.from({ length: 450 }, (_, index) => at(1_000_000 + index))
    await store.requests.insertMany(old)
    expect(await store.requests.deleteBefore(2_000_000)).toBe(450)
    expect(await store.requests.deleteBefore(2_000_000)).toBe(0)
  })
})
