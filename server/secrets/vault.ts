import { randomBytes } from 'node:crypto'
import { commitWrite, stageWrite } from './durable-file.ts'
import { createSealer } from './seal.ts'
import { SecretsNotSavedError, type SecretStore } from './secret-store.ts'
import { entryLabel, formatVaultFile, openVaultFile, type VaultFile, type VaultKeyKind } from './vault-file.ts'
import { backUpVault } from './vault-backup.ts'

/** What a vault is sealed under. */
export interface VaultKey {
  readonly kind: VaultKeyKind
  /** At least 32 bytes. */
  readonly secret: Uint8Array
}

/** What a vault holds, open. */
export interface VaultContent {
  readonly secrets: ReadonlyMap<string, string>
  /** Accounts (in the keychain's sense) of the items that hold one secret each. */
  readonly keychainItems: ReadonlySet<string>
}

/** A sealed file of secrets, held open in memory. */
export interface Vault {
  readonly content: VaultContent
  /**
   * Makes the change and resolves when it is on disk; until then `content` is as before. Changes that come while one
   * is being written go into the next write together.
   *
   * @throws SecretsNotSavedError if it could not be written; then nothing has changed
   */
  change(change: (draft: VaultDraft) => void): Promise<void>
  /** Resolves when no write is under way. */
  close(): Promise<void>
}

export interface VaultDraft {
  readonly secrets: Map<string, string>
  readonly keychainItems: Set<string>
}

interface PendingChange {
  readonly change: (draft: VaultDraft) => void
  readonly done: PromiseWithResolvers<void>
}

/**
 * Opens the vault that was read from `path`, or begins a new one if there was none; a new one is written with its first
 * change.
 *
 * @throws SecretsUnreadableError if the key is not the vault's or the vault was altered; the file stays as it is
 */
export function openVault(path: string, file: VaultFile | undefined, key: VaultKey): Vault {
  const salt = file?.salt ?? randomBytes(16)
  const sealer = createSealer(key.secret, salt)
  let content: VaultContent = {
    secrets: file === undefined ? new Map() : openVaultFile(path, file, sealer),
    keychainItems: new Set(file?.keychainItems),
  }
  /** Sealed values stay as they are until their secret changes. */
  let entries: ReadonlyMap<string, string> = file?.entries ?? new Map()
  let exists = file !== undefined
  let pending: PendingChange[] = []
  let writing: Promise<void> | undefined

  const writeAll = async (): Promise<void> => {
    // Lets the changes that are made in the same turn of the event loop join this write.
    await Promise.resolve()
    while (pending.length > 0) {
      const batch = pending
      pending = []
      try {
        await write(batch)
        for (const { done } of batch) done.resolve()
      } catch (error) {
        for (const { done } of batch) done.reject(notSaved(path, error))
      }
    }
    writing = undefined
  }

  const write = async (batch: readonly PendingChange[]): Promise<void> => {
    const draft = { secrets: new Map(content.secrets), keychainItems: new Set(content.keychainItems) }
    for (const { change } of batch) change(draft)
    const sealed = new Map<string, string>()
    for (const [name, value] of draft.secrets) {
      const before = content.secrets.get(name) === value ? entries.get(name) : undefined
      sealed.set(name, before ?? sealer.seal(entryLabel(name), value))
    }
    const keychainItems = [...draft.keychainItems]
    const next = { keyKind: key.kind, salt, entries: sealed, keychainItems }
    stageWrite(path, formatVaultFile(next, sealer))
    // A copy that can't be made must not keep a secret from being saved.
    if (exists) await backUpVault(path, Date.now()).catch(() => {})
    await commitWrite(path)
    exists = true
    content = draft
    entries = sealed
  }

  return {
    get content() {
      return content
    },
    change(change) {
      const done = Promise.withResolvers<void>()
      pending.push({ change, done })
      writing ??= writeAll()
      return done.promise
    },
    async close() {
      await writing
    },
  }
}

/** The store that keeps all secrets in a vault. */
export function createVaultSecretStore(vault: Vault, sentence: string): SecretStore {
  return {
    description: { kind: 'vault', sentence },
    get: (name) => Promise.resolve(vault.content.secrets.get(name)),
    async set(name, value) {
      await vault.change(({ secrets }) => void secrets.set(name, value))
    },
    async delete(name) {
      await vault.change(({ secrets }) => void secrets.delete(name))
    },
    names: () => Promise.resolve([...vault.content.secrets.keys()]),
    close: () => vault.close(),
  }
}

function notSaved(path: string, error: unknown): SecretsNotSavedError {
  const detail = error instanceof Error ? error.message : String(error)
  return new SecretsNotSavedError(
    `Culvert could not save a secret to ${path} (${detail}). Check that its directory is writable and the disk has room.`,
    { cause: error },
  )
}
