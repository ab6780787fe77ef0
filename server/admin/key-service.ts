import { randomUUID } from 'node:crypto'
import { ProxyError } from '../canonical/error.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { Store, StoredApiKey } from '../store/types.ts'
import { createKeyIndex } from './key-index.ts'
import type { KeyIdentity } from './key-index.ts'
import { generateKey, hashKey, prefixOf } from './key-material.ts'
import { createLastUsed } from './last-used.ts'

export type { KeyIdentity } from './key-index.ts'

export interface KeyServiceDependencies {
  readonly keys: Store['keys']
  readonly secrets: SecretStore
  /** Keys that the environment names. An empty list: the environment says that none is asked for. */
  readonly environmentKeys?: readonly string[] | undefined
  /** A key is needed whatever the environment says, because the address is open to the network. Default: false. */
  readonly mustHaveKey?: boolean
  readonly now: () => number
  /** Called when writing the times of last use failed; they are tried again. */
  readonly onError: (error: unknown) => void
}

/** What may be known of a key. Times are epoch milliseconds. */
export interface KeyView {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly source: 'store' | 'environment'
  /** Its material is kept sealed, so that it can be copied into a client's settings later. */
  readonly local: boolean
  readonly enabled: boolean
  readonly revoked: boolean
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
  readonly createdAt: number | null
  readonly updatedAt: number | null
}

export interface KeyChange {
  readonly name?: string | undefined
  readonly enabled?: boolean | undefined
  readonly expiresAt?: number | null | undefined
}

/** The client keys: the stored ones, those of the environment, and the one for this computer. */
export interface KeyService {
  /** The key's identity, or `undefined` when it is unknown, revoked, switched off or expired. Takes microseconds. */
  verify(presented: string): KeyIdentity | undefined
  list(): readonly KeyView[]
  get(id: string): KeyView | undefined
  /** `key` is shown this once and never again. */
  create(wanted: { readonly name: string; readonly expiresAt?: number | null }): Promise<CreatedKey>
  /** Throws ProxyError: `not-found`, or `invalid-request` for a key of the environment or a revoked one. */
  update(id: string, change: KeyChange): Promise<KeyView>
  /** The key never opens again, but stays in the list so that the log still has its name. */
  revoke(id: string): Promise<KeyView>
  /** New material under the same name; the old one stops at once. */
  rotate(id: string): Promise<CreatedKey>
  remove(id: string): Promise<void>
  /** The key that clients on this computer are set up with, if there is one: our own, else the environment's first. */
  localKey(): string | undefined
  /** Set when this start made the first key: to be shown to the person once. */
  readonly firstKey: string | undefined
  subscribe(listener: () => void): () => void
  /** Writes the times of last use that are still in memory. */
  close(): Promise<void>
}

export interface CreatedKey {
  readonly key: string
  readonly view: KeyView
}

const localKeySecret = 'server/api-key'
const localKeyName = 'This computer'
const revokedMark = 'revoked:'
const environmentPrefix = 'environment-'

