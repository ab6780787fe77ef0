import { createHash } from 'node:crypto'
import type { Keychain } from './keychain.ts'
import { SecretsUnreadableError } from './secret-store.ts'

/**
 * A value that is longer than an item may be is kept in numbered parts, and the item itself names them:
 * `culvert-parts:<generation>:<count>:<SHA-256 of the value>`. A new value's parts go to the other generation, `a` or
 * `b`, so the item names a whole value at every moment, and a kill leaves at most parts that the next write takes over.
 */
const marker = /^culvert-parts:([ab]):(\d{1,4}):([0-9a-f]{64})$/u

interface Parts {
  readonly generation: 'a' | 'b'
  readonly count: number
  readonly hash: string
}

/**
 * @returns undefined if there is no such item
 * @throws SecretsUnreadableError if a part of it is missing or was altered; KeychainUnavailableError
 */
export async function readKeychainItem(keychain: Keychain, account: string): Promise<string | undefined> {
  const value = await keychain.get(account)
  const parts = value === undefined ? undefined : parseParts(value)
  if (parts === undefined) return value
  const pieces: string[] = []
  for (let number = 1; number <= parts.count; number += 1) {
    pieces.push((await keychain.get(partAccount(account, parts.generation, number))) ?? '')
  }
  const whole = pieces.join('')
  if (hashOf(whole) === parts.hash) return whole
  throw new SecretsUnreadableError(
    `A secret in ${keychain.displayName} is incomplete: of the item ${account} a part is missing or was changed. ` +
      'Restore the keychain, or sign in to this account again.',
  )
}

/** Replaces the item's value; at every moment the item holds the old value or the new. */
export async function writeKeychainItem(keychain: Keychain, account: string, value: string): Promise<void> {
  const limited = Number.isFinite(keychain.itemLimit)
  const before = limited ? parseParts((await keychain.get(account)) ?? '') : undefined
  // Some keychains refuse an empty value.
  if (value !== '' && value.length <= keychain.itemLimit && parseParts(value) === undefined) {
    await keychain.set(account, value)
  } else {
    const generation = before?.generation === 'a' ? 'b' : 'a'
    const pieces = split(value, keychain.itemLimit)
    for (const [index, piece] of pieces.entries()) {
      await keychain.set(partAccount(account, generation, index + 1), piece)
    }
    await keychain.set(account, `culvert-parts:${generation}:${pieces.length}:${hashOf(value)}`)
  }
  if (before !== undefined) await deleteParts(keychain, account, before)
}

/** Removes the item and its parts, if there are any. */
export async function deleteKeychainItem(keychain: Keychain, account: string): Promise<void> {
  const parts = parseParts((await keychain.get(account)) ?? '')
  await keychain.delete(account)
  if (parts !== undefined) await deleteParts(keychain, account, parts)
}

async function deleteParts(keychain: Keychain, account: string, parts: Parts): Promise<void> {
  for (let number = 1; number <= parts.count; number += 1) {
    await keychain.delete(partAccount(account, parts.generation, number))
  }
}

function parseParts(value: string): Parts | undefined {
  const match = marker.exec(value)
  if (match === null) return undefined
  const [, generation, count, hash = ''] = match
  return { generation: generation === 'a' ? 'a' : 'b', count: Number(count), hash }
}

function partAccount(account: string, generation: 'a' | 'b', number: number): string {
  return `${account}#${generation}${number}`
}

/** Pieces of at most `limit` UTF-16 units, none of which ends within a character. */
function split(value: string, limit: number): readonly string[] {
  const pieces: string[] = []
  let start = 0
  while (start < value.length) {
    let end = Math.min(value.length, start + limit)
    const unit = value.charCodeAt(end - 1)
    if (end < value.length && unit >= 0xd8_00 && unit <= 0xdb_ff) end -= 1
    pieces.push(value.slice(start, end))
    start = end
  }
  return pieces
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}
