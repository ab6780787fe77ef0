import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Items of one service in the operating system's keychain, by account. */
export interface Keychain {
  /** What a person calls it. */
  readonly displayName: string
  /** Longest value of one item, UTF-16 units. */
  readonly itemLimit: number
  /** @returns undefined if there is no such item */
  get(account: string): Promise<string | undefined>
  set(account: string, value: string): Promise<void>
  delete(account: string): Promise<void>
}

/** The keychain can't be used now: none there, locked, dismissed by the person, or it does not answer. */
export class KeychainUnavailableError extends Error {
  override readonly name = 'KeychainUnavailableError'
}

export interface OpenKeychainOptions {
  readonly service: string
  /** How long one call may take, a person's typing of a password included. Milliseconds. */
  readonly timeoutMs: number
  /** Tests pick the other way in; by default Linux alone pins the Secret Service. */
  readonly pinSecretService?: boolean
}

/** One item, as the native library sees it. */
interface Entry {
  getPassword(): Promise<string | null>
  setPassword(value: string): Promise<void>
  deletePassword(): Promise<boolean>
}

/** After the keychain failed to answer, calls fail at once for this long instead of each waiting in turn. */
const restMs = 30_000
/** Entries kept open. On Linux opening one costs 7 ms of D-Bus hand-shake on the event loop, using it nothing. */
const maxEntries = 100
/** Windows keeps 2,560 bytes an item, and text as UTF-16. */
const windowsItemLimit = 1200

/**
 * Opens the keychain without asking it anything yet.
 *
 * On Linux the library would take the kernel's keyring, which a restart of the machine empties, wherever the Secret
 * Service does not answer; so its entries are pinned there.
 *
 * Calls are made one after the other, off the event loop. One thing is not: on Linux the library opens an entry on the
 * event loop, and if the Secret Service hangs that takes its D-Bus time-out of 2 s, once in `restMs`.
 *
 * @throws KeychainUnavailableError if this machine or session has none
 */
export async function openKeychain(options: OpenKeychainOptions): Promise<Keychain> {
  const pinned = options.pinSecretService ?? process.platform === 'linux'
  if (process.platform === 'linux' && !hasSessionBus()) {
    throw new KeychainUnavailableError('there is no D-Bus session, in which a keyring would be')
  }
  const openEntry = await loadEntries(options.service, pinned)
  const entries = new Map<string, Entry>()
  let last: Promise<unknown> = Promise.resolve()
  let restsUntil = 0

  const entryOf = (account: string): Entry => {
    const known = entries.get(account)
    if (known !== undefined) return known
    const [oldest] = entries.keys()
    if (entries.size >= maxEntries && oldest !== undefined) entries.delete(oldest)
    const entry = openEntry(account)
    entries.set(account, entry)
    return entry
  }

  const call = async <Result>(account: string, use: (entry: Entry) => Promise<Result>): Promise<Result> => {
    if (Date.now() < restsUntil) throw new KeychainUnavailableError('it did not answer a moment ago')
    let entry: Entry
    try {
      entry = entryOf(account)
    } catch (error) {
      restsUntil = Date.now() + restMs
      throw unavailable(error)
    }
    const timeout = new AbortController()
    try {
      return await Promise.race([
        use(entry).catch((error: unknown) => Promise.reject(unavailable(error))),
        late(timeout),
      ])
    } catch (error) {
      if (error === tooLate) {
        restsUntil = Date.now() + restMs
        throw new KeychainUnavailableError(`it did not answer within ${Math.round(options.timeoutMs / 1000)} s`)
      }
      throw error
    } finally {
      timeout.abort()
    }
  }

  const late = async (timeout: AbortController): Promise<never> => {
    await delay(options.timeoutMs, undefined, { signal: timeout.signal, ref: false })
    throw tooLate
  }

  /** A keyring that has to ask the person should ask for one thing at a time. */
  const inTurn = <Result>(account: string, use: (entry: Entry) => Promise<Result>): Promise<Result> => {
    const result = last.then(() => call(account, use))
    last = result.catch(() => {})
    return result
  }

  return {
    displayName: displayNames[process.platform] ?? 'the keyring of this desktop (Secret Service)',
    itemLimit: process.platform === 'win32' ? windowsItemLimit : Number.POSITIVE_INFINITY,
    get: async (account) => (await inTurn(account, (entry) => entry.getPassword())) ?? undefined,
    set: (account, value) => inTurn(account, (entry) => entry.setPassword(value)),
    delete: async (account) => void (await inTurn(account, (entry) => entry.deletePassword())),
  }
}

const displayNames: Partial<Record<string, string>> = {
  darwin: 'the macOS Keychain',
  win32: 'the Windows Credential Manager',
}

const tooLate = new Error('late')

async function loadEntries(service: string, pinned: boolean): Promise<(account: string) => Entry> {
  try {
    if (pinned) {
      const { AsyncEntry } = await import('keytar')
      return (account) => new AsyncEntry(service, account, { linux: { store: 'secret-service' } })
    }
    const keytar = await import('keytar/keytar.js')
    return (account) => ({
      getPassword: () => keytar.getPassword(service, account),
      setPassword: (value) => keytar.setPassword(service, account, value),
      deletePassword: () => keytar.deletePassword(service, account),
    })
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(error: unknown): KeychainUnavailableError {
  const detail = error instanceof Error ? error.message : String(error)
  return new KeychainUnavailableError(detail.replaceAll(/\s+/gu, ' ').replace(/\.$/u, '').slice(0, 300), {
    cause: error,
  })
}

/** Knowing this without loading the native library spares a server without a desktop 15 ms of its start. */
function hasSessionBus(): boolean {
  if ((process.env['DBUS_SESSION_BUS_ADDRESS'] ?? '') !== '') return true
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`
  return existsSync(`${runtime}/bus`)
}