/** Loads all keys into memory and makes the first one where there is none. Rejects with `StoreError` or the secret store's errors. */
export async function createKeyService(dependencies: KeyServiceDependencies): Promise<KeyService> {
  const { keys, secrets, environmentKeys, now } = dependencies
  const rows = new Map((await keys.list()).map((row) => [row.id, row]))
  const index = createKeyIndex(environmentKeys ?? [], now)
  const listeners = new Set<() => void>()
  const lastUsed = createLastUsed({ write: writeLastUsed, onError: dependencies.onError })
  let local = await secrets.get(localKeySecret)
  let firstKey: string | undefined

  if (local !== undefined && !hasHash(local)) await insert(localKeyName, local, null)
  const isKeyless = environmentKeys !== undefined && environmentKeys.length === 0 && dependencies.mustHaveKey !== true
  if (local === undefined && rows.size === 0 && !isKeyless && !environmentKeys?.length) {
    firstKey = generateKey()
    await secrets.set(localKeySecret, firstKey)
    local = firstKey
    await insert(localKeyName, firstKey, null)
  }
  index.load(rows.values())

  function changed(): void {
    index.load(rows.values())
    for (const listener of listeners) listener()
  }

  function hasHash(key: string): boolean {
    const hashed = hashKey(key)
    return [...rows.values()].some((row) => row.hash === hashed)
  }

  async function insert(name: string, key: string, expiresAt: number | null): Promise<StoredApiKey> {
    const time = now()
    const row = {
      id: randomUUID(),
      name,
      prefix: prefixOf(key),
      hash: hashKey(key),
      enabled: true,
      expiresAt,
      lastUsedAt: null,
      createdAt: time,
      updatedAt: time,
    }
    await keys.insert(row)
    rows.set(row.id, row)
    return row
  }

  async function change(row: StoredApiKey, fields: Partial<Omit<StoredApiKey, 'id'>>): Promise<KeyView> {
    const complete = { ...fields, updatedAt: now() }
    await keys.update(row.id, complete)
    const next = { ...row, ...complete }
    rows.set(row.id, next)
    changed()
    return view(next)
  }

  async function writeLastUsed(id: string, time: number): Promise<void> {
    const row = rows.get(id)
    if (row === undefined) return
    await keys.update(id, { lastUsedAt: time })
    rows.set(id, { ...(rows.get(id) ?? row), lastUsedAt: time })
  }

  function stored(id: string): StoredApiKey {
    const row = rows.get(id)
    if (row !== undefined) return row
    if (id.startsWith(environmentPrefix) && index.environment.some((key) => key.id === id)) {
      const message =
        'This key comes from the environment (API_KEY or OPENAI_KEYS). Change it there and start Culvert again.'
      throw new ProxyError('invalid-request', message, { param: 'id' })
    }
    throw new ProxyError('not-found', 'There is no API key with this id. It may have been deleted meanwhile.')
  }

  function isLocal(row: StoredApiKey): boolean {
    return local !== undefined && row.hash === hashKey(local)
  }

  /** Before the row changes: a crash in between must not leave a copyable key that is thought gone. */
  async function forgetLocal(row: StoredApiKey): Promise<void> {
    if (!isLocal(row)) return
    await secrets.delete(localKeySecret)
    local = undefined
  }

  function view(row: StoredApiKey): KeyView {
    const { hash, ...shown } = row
    const used = Math.max(row.lastUsedAt ?? 0, lastUsed.pending(row.id) ?? 0)
    return {
      ...shown,
      source: 'store',
      local: isLocal(row),
      revoked: hash.startsWith(revokedMark),
      lastUsedAt: used === 0 ? null : used,
    }
  }

  return {
    firstKey,
    verify(presented) {
      const identity = index.find(presented)
      if (identity?.source === 'store') lastUsed.touch(identity.id, now())
      return identity
    },
    list: () => [...index.environment.map(environmentView), ...[...rows.values()].map(view)],
    get(id) {
      const row = rows.get(id)
      if (row !== undefined) return view(row)
      const found = index.environment.find((key) => key.id === id)
      return found === undefined ? undefined : environmentView(found)
    },
    async create({ name, expiresAt = null }) {
      const key = generateKey()
      const row = await insert(name, key, expiresAt)
      changed()
      return { key, view: view(row) }
    },
    async update(id, { name, enabled, expiresAt }) {
      const row = stored(id)
      if (enabled === true && row.hash.startsWith(revokedMark)) throw isRevoked()
      return change(row, {
        ...(name === undefined ? {} : { name }),
        ...(enabled === undefined ? {} : { enabled }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      })
    },
    async revoke(id) {
      const row = stored(id)
      if (row.hash.startsWith(revokedMark)) return view(row)
      await forgetLocal(row)
      return change(row, { enabled: false, hash: `${revokedMark}${row.id}` })
    },
    async rotate(id) {
      const row = stored(id)
      if (row.hash.startsWith(revokedMark)) throw isRevoked()
      const key = generateKey()
      if (isLocal(row)) {
        // Before the row changes: after a crash in between, the next start finds the new key and adds a row for it.
        await secrets.set(localKeySecret, key)
        local = key
      }
      return { key, view: await change(row, { hash: hashKey(key), prefix: prefixOf(key) }) }
    },
    async remove(id) {
      const row = stored(id)
      await forgetLocal(row)
      await keys.delete(id)
      rows.delete(id)
      changed()
    },
    localKey: () => local ?? environmentKeys?.[0],
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => lastUsed.close(),
  }
}

function environmentView(key: KeyIdentity & { readonly prefix: string }): KeyView {
  const { id, name, prefix } = key
  const times = { expiresAt: null, lastUsedAt: null, createdAt: null, updatedAt: null }
  return { id, name, prefix, source: 'environment', local: false, enabled: true, revoked: false, ...times }
}

function isRevoked(): ProxyError {
  return new ProxyError('invalid-request', 'This key was revoked for good. Make a new one instead.', { param: 'id' })
}
