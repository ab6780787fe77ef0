import { describe, expect, it } from 'vitest'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { Store, StoredApiKey } from '../store/types.ts'
import { loadAdminToken } from './admin-token.ts'
import { createKeyService } from './key-service.ts'
import type { KeyServiceDependencies } from './key-service.ts'

/** A table and a safe that outlive one service, as a restart needs them. */
function createWorld() {
  const rows = new Map<string, StoredApiKey>()
  const kept = new Map<string, string>()
  const keys: Store['keys'] = {
    list: () => Promise.resolve([...rows.values()]),
    insert: (row) => Promise.resolve(void rows.set(row.id, row)),
    update(id, change) {
      const row = rows.get(id)
      if (row !== undefined) rows.set(id, { ...row, ...change })
      return Promise.resolve()
    },
    delete: (id) => Promise.resolve(void rows.delete(id)),
  }
  const secrets: SecretStore = {
    description: { kind: 'memory', sentence: 'Secrets are in memory.' },
    get: (name) => Promise.resolve(kept.get(name)),
    set: (name, value) => Promise.resolve(void kept.set(name, value)),
    delete: (name) => Promise.resolve(void kept.delete(name)),
    names: () => Promise.resolve([...kept.keys()]),
    close: () => Promise.resolve(),
  }
  let time = 1_000
  const start = (change: Partial<KeyServiceDependencies> = {}) =>
    createKeyService({
      keys,
      secrets,
      now: () => time,
      onError: (error) => expect.unreachable(String(error)),
      ...change,
    })
  return { rows, kept, keys, secrets, start, setTime: (next: number) => (time = next) }
}

