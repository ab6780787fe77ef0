import { afterEach, describe, expect, it } from 'vitest'
import { ProxyError } from '../canonical/error.ts'
import type { ErrorKind } from '../canonical/error.ts'
import { openStore } from '../store/open-store.ts'
import type { StoredAccount } from '../store/types.ts'
import { recordingSecrets, storedAccount, testClock } from '../../tests/support/accounts/fixtures.ts'
import { openAccountBook } from './account-book.ts'
import type { Strategy } from './pick.ts'
import { createAccountPool } from './pool.ts'
import type { AccountPool, PoolAccount, PoolQuery } from './pool.ts'

const MODEL = 'claude-sonnet-4.5'
const START = new Date(2027, 2, 5, 14, 0).getTime()
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function setUp(accounts: readonly StoredAccount[], strategy: Strategy = 'sticky') {
  const store = await openStore({ path: ':memory:' })
  const clock = testClock(START)
  const book = await openAccountBook({ store, secrets: recordingSecrets(), now: clock.now, onError: () => undefined })
  for (const account of accounts) await book.insert(account)
  const settings = () => ({ strategy, maxErrorCount: 0 })
  const pool = createAccountPool({ book, settings, now: clock.now, random: () => 0, onError: () => undefined })
  cleanups.push(async () => {
    await book.close()
    await store.close()
  })
  return { book, pool, clock }
}

function offers(model: string): (account: PoolAccount) => string | undefined {
  return ({ modelIds }) => modelIds.find((id) => id === model)
}

function ids(pool: AccountPool, query: Partial<PoolQuery> = {}): string[] {
  return pool.candidates({ resolve: offers(MODEL), ...query }).map(({ account }) => account.id)
}

function error(kind: ErrorKind): ProxyError {
  return new ProxyError(kind, `It was ${kind}.`)
}

describe('pool: candidates', () => {
  it('leaves out who may not be used, for each reason', async () => {
    const { pool } = await setUp([
      storedAccount('ready'),
      storedAccount('off', { enabled: false }),
      storedAccount('resting', { status: 'resting', restsUntil: START + 1 }),
      storedAccount('rested', { status: 'resting', restsUntil: START }),
      storedAccount('limit', { status: 'limit-reached', restsUntil: START + 1 }),
      storedAccount('suspended', { status: 'suspended' }),
      storedAccount('signed-out', { status: 'sign-in-needed' }),
      storedAccount('other-model', { models: [{ id: 'glm-5', name: 'GLM' }] }),
    ])
    expect(ids(pool).toSorted()).toEqual(['ready', 'rested'])
  })

  it('gives the model, what is known of it, and the reason', async () => {
    const { pool } = await setUp([
      storedAccount('a', { models: [{ id: MODEL, name: 'Sonnet', contextWindow: 200_000 }] }),
    ])
    expect(pool.candidates({ resolve: offers(MODEL) })).toEqual([
      {
        account: expect.objectContaining({ id: 'a', type: 'kiro', options: {} }),
        model: MODEL,
        modelInfo: { id: MODEL, name: 'Sonnet', contextWindow: 200_000 },
        reason: 'the only account that may serve it',
      },
    ])
  })

  it('keeps to the accounts that the request allows', async () => {
    const { pool } = await setUp([storedAccount('a'), storedAccount('b'), storedAccount('c')])
    expect(ids(pool, { accountId: 'b' })).toEqual(['b'])
    expect(ids(pool, { allowedAccountIds: ['a', 'c'] }).toSorted()).toEqual(['a', 'c'])
    expect(ids(pool, { accountId: 'b', allowedAccountIds: ['a'] })).toEqual([])
  })

  it('stays with the account that served a conversation after it had to move', async () => {
    const { pool, clock } = await setUp([storedAccount('a'), storedAccount('b')])
    const [first = '', second = ''] = ids(pool, { conversationKey: 'talk' })
    pool.failed(first, error('rate-limited'), MODEL)
    expect(ids(pool, { conversationKey: 'talk' })).toEqual([second])
    pool.succeeded(second, 'talk')
    clock.advance(600_000)
    expect(ids(pool, { conversationKey: 'talk' })).toEqual([second, first])
  })

  it('keeps an account to its own requests a minute', async () => {
    const { pool, clock } = await setUp([storedAccount('a', { other: { rpm: 2 } })])
    for (let request = 0; request < 2; request++) {
      expect(ids(pool)).toEqual(['a'])
      pool.started('a')
      clock.advance(10_000)
    }
    expect(ids(pool)).toEqual([])
    const told = pool.unavailability({ resolve: offers(MODEL) })
    expect(told).toMatchObject({ kind: 'no-account', retryAfterMs: 40_000 })
    clock.advance(40_000)
    expect(ids(pool)).toEqual(['a'])
  })

  it('keeps an account away from a model that its plan does not include, and not from others', async () => {
    const both = [
      { id: MODEL, name: 'Sonnet' },
      { id: 'glm-5', name: 'GLM' },
    ]
    const { pool, clock } = await setUp([storedAccount('a', { models: both })])
    pool.failed('a', error('feature-not-supported'), MODEL)
    expect(ids(pool)).toEqual([])
    expect(ids(pool, { resolve: offers('glm-5') })).toEqual(['a'])
    clock.advance(3_600_001)
    expect(ids(pool)).toEqual(['a'])
  })

  it('follows changes of the accounts at once', async () => {
    const { pool, book } = await setUp([storedAccount('a')])
    await book.insert(storedAccount('b'))
    expect(ids(pool).toSorted()).toEqual(['a', 'b'])
    await book.change('a', { enabled: false })
    expect(ids(pool)).toEqual(['b'])
    await book.change('b', { models: [{ id: 'glm-5', name: 'GLM' }] })
    expect(ids(pool)).toEqual([])
    await book.remove('b')
    expect(pool.counts()).toMatchObject({ total: 1, enabled: 0, disabled: 1 })
  })

  it('gives a newcomer its turn, and not all turns', async () => {
    const { pool, book } = await setUp([storedAccount('a'), storedAccount('b')], 'round-robin')
    const serve = (): string => {
      const [id = ''] = ids(pool)
      pool.started(id)
      pool.finished(id)
      return id
    }
    for (let turn = 0; turn < 10; turn++) serve()
    await book.insert(storedAccount('c'))
    const next = Array.from({ length: 6 }, serve)
    expect(next.filter((id) => id === 'c')).toHaveLength(2)
  })

  it('narrows models to the person’s own list', async () => {
    const listed = storedAccount('a', { other: { models: ['glm-5', MODEL] } })
    const unlisted = storedAccount('b', { models: null, other: { models: ['glm-5'] } })
    const { pool } = await setUp([listed, unlisted])
    expect(pool.models()).toEqual([
      { model: expect.objectContaining({ id: MODEL }), accountIds: ['a'] },
      { model: { id: 'glm-5', name: 'glm-5' }, accountIds: ['b'] },
    ])
    expect(pool.models()).toBe(pool.models())
  })

  it('counts nothing below zero, and ignores accounts that are gone', async () => {
    const { pool } = await setUp([storedAccount('a')])
    pool.finished('a')
    pool.started('gone')
    pool.finished('gone')
    pool.succeeded('gone')
    pool.failed('gone', error('suspended'), MODEL)
    expect(pool.counts()).toMatchObject({ total: 1, ready: 1 })
  })
})

