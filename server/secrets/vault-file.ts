import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { finishInterruptedWrite } from './durable-file.ts'
import type { Sealer } from './seal.ts'
import { SecretsUnreadableError } from './secret-store.ts'

/** Which key a vault is sealed under: `MASTER_KEY`, a file beside it, or an item of the OS keychain. */
export type VaultKeyKind = 'master-key' | 'key-file' | 'keychain'

/** A vault's file, read but not yet opened. */
export interface VaultFile {
  readonly keyKind: VaultKeyKind
  readonly keyId: string
  readonly salt: Uint8Array
  /** Sealed values by the secrets' names. */
  readonly entries: ReadonlyMap<string, string>
  /** Accounts (in the keychain's sense) of the items that hold one secret each. */
  readonly keychainItems: readonly string[]
  /** Seals the whole, so that nothing can be taken out or put back unnoticed. */
  readonly seal: string
}

const version = 1
const sealLabel = 'whole'

/**
 * @returns undefined if there is no such file
 * @throws SecretsUnreadableError if it can't be read or is no vault
 */
export async function readVaultFile(path: string): Promise<VaultFile | undefined> {
  await finishInterruptedWrite(path, (staged) => toVaultFile(parse(staged) ?? {}) !== undefined)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    const detail = error instanceof Error ? error.message : String(error)
    throw new SecretsUnreadableError(
      `The vault ${path} can't be read (${detail}). Check that the file and its disk are readable for this user.`,
      { cause: error },
    )
  }
  const content = parse(text)
  if (content === undefined) throw damaged(path, 'it is not what Culvert wrote')
  if (content['version'] !== version) {
    throw new SecretsUnreadableError(
      `The vault ${path} was written by a newer version of Culvert. Start that version, or restore an older vault.`,
    )
  }
  const file = toVaultFile(content)
  if (file === undefined) throw damaged(path, 'parts of it are missing')
  return file
}

/** The file's text for a vault with these sealed entries. */
export function formatVaultFile(file: Omit<VaultFile, 'seal' | 'keyId'>, sealer: Sealer): string {
  const content = {
    version,
    key: { kind: file.keyKind, id: sealer.keyId, salt: Buffer.from(file.salt).toString('base64') },
    entries: Object.fromEntries(file.entries),
    keychainItems: file.keychainItems,
    seal: sealer.seal(sealLabel, digest(file)),
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

/**
 * Opens every entry.
 *
 * @returns the secrets by name
 * @throws SecretsUnreadableError if the key is another one, or anything was altered
 */
export function openVaultFile(path: string, file: VaultFile, sealer: Sealer): ReadonlyMap<string, string> {
  if (sealer.keyId !== file.keyId) throw new SecretsUnreadableError(wrongKeySentence(path, file.keyKind))
  if (sealer.open(sealLabel, file.seal) !== digest(file)) throw damaged(path, 'its content does not match its seal')
  const secrets = new Map<string, string>()
  for (const [name, sealed] of file.entries) {
    const value = sealer.open(entryLabel(name), sealed)
    if (value === undefined) throw damaged(path, `the entry ${JSON.stringify(name)} does not open`)
    secrets.set(name, value)
  }
  return secrets
}

/** Binds a sealed value to its secret's name. */
export function entryLabel(name: string): string {
  return `secret ${name}`
}

function wrongKeySentence(path: string, kind: VaultKeyKind): string {
  const advice = {
    'master-key': 'MASTER_KEY is not the key that sealed it. Set MASTER_KEY to the value it had before.',
    'key-file': 'The key file beside it is not the one that sealed it. Restore the vault.key that belongs to it.',
    keychain: "The key in the keychain is not the one that sealed it. Restore the keychain's item, or the vault.",
  }
  return `The vault ${path} can't be opened. ${advice[kind]} Culvert has stopped and left the vault as it is.`
}

function damaged(path: string, how: string): SecretsUnreadableError {
  return new SecretsUnreadableError(
    `The vault ${path} is damaged: ${how}. Culvert has stopped and left it as it is. To restore it, copy the newest ` +
      `vault-….json from ${join(dirname(path), 'backups')} over it; without one, move it away and sign in to your ` +
      'accounts again.',
  )
}

function digest(file: Omit<VaultFile, 'seal' | 'keyId'>): string {
  const entries = [...file.entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const parts = [version, file.keyKind, entries, file.keychainItems.toSorted()]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
}

function toVaultFile(content: Readonly<Record<string, unknown>>): VaultFile | undefined {
  const { key, entries, keychainItems, seal } = content
  if (!isRecord(key) || !isRecord(entries) || !Array.isArray(keychainItems) || typeof seal !== 'string')
    return undefined
  const { kind, id, salt } = key
  if (kind !== 'master-key' && kind !== 'key-file' && kind !== 'keychain') return undefined
  if (typeof id !== 'string' || typeof salt !== 'string') return undefined
  const saltBytes = Buffer.from(salt, 'base64')
  if (saltBytes.toString('base64') !== salt) return undefined
  const sealed = Object.entries(entries).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  if (sealed.length !== Object.keys(entries).length) return undefined
  const items = keychainItems.filter((item) => typeof item === 'string')
  if (items.length !== keychainItems.length) return undefined
  return {
    keyKind: kind,
    keyId: id,
    salt: saltBytes,
    entries: new Map(sealed),
    keychainItems: items,
    seal,
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