describe('server/admin/key-service.ts', () => {
  it('makes one key at the first start, seals it, and finds it again after a restart', async () => {
    const { rows, kept, start } = createWorld()
    const first = await start()
    expect(first.firstKey).toMatch(/^culvert_[\w-]{43}$/u)
    expect(first.localKey()).toBe(first.firstKey)
    expect(kept.get('server/api-key')).toBe(first.firstKey)
    const [row] = [...rows.values()]
    expect(row?.hash).toMatch(/^[\da-f]{64}$/u)
    expect(row?.prefix).toBe(first.firstKey?.slice(0, 12))
    expect(JSON.stringify([...rows.values()])).not.toContain(first.firstKey?.slice(13))

    const second = await start()
    expect(second.firstKey).toBeUndefined()
    expect(second.localKey()).toBe(first.firstKey)
    expect(second.list()).toHaveLength(1)
    expect(second.list()[0]).toMatchObject({ local: true, enabled: true, revoked: false, source: 'store' })
    expect(second.verify(first.firstKey ?? '')).toMatchObject({ source: 'store', guessable: false })
  })

  it('puts the sealed key back into a database that lost it', async () => {
    const { rows, start } = createWorld()
    const key = (await start()).firstKey ?? ''
    rows.clear()
    const service = await start()
    expect(service.firstKey).toBeUndefined()
    expect(service.verify(key)).toBeDefined()
    expect(rows.size).toBe(1)
  })

  it.each<[readonly string[], number]>([
    [['alpha', 'beta'], 2],
    [[], 0],
  ])('takes the keys of the environment %o and makes none of its own', async (environmentKeys, count) => {
    const { rows, start } = createWorld()
    const service = await start({ environmentKeys })
    expect(service.firstKey).toBeUndefined()
    expect(rows.size).toBe(0)
    expect(service.list()).toHaveLength(count)
    expect(service.localKey()).toBe(environmentKeys[0])
    for (const key of environmentKeys)
      expect(service.verify(key)).toMatchObject({ source: 'environment', guessable: true })
    expect(JSON.stringify(service.list())).not.toContain('alpha')
  })

  it('makes a key against the environment where the network could come in', async () => {
    const service = await createWorld().start({ environmentKeys: [], mustHaveKey: true })
    expect(service.firstKey).toMatch(/^culvert_/u)
    expect((await createWorld().start({ environmentKeys: ['a'], mustHaveKey: true })).firstKey).toBeUndefined()
  })

  it('refuses to change a key of the environment', async () => {
    const service = await createWorld().start({ environmentKeys: ['alpha'] })
    await expect(service.update('environment-1', { enabled: false })).rejects.toMatchObject({ kind: 'invalid-request' })
    await expect(service.remove('environment-2')).rejects.toMatchObject({ kind: 'not-found' })
    expect(service.get('environment-1')).toMatchObject({ source: 'environment', prefix: '' })
  })

  it.each(['', 'culvert_', 'culvert_x', 'a'.repeat(5_000), '\u0000'])('does not know %j', async (presented) => {
    expect((await createWorld().start()).verify(presented)).toBeUndefined()
  })

  it('obeys expiry, the switch, revocation and deletion at once', async () => {
    const { start, setTime } = createWorld()
    const service = await start()
    const { key, view } = await service.create({ name: 'laptop', expiresAt: 2_000 })
    expect(service.verify(key)).toMatchObject({ id: view.id, name: 'laptop' })
    setTime(2_000)
    expect(service.verify(key)).toBeUndefined()
    await service.update(view.id, { expiresAt: null })
    expect(service.verify(key)).toBeDefined()
    await service.update(view.id, { enabled: false })
    expect(service.verify(key)).toBeUndefined()
    await service.update(view.id, { enabled: true, name: 'desk' })
    expect(service.verify(key)).toMatchObject({ name: 'desk' })
    expect(await service.revoke(view.id)).toMatchObject({ revoked: true, enabled: false })
    expect(service.verify(key)).toBeUndefined()
    await expect(service.update(view.id, { enabled: true })).rejects.toMatchObject({ kind: 'invalid-request' })
    await expect(service.rotate(view.id)).rejects.toMatchObject({ kind: 'invalid-request' })
    await service.remove(view.id)
    expect(service.get(view.id)).toBeUndefined()
    await expect(service.remove(view.id)).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('rotates: the new key opens, the old one does not, and the local copy follows', async () => {
    const { kept, start } = createWorld()
    const service = await start()
    const old = service.firstKey ?? ''
    const id = service.list()[0]?.id ?? ''
    const { key, view } = await service.rotate(id)
    expect(view).toMatchObject({ id, local: true, prefix: key.slice(0, 12) })
    expect(service.verify(key)).toMatchObject({ id })
    expect(service.verify(old)).toBeUndefined()
    expect(kept.get('server/api-key')).toBe(key)
  })

  it('forgets the local copy before the key is revoked', async () => {
    const { kept, keys, start } = createWorld()
    const service = await start()
    const id = service.list()[0]?.id ?? ''
    const seen: (string | undefined)[] = []
    const update = keys.update
    keys.update = (...change) => {
      seen.push(kept.get('server/api-key'))
      return update(...change)
    }
    await service.revoke(id)
    expect(seen).toEqual([undefined])
    expect(service.localKey()).toBeUndefined()
  })

  it('writes times of last use in batches, and what is left on closing', async () => {
    const { rows, start, setTime } = createWorld()
    const service = await start()
    const key = service.firstKey ?? ''
    const id = service.list()[0]?.id ?? ''
    setTime(5_000)
    for (let count = 0; count < 50; count++) service.verify(key)
    expect(service.get(id)?.lastUsedAt).toBe(5_000)
    expect(rows.get(id)?.lastUsedAt).toBeNull()
    await service.close()
    expect(rows.get(id)?.lastUsedAt).toBe(5_000)
  })

  it('tells listeners of changes', async () => {
    const service = await createWorld().start()
    let changes = 0
    const stop = service.subscribe(() => (changes += 1))
    await service.create({ name: 'a' })
    stop()
    await service.create({ name: 'b' })
    expect(changes).toBe(1)
  })
})

describe('server/admin/admin-token.ts', () => {
  it('makes a token once and keeps it sealed', async () => {
    const { kept, secrets } = createWorld()
    const first = await loadAdminToken({ secrets })
    expect(first).toMatchObject({ source: 'stored', fresh: true })
    expect(first.value).toMatch(/^culvert_admin_[\w-]{43}$/u)
    expect(kept.get('server/admin-token')).toBe(first.value)
    const second = await loadAdminToken({ secrets })
    expect(second).toMatchObject({ value: first.value, fresh: false })
    expect(second.verify(first.value)).toBe(true)
    expect(second.verify(`${first.value}x`)).toBe(false)
    expect(second.verify('')).toBe(false)
  })

  it('takes the token of the environment and stores nothing', async () => {
    const { kept, secrets } = createWorld()
    const token = await loadAdminToken({ secrets, environmentToken: 'mine' })
    expect(token).toMatchObject({ value: 'mine', source: 'environment', fresh: false })
    expect(token.verify('mine')).toBe(true)
    expect(kept.size).toBe(0)
  })
})
