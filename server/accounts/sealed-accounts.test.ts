import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingSecrets, storedAccount } from '../../tests/support/accounts/fixtures.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/types.ts'
import { createSealedAccounts } from './sealed-accounts.ts'

const proxy = 'socks5://me:secret@proxy.example:1080'
const masked = 'socks5://me:***@proxy.example:1080'
const name = 'account/a/proxy'

let store: Store
let secrets: ReturnType<typeof recordingSecrets>
let sealed: Store['accounts']

beforeEach(async () => {
  store = await openStore({ path: ':memory:' })
  secrets = recordingSecrets()
  sealed = createSealedAccounts(store.accounts, secrets)
  await sealed.insert(storedAccount('a', { other: { proxy, rpm: 5 } }))
})

afterEach(() => store.close())

async function inDatabase() {
  return (await store.accounts.list())[0]?.other
}

async function inMemory() {
  return (await sealed.list())[0]?.other
}

describe('sealed-accounts', () => {
  it('keeps the password out of the database and gives the whole address back', async () => {
    expect(await inDatabase()).toEqual({ proxy: masked, rpm: 5 })
    expect(await secrets.get(name)).toBe(proxy)
    expect(await inMemory()).toEqual({ proxy, rpm: 5 })
  })

  it('follows a change of the address', async () => {
    const other = 'http://me:other@proxy.example:1'
    await sealed.update('a', { other: { proxy: other } })
    expect(await inMemory()).toEqual({ proxy: other })
    await sealed.update('a', { other: { proxy: 'http://proxy.example:1' } })
    expect(await inMemory()).toEqual({ proxy: 'http://proxy.example:1' })
    expect(await secrets.names()).toEqual([])
  })

  it.each([[{ rpm: 5 }], [{ proxy: '', rpm: 5 }]])('forgets the password with the proxy (%j)', async (other) => {
    await sealed.update('a', { other })
    expect(await inDatabase()).toEqual(other)
    expect(await secrets.names()).toEqual([])
  })

  it('asks the secret store for nothing when only counters change', async () => {
    const before = secrets.writes.length
    await sealed.update('a', { successCount: 7 })
    expect(secrets.writes).toHaveLength(before)
    expect(await inMemory()).toEqual({ proxy, rpm: 5 })
  })

  it('leaves an address masked whose password is gone, and changes nothing then', async () => {
    await secrets.delete(name)
    expect(await inMemory()).toEqual({ proxy: masked, rpm: 5 })
    await sealed.update('a', { other: { proxy: masked, rpm: 6 } })
    expect(await secrets.names()).toEqual([])
    expect(await inDatabase()).toEqual({ proxy: masked, rpm: 6 })
  })

  it('forgets the password with the account', async () => {
    await sealed.delete('a')
    expect(await secrets.names()).toEqual([])
  })

  it('stores nothing when the password can not be sealed', async () => {
    secrets.refuse = true
    await expect(sealed.insert(storedAccount('b', { other: { proxy } }))).rejects.toThrow('locked')
    expect(await store.accounts.list()).toHaveLength(1)
  })
})
