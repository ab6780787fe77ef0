import { createHash, randomBytes, randomUUID } from 'node:crypto'

/** Makes every identifier, code and token that the simulator hands out. */
export interface IdSource {
  bytes(count: number): Buffer
  hex(digits: number): string
  uuid(): string
  /** `prefix` and then `length` characters of the base64url alphabet. */
  token(prefix: string, length: number): string
  /** Eight consonants in two groups, as AWS shows them: `QRST-WXYZ`. */
  userCode(): string
  /** Decimal digits. */
  digits(count: number): string
}

/** With a seed the same ids come in the same order on every run; without one they are random. */
export function createIdSource(seed?: number): IdSource {
  const bytes = seed === undefined ? (count: number): Buffer => randomBytes(count) : seededBytes(seed)
  const letters = (alphabet: string, count: number): string => {
    let text = ''
    for (const byte of bytes(count)) text += alphabet[byte % alphabet.length] ?? ''
    return text
  }
  const hex = (digits: number): string => letters('0123456789abcdef', digits)
  return {
    bytes,
    hex,
    uuid: seed === undefined ? randomUUID : () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    token: (prefix, length) =>
      prefix +
      bytes(Math.ceil((length * 3) / 4))
        .toString('base64url')
        .slice(0, length),
    userCode: () => `${letters('BCDFGHJKLMNPQRSTVWXZ', 4)}-${letters('BCDFGHJKLMNPQRSTVWXZ', 4)}`,
    digits: (count) => letters('0123456789', count),
  }
}

function seededBytes(seed: number): (count: number) => Buffer {
  let counter = 0
  return (count) => {
    const parts: Buffer[] = []
    for (let length = 0; length < count; length += 32) {
      counter += 1
      parts.push(createHash('sha256').update(`${seed}:${counter}`).digest())
    }
    return Buffer.concat(parts).subarray(0, count)
  }
}
