import { randomBytes } from 'node:crypto'
import { chmod, readFile } from 'node:fs/promises'
import { writeFileDurably } from './durable-file.ts'
import { SecretsNotSavedError, SecretsUnreadableError } from './secret-store.ts'

/** Of every key of a vault. */
export const keyBytes = 32

/**
 * The bytes that `MASTER_KEY` stands for: hex, base64 or base64url of at least 32 bytes.
 *
 * @throws SecretsUnreadableError that says what is wrong with it, without repeating it
 */
export function parseMasterKey(text: string): Uint8Array {
  const value = text.trim()
  const bytes = decode(value)
  if (bytes !== undefined && bytes.length >= keyBytes) return bytes
  const problem =
    value === ''
      ? 'is set but empty'
      : bytes === undefined
        ? 'is neither hex nor base64'
        : `has only ${bytes.length} bytes`
  throw new SecretsUnreadableError(
    `MASTER_KEY ${problem}. It must be at least ${keyBytes} random bytes in base64 or hex; ` +
      '"openssl rand -base64 32" makes one. Unset it to let Culvert keep the key itself.',
  )
}

/** The text of a key in a file or a keychain item. */
export function formatKey(key: Uint8Array): string {
  return Buffer.from(key).toString('base64')
}

/** @returns undefined if the text is no key */
export function parseKey(text: string): Uint8Array | undefined {
  const bytes = decode(text.trim())
  return bytes?.length === keyBytes ? bytes : undefined
}

/** A new random key. */
export function newKey(): Uint8Array {
  return randomBytes(keyBytes)
}

/**
 * The key in the file, which becomes readable for this user only.
 *
 * @returns undefined if there is no such file or it holds no key
 */
export async function readKeyFile(path: string): Promise<Uint8Array | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    if (process.platform !== 'win32') await chmod(path, 0o600)
    return parseKey(text)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    const detail = error instanceof Error ? error.message : String(error)
    throw new SecretsUnreadableError(
      `The key file ${path} can't be read (${detail}). Make it readable for this user.`,
      {
        cause: error,
      },
    )
  }
}

/**
 * Makes a new key and keeps it in the file, for this user only.
 *
 * @throws SecretsNotSavedError
 */
export async function createKeyFile(path: string): Promise<Uint8Array> {
  const key = newKey()
  try {
    await writeFileDurably(path, `${formatKey(key)}\n`)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new SecretsNotSavedError(
      `Culvert could not make its key file ${path} (${detail}). Check that its directory is writable and the disk has room.`,
      { cause: error },
    )
  }
  return key
}

function decode(value: string): Buffer | undefined {
  if (/^(?:[0-9a-f]{2})+$/iu.test(value)) return Buffer.from(value, 'hex')
  if (/^[\w+/-]+={0,2}$/u.test(value)) return Buffer.from(value, 'base64')
  return undefined
}