describe('pool: unavailability', () => {
  const at = (minutes: number): number => START + minutes * 60_000
  const cases: [string, StoredAccount[], Partial<PoolQuery>, ErrorKind, RegExp, number | undefined][] = [
    ['nothing is set up', [], {}, 'no-account', /no account yet.*sign in/u, undefined],
    ['an unknown account', [storedAccount('a')], { accountId: 'x' }, 'no-account', /X-Account-ID/u, undefined],
    [
      'a key whose accounts are gone',
      [storedAccount('a')],
      { allowedAccountIds: [] },
      'no-account',
      /this key/u,
      undefined,
    ],
    [
      'all rest',
      [
        storedAccount('a', { status: 'resting', restsUntil: at(32) }),
        storedAccount('b', { status: 'resting', restsUntil: at(60) }),
      ],
      {},
      'no-account',
      /Every account.* rests until 14:32\./u,
      32 * 60_000,
    ],
    [
      'all limits are reached',
      [storedAccount('a', { status: 'limit-reached', restsUntil: at(60 * 24 * 3) })],
      {},
      'quota-exhausted',
      /“Account a”.*allowance.*2027-03-08 14:00/u,
      60 * 24 * 3 * 60_000,
    ],
    [
      'a sign-in is needed',
      [storedAccount('a', { status: 'sign-in-needed' })],
      {},
      'sign-in-needed',
      /sign in again/u,
      undefined,
    ],
    ['it is switched off', [storedAccount('a', { enabled: false })], {}, 'no-account', /switched off/u, undefined],
    [
      'it is suspended',
      [storedAccount('a', { status: 'suspended', enabled: false })],
      {},
      'suspended',
      /support/u,
      undefined,
    ],
    [
      'one rests and one is signed out: what passes by itself is told',
      [storedAccount('a', { status: 'sign-in-needed' }), storedAccount('b', { status: 'resting', restsUntil: at(1) })],
      {},
      'no-account',
      /rests until 14:01/u,
      60_000,
    ],
    [
      'nobody offers the model',
      [storedAccount('a'), storedAccount('b', { models: [{ id: 'glm-5', name: 'GLM' }] })],
      { resolve: offers('gpt-9') },
      'model-not-found',
      /claude-sonnet-4\.5, glm-5\./u,
      undefined,
    ],
    [
      'no list was fetched yet',
      [storedAccount('a', { models: null })],
      {},
      'model-not-found',
      /no list of models/u,
      undefined,
    ],
    [
      'only a resting account offers the model',
      [
        storedAccount('a', { status: 'resting', restsUntil: at(5) }),
        storedAccount('b', { models: [{ id: 'glm-5', name: 'GLM' }] }),
      ],
      {},
      'no-account',
      /rests until 14:05/u,
      5 * 60_000,
    ],
  ]
  for (const [name, accounts, query, kind, words, retryAfterMs] of cases) {
    it(`says so when ${name}`, async () => {
      const { pool } = await setUp(accounts)
      const told = pool.unavailability({ resolve: offers(MODEL), ...query })
      expect(told.kind).toBe(kind)
      expect(told.message).toMatch(words)
      expect(told.retryAfterMs).toBe(retryAfterMs)
    })
  }

  it('lists at most twenty models', async () => {
    const models = Array.from({ length: 30 }, (_, index) => ({ id: `model-${index + 10}`, name: 'x' }))
    const { pool } = await setUp([storedAccount('a', { models })])
    const { message } = pool.unavailability({ resolve: offers('gpt-9') })
    expect(message.match(/model-\d+/gu)).toHaveLength(20)
    expect(message).toContain('and 10 more')
  })
})
