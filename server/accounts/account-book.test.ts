import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/types.ts'
import { recordingSecrets, storedAccount } from '../../tests/support/accounts/fixtures.ts'
import { openAccountBook } from './account-book.ts'
import type { AccountChange } from './account-book.ts'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function open(store: Pick<Store, 'accounts'>, errors: unknown[] = []) {
  const book = await openAccountBook({
    store,
    secrets: recordingSecrets(),
    now: () => 77,
    onError: (error) => errors.push(error),
  })
  cleanups.push(() => book.close().catch(() => undefined))
  return book
}

async function memoryStore(): Promise<Store> {
  const store = await openStore({ path: ':memory:' })
  cleanups.push(() => store.close())
  return store
}

describe('account-book', () => {
  it('keeps everything over a reopening of the database', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'culvert-book-'))
    cleanups.push(() => rm(directory, { recursive: true }))
    const path = join(directory, 'culvert.sqlite3')
    const first = await openStore({ path })
    const book = await open(first)
    await book.insert(storedAccount('a', { other: { rpm: 5 } }))
    await book.insert(storedAccount('b'))
    await book.change('a', { status: 'resting', restsUntil: 123, statusReason: 'Busy.' })
    book.note('b', { successCount: 9, lastUsedAt: 5 })
    await book.close()
    await first.close()

    const second = await openStore({ path })
    cleanups.push(() => second.close())
    const again = await open(second)
    expect(again.get('a')).toMatchObject({
      status: 'resting',
      restsUntil: 123,
      statusReason: 'Busy.',
      other: { rpm: 5 },
    })
    expect(again.get('b')).toMatchObject({ successCount: 9, lastUsedAt: 5 })
  })

  it('is changed in memory at once, and in the store when the promise resolves', async () => {
    const store = await memoryStore()
    const book = await open(store)
    await book.insert(storedAccount('a'))
    const written = book.change('a', { status: 'suspended' })
    expect(book.get('a')).toMatchObject({ status: 'suspended', updatedAt: 77 })
    await written
    expect((await store.accounts.list())[0]?.status).toBe('suspended')
  })

  it('writes notes with the next change, each value once', async () => {
    const store = await memoryStore()
    const updates: object[] = []
    const book = await open({
      accounts: {
        ...store.accounts,
        update: (id, change) => {
          updates.push(change)
          return store.accounts.update(id, change)
        },
      },
    })
    await book.insert(storedAccount('a'))
    for (let count = 1; count <= 100; count++) book.note('a', { successCount: count })
    expect(updates).toEqual([])
    await book.change('a', { enabled: false })
    expect(updates).toEqual([{ successCount: 100, enabled: false }])
  })

  it('loses nothing when the store fails for a while', async () => {
    const store = await memoryStore()
    let isDown = true
    const book = await open({
      accounts: {
        ...store.accounts,
        update: (id, change) => (isDown ? Promise.reject(new Error('locked')) : store.accounts.update(id, change)),
      },
    })
    await book.insert(storedAccount('a'))
    await expect(book.change('a', { status: 'suspended' })).rejects.toThrow('locked')
    expect(book.get('a')?.status).toBe('suspended')
    await expect(book.change('a', { errorCount: 3 })).rejects.toThrow('locked')
    isDown = false
    await book.flush()
    expect((await store.accounts.list())[0]).toMatchObject({ status: 'suspended', errorCount: 3 })
  })

  it('tells listeners what happened, until they leave', async () => {
    const book = await open(await memoryStore())
    const seen: string[] = []
    const leave = book.subscribe(({ type, account }: AccountChange) => seen.push(`${type} ${account.id}`))
    await book.insert(storedAccount('a'))
    await book.change('a', { label: 'x' })
    book.note('a', { successCount: 1 })
    await book.remove('a')
    leave()
    await book.insert(storedAccount('b'))
    expect(seen).toEqual(['added a', 'changed a', 'used a', 'removed a'])
  })

  it('ignores changes of an account that is gone', async () => {
    const book = await open(await memoryStore())
    book.note('nobody', { successCount: 1 })
    expect(await book.change('nobody', { enabled: false })).toBeUndefined()
    expect(book.list()).toEqual([])
  })
})
