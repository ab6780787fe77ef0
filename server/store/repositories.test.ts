import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JsonValue } from '../canonical/json.ts'
import { openStore } from './open-store.ts'
import { sampleAccount, sampleKey, sampleLogin } from './store-samples.ts'
import { StoreError, type Store, type StoredAccount } from './types.ts'

let store: Store

beforeEach(async () => {
  store = await openStore({ path: ':memory:' })
})

afterEach(() => store.close())

describe('accounts', () => {
  it('gives back every field as it was', async () => {
    const full = sampleAccount()
    const sparse = sampleAccount({ enabled: false, quota: null, models: null, other: {}, createdAt: 1_800_000_000_000 })
    await store.accounts.insert(full)
    await store.accounts.insert(sparse)
    expect(await store.accounts.list()).toEqual([full, sparse])
  })

  it('lists the oldest first', async () => {
    await store.accounts.insert(sampleAccount({ label: 'later', createdAt: 2 }))
    await store.accounts.insert(sampleAccount({ label: 'sooner', createdAt: 1 }))
    expect((await store.accounts.list()).map((account) => account.label)).toEqual(['sooner', 'later'])
  })

  const changes: readonly (readonly [string, Partial<Omit<StoredAccount, 'id'>>])[] = [
    ['a status', { status: 'resting', statusReason: 'Throttled.', restsUntil: 5, statusSince: 4 }],
    ['a field to null', { email: null, quota: null, models: null }],
    ['JSON', { quota: { used: 1, of: [2, 3] }, models: ['a', 'b'], other: { region: 'eu-central-1' } }],
    ['a switch', { enabled: false }],
    ['counts', { errorCount: 3, successCount: 4, lastUsedAt: 9 }],
  ]

  it.each(changes)('changes %s, when it changed, and nothing else', async (_, change) => {
    const account = sampleAccount()
    await store.accounts.insert(account)
    const before = Date.now()
    await store.accounts.update(account.id, change)
    const [changed] = await store.accounts.list()
    expect(changed).toEqual({ ...account, ...change, updatedAt: changed?.updatedAt })
    expect(changed?.updatedAt).toBeGreaterThanOrEqual(before)
  })

  it('writes no field that is not of an account', async () => {
    const account = sampleAccount()
    const stray = { refreshToken: 'secret' }
    await store.accounts.insert({ ...account, ...stray })
    await store.accounts.update(account.id, { label: 'x', ...stray })
    expect(await store.accounts.list()).toEqual([expect.not.objectContaining({ refreshToken: 'secret' })])
  })

  it('takes the change or removal of an account that is gone for done', async () => {
    await store.accounts.update('gone', { label: 'x' })
    await store.accounts.delete('gone')
    expect(await store.accounts.list()).toEqual([])
  })

  it('removes one', async () => {
    const [kept, removed] = [sampleAccount(), sampleAccount()]
    await store.accounts.insert(kept)
    await store.accounts.insert(removed)
    await store.accounts.delete(removed.id)
    expect(await store.accounts.list()).toEqual([kept])
  })

  it('refuses a second account of the same id, in words', async () => {
    const account = sampleAccount()
    await store.accounts.insert(account)
    const again = store.accounts.insert(account)
    await expect(again).rejects.toBeInstanceOf(StoreError)
    await expect(again).rejects.toThrow('could not save the account. An entry with the same id is already there.')
  })
})

describe('logins', () => {
  it('puts a login, puts it again when it changed, and removes it', async () => {
    const login = sampleLogin()
    await store.logins.put(login)
    expect(await store.logins.list()).toEqual([login])
    const done = { ...login, status: 'done', accountId: 'account-1' } as const
    await store.logins.put(done)
    expect(await store.logins.list()).toEqual([done])
    await store.logins.delete(login.id)
    expect(await store.logins.list()).toEqual([])
  })
})

describe('keys', () => {
  it('inserts, changes and removes', async () => {
    const key = sampleKey()
    await store.keys.insert(key)
    expect(await store.keys.list()).toEqual([key])
    await store.keys.update(key.id, { enabled: false, lastUsedAt: 7, updatedAt: 8 })
    expect(await store.keys.list()).toEqual([{ ...key, enabled: false, lastUsedAt: 7, updatedAt: 8 }])
    await store.keys.delete(key.id)
    expect(await store.keys.list()).toEqual([])
  })

  it('refuses two keys with the same hash', async () => {
    const key = sampleKey()
    await store.keys.insert(key)
    await expect(store.keys.insert(sampleKey({ hash: key.hash }))).rejects.toThrow('the same value')
  })
})

describe('settings', () => {
  it('keeps any JSON value, replaces those set again and leaves the others', async () => {
    const first = new Map<string, JsonValue>([
      ['port', 8788],
      ['keysRequired', false],
      ['modelAliases', { sonnet: 'claude-sonnet-4.5' }],
      ['defaultModel', null],
      ['allowedHosts', ['a', 'ü']],
    ])
    await store.settings.set(first)
    expect(await store.settings.all()).toEqual(first)
    await store.settings.set(new Map([['port', 0]]))
    expect(await store.settings.all()).toEqual(new Map([...first, ['port', 0]]))
    await store.settings.set(new Map())
    expect((await store.settings.all()).size).toBe(5)
  })
})

describe('calibration', () => {
  it('keeps the newest factor of each model', async () => {
    await store.calibration.put('claude-sonnet-4.5', 1.1, 3)
    await store.calibration.put('claude-sonnet-4.5', 1.25, 4)
    await store.calibration.put('other', 0.9, 1)
    expect(await store.calibration.all()).toEqual(
      new Map([
        ['claude-sonnet-4.5', { factor: 1.25, samples: 4 }],
        ['other', { factor: 0.9, samples: 1 }],
      ]),
    )
  })
})

describe('a closed store', () => {
  it('rejects with StoreError', async () => {
    const closed = await openStore({ path: ':memory:' })
    await closed.close()
    await expect(closed.accounts.list()).rejects.toBeInstanceOf(StoreError)
  })
})
