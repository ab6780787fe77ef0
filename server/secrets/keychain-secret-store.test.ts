import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readKeychainItem, writeKeychainItem } from './keychain-item.ts'
import { createKeychainSecretStore, itemAccount } from './keychain-secret-store.ts'
import { type Keychain, KeychainUnavailableError } from './keychain.ts'
import { SecretsNotSavedError, SecretsUnreadableError, type SecretStore } from './secret-store.ts'
import { openVault } from './vault.ts'

/** A keychain in memory that counts its calls and stops at a chosen one, as a kill would. */
interface CountingKeychain extends Keychain {
  readonly items: Map<string, string>
  readonly calls: string[]
  failAfter: number
}

function countingKeychain(itemLimit: number): CountingKeychain {
  const items = new Map<string, string>()
  const calls: string[] = []
  const keychain: CountingKeychain = {
    displayName: 'the test keychain',
    itemLimit,
    items,
    calls,
    failAfter: Number.POSITIVE_INFINITY,
    async get(account) {
      count(`get ${account}`)
      return items.get(account)
    },
    async set(account, value) {
      count(`set ${account}`)
      expect(value.length).toBeLessThanOrEqual(Math.max(itemLimit, 100))
      items.set(account, value)
    },
    async delete(account) {
      count(`delete ${account}`)
      items.delete(account)
    },
  }
  const count = (call: string): void => {
    if (calls.length >= keychain.failAfter) throw new KeychainUnavailableError('it is locked')
    calls.push(call)
  }
  return keychain
}

const token = 'account/one/refresh-token'
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'culvert-keychain-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

function storeOn(keychain: Keychain): SecretStore {
  const vault = openVault(join(directory, 'vault.json'), undefined, { kind: 'keychain', secret: randomBytes(32) })
  return createKeychainSecretStore(keychain, vault, 'A sentence.')
}

describe('keychain-secret-store', () => {
  it('asks the keychain once for each token, also when asked at the same time', async () => {
    const keychain = countingKeychain(1000)
    keychain.items.set('one', 'refresh')
    const store = storeOn(keychain)
    expect(await Promise.all([store.get(token), store.get(token)])).toEqual(['refresh', 'refresh'])
    expect(await store.get(token)).toBe('refresh')
    expect(await store.get('account/none/refresh-token')).toBeUndefined()
    expect(await store.get('account/none/refresh-token')).toBeUndefined()
    expect(keychain.calls).toEqual(['get one', 'get none'])
  })

  it('asks again after it could not be read', async () => {
    const keychain = countingKeychain(1000)
    keychain.items.set('one', 'refresh')
    keychain.failAfter = 0
    const store = storeOn(keychain)
    await expect(store.get(token)).rejects.toBeInstanceOf(SecretsUnreadableError)
    keychain.failAfter = 9
    expect(await store.get(token)).toBe('refresh')
  })

  it('says that a token could not be saved, and then answers what the keychain has', async () => {
    const keychain = countingKeychain(Number.POSITIVE_INFINITY)
    const store = storeOn(keychain)
    await store.set(token, 'old')
    keychain.failAfter = keychain.calls.length
    const failed = store.set(token, 'a-new-secret')
    await expect(failed).rejects.toBeInstanceOf(SecretsNotSavedError)
    await expect(failed).rejects.not.toThrow('a-new-secret')
    keychain.failAfter = Number.POSITIVE_INFINITY
    expect(await store.get(token)).toBe('old')
  })

  it('knows which secrets have an item of their own', () => {
    expect(itemAccount('account/0b1c/refresh-token')).toBe('0b1c')
    for (const name of [
      'account/0b1c/access-token',
      'server/api-key',
      'account/vault-key/refresh-token',
      'account/a#1/refresh-token',
    ]) {
      expect(itemAccount(name)).toBeUndefined()
    }
  })
})

describe('keychain-item', () => {
  const values = ['first '.repeat(40), 'short', 'second'.repeat(80), 'third '.repeat(10), '', 'fourth'.repeat(60)]

  it('holds the old value or the new, wherever writing ends', async () => {
    for (const [index, next] of values.entries()) {
      const previous = values[(index + values.length - 1) % values.length] ?? ''
      for (let end = 0; ; end += 1) {
        const keychain = countingKeychain(50)
        await writeKeychainItem(keychain, 'one', previous)
        keychain.failAfter = keychain.calls.length + end
        const finished = await writeKeychainItem(keychain, 'one', next).then(
          () => true,
          () => false,
        )
        keychain.failAfter = Number.POSITIVE_INFINITY
        const kept = await readKeychainItem(keychain, 'one')
        expect(finished ? [next] : [previous, next]).toContain(kept)
        // What was left half-way must not spoil the next write.
        await writeKeychainItem(keychain, 'one', previous)
        expect(await readKeychainItem(keychain, 'one')).toBe(previous)
        if (finished) break
      }
    }
  })

  it('leaves no part of an old value behind', async () => {
    const keychain = countingKeychain(50)
    for (const value of values) await writeKeychainItem(keychain, 'one', value)
    await writeKeychainItem(keychain, 'one', 'short')
    expect([...keychain.items]).toEqual([['one', 'short']])
  })

  it('notices a missing part', async () => {
    const keychain = countingKeychain(50)
    await writeKeychainItem(keychain, 'one', 'x'.repeat(200))
    keychain.items.delete('one#a2')
    await expect(readKeychainItem(keychain, 'one')).rejects.toBeInstanceOf(SecretsUnreadableError)
  })
})
