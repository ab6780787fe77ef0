import { hash, randomBytes } from 'node:crypto'

/** Characters of a key that may be shown and stored: enough to recognise it by, nothing to guess it from. */
export const prefixLength = 12

/** A client key: `culvert_` and 256 random bits in base64url (43 characters). */
export function generateKey(): string {
  return `culvert_${randomBytes(32).toString('base64url')}`
}

/** An admin token, told apart from client keys by its first letters. */
export function generateAdminToken(): string {
  return `culvert_admin_${randomBytes(32).toString('base64url')}`
}

/** SHA-256 in hex. Fast on purpose: what is hashed here has too many bits to try them. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex')
}

/** What may be shown of a key. Of a short one, which a person chose, nothing. */
export function prefixOf(key: string): string {
  return key.length >= 3 * prefixLength ? key.slice(0, prefixLength) : ''
}

/** Whether a key could be found by trying: shorter than 128 bits of base64 are. */
export function isGuessable(key: string): boolean {
  return key.length < 22
}
