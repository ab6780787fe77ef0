import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSecretStore, type OpenSecretStoreOptions } from './open-secret-store.ts'
import { SecretsUnreadableError, type SecretStore } from './secret-store.ts'
import { readVaultFile } from './vault-file.ts'

let dataDirectory: string

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'culvert-secrets-'))
})

afterEach(() => rm(dataDirectory, { recursive: true, force: true }))

function open(options: Partial<OpenSecretStoreOptions> = {}): Promise<SecretStore> {
  return openSecretStore({ dataDirectory, keychain: 'off', ...options })
}

async function openError(options: Partial<OpenSecretStoreOptions> = {}): Promise<string> {
  const outcome = await open(options).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(SecretsUnreadableError)
  return outcome instanceof Error ? outcome.message : ''
}

describe('openSecretStore without a keychain', () => {
  it('makes a key file for this user only and says plainly what it is worth', async () => {
    const store = await open()
    expect(store.description.kind).toBe('vault')
    expect(store.description.sentence).toContain('All secrets, refresh tokens included')
    expect(store.description.sentence).toContain('Whoever can read both files')
    await store.set('account/1/refresh-token', 'refresh')
    await store.set('server/admin-token', 'admin')
    await store.delete('server/admin-token')
    await store.delete('never/set')
    expect(await store.names()).toEqual(['account/1/refresh-token'])
    await store.close()

    const again = await open()
    expect(await again.get('account/1/refresh-token')).toBe('refresh')
    expect(await again.get('server/admin-token')).toBeUndefined()
    await again.close()
  })

  it.skipIf(process.platform === 'win32')('takes back rights that others have to the key file', async () => {
    await open()
    const path = join(dataDirectory, 'vault.key')
    await chmod(path, 0o644)
    await (await open()).set('a/b', 'c')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('keeps the key when the first start ended before a secret was saved', async () => {
    await open()
    const key = await readFile(join(dataDirectory, 'vault.key'))
    await (await open()).set('a/b', 'c')
    expect(await readFile(join(dataDirectory, 'vault.key'))).toEqual(key)
  })

  it.each(['missing', 'damaged'])('stops when the key file is %s', async (how) => {
    await (await open()).set('a/b', 'c')
    const path = join(dataDirectory, 'vault.key')
    await (how === 'missing' ? rm(path) : writeFile(path, 'nonsense'))
    const before = await readdir(dataDirectory)
    expect(await openError()).toContain('which is missing or damaged')
    expect(await readdir(dataDirectory)).toEqual(before)
  })
})

describe('openSecretStore with MASTER_KEY', () => {
  const bytes = randomBytes(32)
  const spellings: readonly (readonly [string, string])[] = [
    ['hex', bytes.toString('hex')],
    ['hex in capitals', bytes.toString('hex').toUpperCase()],
    ['base64', bytes.toString('base64')],
    ['base64url', bytes.toString('base64url')],
    ['base64 with blanks around', ` ${bytes.toString('base64')}\n`],
  ]

  it.each(spellings)('takes %s, all for the same key', async (_, masterKey) => {
    await (await open({ masterKey: bytes.toString('base64') })).set('a/b', 'c')
    const store = await open({ masterKey })
    expect(await store.get('a/b')).toBe('c')
    expect(store.description.sentence).toContain('encrypted under MASTER_KEY')
  })

  it('takes longer keys whole', async () => {
    const long = randomBytes(64)
    await (await open({ masterKey: long.toString('hex') })).set('a/b', 'c')
    expect(await openError({ masterKey: long.subarray(0, 32).toString('hex') })).toContain('MASTER_KEY is not the key')
  })

  const bad: readonly (readonly [string, string, string])[] = [
    ['empty', '', 'is set but empty'],
    ['too short', randomBytes(31).toString('base64'), 'has only 31 bytes'],
    ['short hex', 'ab'.repeat(16), 'has only 16 bytes'],
    ['neither', 'correct horse battery staple and more words', 'is neither hex nor base64'],
  ]

  it.each(bad)('refuses a key that is %s without repeating it', async (_, masterKey, problem) => {
    const message = await openError({ masterKey })
    expect(message).toContain(`MASTER_KEY ${problem}`)
    expect(message).toContain('openssl rand -base64 32')
    expect(masterKey !== '' && message.includes(masterKey)).toBe(false)
    expect(await readdir(dataDirectory)).toEqual([])
  })

  it('stops at another key, and without one', async () => {
    await (await open({ masterKey: bytes.toString('hex') })).set('a/b', 'c')
    expect(await openError({ masterKey: randomBytes(32).toString('hex') })).toContain('the value it had before')
    expect(await openError()).toContain('sealed under MASTER_KEY, which is not set')
  })

  it('moves what a key file sealed under it, and removes the key file', async () => {
    const first = await open()
    await first.set('account/1/refresh-token', 'refresh')
    await first.set('server/api-key', 'key')
    await first.close()
    const masterKey = bytes.toString('hex')
    const moved = await open({ masterKey })
    expect(await moved.get('account/1/refresh-token')).toBe('refresh')
    expect((await moved.names()).toSorted()).toEqual(['account/1/refresh-token', 'server/api-key'])
    expect((await readdir(dataDirectory)).includes('vault.key')).toBe(false)
    expect((await readVaultFile(join(dataDirectory, 'vault.json')))?.keyKind).toBe('master-key')
    await moved.close()
    expect(await (await open({ masterKey })).get('server/api-key')).toBe('key')
  })
})
