import type { Store, StoredLogin } from '../../store/types.ts'
import { ProxyError } from '../../canonical/error.ts'
import type { LoginSecrets } from './login-secrets.ts'
import { isWaiting } from './login-view.ts'

/** All logins, in memory and in the store. */
export interface LoginTable {
  /** Reads what the store has; drops what is long over, and secrets that belong to no login. */
  load(): Promise<void>
  get(id: string): StoredLogin | undefined
  /** Newest first. */
  list(): readonly StoredLogin[]
  /** In memory at once; resolves when it is durable. */
  put(login: StoredLogin): Promise<void>
  subscribe(listener: (login: StoredLogin) => void): () => void
  /** The login once it no longer waits, or as it is after `timeoutMs`. Rejects with `cancelled` on abort. */
  finished(login: StoredLogin, timeoutMs: number, signal: AbortSignal | undefined): Promise<StoredLogin>
  /** Resolves when everything is written. */
  flush(): Promise<void>
}

const KEEP_FINISHED_MS = 60 * 60_000
const MAX_FINISHED = 50

export function createLoginTable(store: Pick<Store, 'logins'>, secrets: LoginSecrets, now: () => number): LoginTable {
  const logins = new Map<string, StoredLogin>()
  const listeners = new Set<(login: StoredLogin) => void>()
  let writing: Promise<void> = Promise.resolve()

  function write(action: () => Promise<void>): Promise<void> {
    const turn = writing.then(action)
    writing = turn.catch(() => undefined)
    return turn
  }

  function list(): readonly StoredLogin[] {
    return [...logins.values()].toSorted((a, b) => b.createdAt - a.createdAt)
  }

  async function tidy(): Promise<void> {
    const finished = list().filter((login) => !isWaiting(login))
    for (const [index, { id, expiresAt, createdAt }] of finished.entries()) {
      if (index < MAX_FINISHED && now() - Math.max(createdAt, expiresAt) < KEEP_FINISHED_MS) continue
      logins.delete(id)
      await store.logins.delete(id)
    }
  }

  return {
    async load() {
      for (const login of await store.logins.list()) logins.set(login.id, login)
      await tidy()
      for (const id of await secrets.loginIds()) {
        const login = logins.get(id)
        if (login === undefined || !isWaiting(login)) await secrets.delete(id)
      }
    },
    get: (id) => logins.get(id),
    list,
    put(login) {
      logins.set(login.id, login)
      for (const listener of listeners) listener(login)
      return write(async () => {
        await store.logins.put(login)
        await tidy()
      })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    finished(login, timeoutMs, signal) {
      return new Promise((resolve, reject) => {
        const current = (): StoredLogin => logins.get(login.id) ?? login
        if (!isWaiting(current())) {
          resolve(current())
          return
        }
        const stop = (): void => {
          clearTimeout(timer)
          listeners.delete(onChange)
          signal?.removeEventListener('abort', onAbort)
        }
        const onChange = (changed: StoredLogin): void => {
          if (changed.id !== login.id || isWaiting(changed)) return
          stop()
          resolve(changed)
        }
        const onAbort = (): void => {
          stop()
          reject(new ProxyError('cancelled', 'The client no longer waits for the sign-in.'))
        }
        const timer = setTimeout(() => {
          stop()
          resolve(current())
        }, timeoutMs)
        listeners.add(onChange)
        signal?.addEventListener('abort', onAbort, { once: true })
        if (signal?.aborted === true) onAbort()
      })
    },
    flush: () => write(() => Promise.resolve()),
  }
}
