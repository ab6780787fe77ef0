import { createHmac } from 'node:crypto'
import type { IdSource } from './ids.ts'

/**
 * Signs reasoning, and knows its own signatures again without remembering them: each carries the model it was made for
 * and a keyed checksum.
 */
export class Signatures {
  readonly #key: Buffer
  readonly #ids: IdSource

  constructor(ids: IdSource) {
    this.#ids = ids
    this.#key = ids.bytes(32)
  }

  /** A new signature, base64 as the real ones are. */
  issue(modelId: string): string {
    const content = Buffer.concat([Buffer.from(`${modelId}\n`, 'utf8'), this.#ids.bytes(120)])
    return Buffer.concat([this.#checksum(content), content]).toString('base64')
  }

  /** The model that the signature was made for; undefined: it is not one of ours. */
  modelOf(signature: string): string | undefined {
    const bytes = Buffer.from(signature, 'base64')
    if (bytes.toString('base64') !== signature || bytes.length < 33) return undefined
    const content = bytes.subarray(32)
    if (!this.#checksum(content).equals(bytes.subarray(0, 32))) return undefined
    return content.subarray(0, content.indexOf(10)).toString('utf8')
  }

  #checksum(content: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(content).digest()
  }
}
