import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16

/** What seals a vault's entries: AES-256-GCM under one key. */
export interface Sealer {
  /** Tells keys apart without giving anything of them away. */
  readonly keyId: string
  /** Nonce, ciphertext and tag, base64. `label` is bound to it: the text opens under no other. */
  seal(label: string, text: string): string
  /** @returns undefined when it was sealed under another key or label, or was altered */
  open(label: string, sealed: string): string | undefined
}

/**
 * @param secret at least 32 bytes that nobody can guess
 * @param salt random, kept beside what is sealed, so that one secret never gives two vaults the same key
 */
export function createSealer(secret: Uint8Array, salt: Uint8Array): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'culvert vault 1: sealing', 32))
  const keyId = Buffer.from(hkdfSync('sha256', secret, salt, 'culvert vault 1: key id', 8)).toString('hex')
  return {
    keyId,

    seal(label, text) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      cipher.setAAD(Buffer.from(label, 'utf8'))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64')
    },

    open(label, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      // Base64 has more than one spelling of the same bytes; only the one that was written is taken.
      if (bytes.length < nonceBytes + tagBytes || bytes.toString('base64') !== sealed) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
      decipher.setAAD(Buffer.from(label, 'utf8'))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        const body = bytes.subarray(nonceBytes, -tagBytes)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
