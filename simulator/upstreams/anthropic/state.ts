import { createHash } from 'node:crypto'
import type { IdSource } from '../../state/ids.ts'
import { Signatures } from '../../state/signatures.ts'
import { type AnthropicFault, anthropicFaults } from './faults.ts'

/** Tells the Anthropic-compatible service what to do, from a test. */
export interface AnthropicControl {
  /** The `baseUrl` for an account. */
  readonly url: string
  /** A new API key that is accepted. */
  issueKey(): string
  revokeKey(key: string): void
  /** A fault for every call of the Messages API, or only for those with one key, until cleared with undefined. */
  setFault(name: AnthropicFault | undefined, key?: string): void
}

/** What the Anthropic-compatible service remembers. */
export class AnthropicState {
  readonly #ids: IdSource
  readonly #signatures: Signatures
  readonly #keys = new Set<string>()
  readonly #faults = new Map<string, AnthropicFault>()

  constructor(ids: IdSource) {
    this.#ids = ids
    this.#signatures = new Signatures(ids)
  }

  issueKey(): string {
    const key = this.#ids.token('sk-ant-sim-', 40)
    this.#keys.add(key)
    return key
  }

  revokeKey(key: string): void {
    this.#keys.delete(key)
  }

  knows(key: string): boolean {
    return this.#keys.has(key)
  }

  setFault(name: AnthropicFault | undefined, key = ''): void {
    if (name !== undefined && !Object.hasOwn(anthropicFaults, name)) throw new Error(`There is no fault "${name}".`)
    if (name === undefined) this.#faults.delete(key)
    else this.#faults.set(key, name)
  }

  faultFor(key: string): AnthropicFault | undefined {
    return this.#faults.get(key) ?? this.#faults.get('')
  }

  /** The seal of reasoning as it was shown; an empty text is sealed too. */
  sign(model: string, text: string): string {
    return this.#signatures.issue(`${model} ${digest(text)}`)
  }

  isSigned(model: string, text: string, signature: string): boolean {
    return this.#signatures.modelOf(signature) === `${model} ${digest(text)}`
  }

  messageId(): string {
    return this.#ids.token('msg_', 24)
  }

  toolId(): string {
    return `toolu_${this.#ids.hex(24)}`
  }

  requestId(): string {
    return `req_${this.#ids.hex(24)}`
  }

  clear(): void {
    this.#keys.clear()
    this.#faults.clear()
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
