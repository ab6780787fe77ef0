import type { SecretStore } from '../secrets/secret-store.ts'
import type { Store, StoredAccount } from '../store/types.ts'
import { createSealedAccounts } from './sealed-accounts.ts'

/**
 * What happened to an account. `used`: only counters and times moved, which may happen several times a second;
 * `changed`: something that a screen or the pool's choice depends on.
 */
export interface AccountChange {
  readonly type: 'added' | 'changed' | 'used' | 'removed'
  readonly account: StoredAccount
}

export type AccountFields = Partial<Omit<StoredAccount, 'id' | 'updatedAt'>>

/**
 * All accounts, in memory: the authority while the program runs. Every change is written through to the store;
 * `account-book` knows nothing of upstreams. In memory `other.proxy` has its password, because the request path can not
 * wait for a secret store: never show or log `other` but through the management API's views.
 */
export interface AccountBook {
  get(id: string): StoredAccount | undefined
  /** All accounts, oldest first. The same array until something changes. */
  list(): readonly StoredAccount[]
  /** Rejects with `StoreError` and changes nothing when the store refuses. */
  insert(account: StoredAccount): Promise<void>
  remove(id: string): Promise<void>
  /** In memory at once; resolves when it is durable. A failed write is tried again every second. */
  change(id: string, fields: AccountFields): Promise<StoredAccount | undefined>
  /** In memory at once; written within a second, together with others. For counters and times. */
  note(id: string, fields: AccountFields): void
  /** The listener must not throw. */
  subscribe(listener: (change: AccountChange) => void): () => void
  /** Resolves when everything is written. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface AccountBookDeps {
  readonly store: Pick<Store, 'accounts'>
  /** Keeps the passwords of the accounts' own proxies. */
  readonly secrets: Pick<SecretStore, 'get' | 'set' | 'delete'>
  readonly now: () => number
  /** Told when a write in the background failed (it will be tried again). */
  readonly onError: (error: unknown) => void
}

const WRITE_DELAY_MS = 1_000

/** Loads all accounts. Rejects with `StoreError` or the secret store's errors. */
export async function openAccountBook(deps: AccountBookDeps): Promise<AccountBook> {
  const { now, onError } = deps
  const table = createSealedAccounts(deps.store.accounts, deps.secrets)
  const accounts = new Map<string, StoredAccount>()
  const listeners = new Set<(change: AccountChange) => void>()
  /** Fields that are in memory and not yet in the store; never more entries than accounts. */
  let pending = new Map<string, AccountFields>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let listed: readonly StoredAccount[] | undefined

  for (const account of await table.list()) accounts.set(account.id, account)

  function put(account: StoredAccount, type: AccountChange['type']): void {
    if (type === 'removed') accounts.delete(account.id)
    else accounts.set(account.id, account)
    listed = undefined
    for (const listener of listeners) listener({ type, account })
  }

  function apply(id: string, fields: AccountFields, type: 'changed' | 'used'): StoredAccount | undefined {
    const account = accounts.get(id)
    if (account === undefined) return undefined
    const changed: StoredAccount = { ...account, ...fields, updatedAt: now() }
    pending.set(id, { ...pending.get(id), ...fields })
    put(changed, type)
    return changed
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      flush().catch(onError)
    }, WRITE_DELAY_MS).unref()
  }

  async function writePending(): Promise<void> {
    const batch = pending
    pending = new Map()
    for (const [id, fields] of batch) {
      if (!accounts.has(id)) {
        batch.delete(id)
        continue
      }
      try {
        await table.update(id, fields)
        batch.delete(id)
      } catch (error) {
        // What was changed since is newer than what could not be written.
        for (const [lateId, late] of batch) pending.set(lateId, { ...late, ...pending.get(lateId) })
        schedule()
        throw error
      }
    }
  }

  /** Writes are one after another, so that an older value never overtakes a newer one. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = writing.then(action)
    writing = turn.then(
      () => undefined,
      () => undefined,
    )
    return turn
  }

  function flush(): Promise<void> {
    return inTurn(writePending)
  }

  return {
    get: (id) => accounts.get(id),
    list: () => (listed ??= [...accounts.values()].toSorted((a, b) => a.createdAt - b.createdAt)),
    insert: (account) =>
      inTurn(async () => {
        await table.insert(account)
        put(account, 'added')
      }),
    remove: (id) =>
      inTurn(async () => {
        const account = accounts.get(id)
        if (account === undefined) return
        await table.delete(id)
        pending.delete(id)
        put(account, 'removed')
      }),
    async change(id, fields) {
      const changed = apply(id, fields, 'changed')
      await flush()
      return changed
    },
    note(id, fields) {
      if (apply(id, fields, 'used') !== undefined) schedule()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    flush,
    async close() {
      clearTimeout(timer)
      timer = undefined
      await flush()
      clearTimeout(timer)
    },
  }
}
