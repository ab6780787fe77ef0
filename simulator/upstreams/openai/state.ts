import type { IdSource } from '../../state/ids.ts'
import { type ChatFault, chatFaults } from './faults.ts'

/** Tells the OpenAI-compatible service what to do, from a test. */
export interface OpenAiControl {
  /** The `baseUrl` for an account. */
  readonly url: string
  /** A new API key that is accepted. */
  issueKey(): string
  /** A fault for every completion until cleared with undefined. */
  setFault(name: ChatFault | undefined): void
}

/** What the OpenAI-compatible service remembers. */
export class OpenAiState {
  readonly #ids: IdSource
  readonly #keys = new Set<string>()
  fault: ChatFault | undefined

  constructor(ids: IdSource) {
    this.#ids = ids
  }

  issueKey(): string {
    const key = this.#ids.token('sk-sim-', 40)
    this.#keys.add(key)
    return key
  }

  knows(key: string): boolean {
    return this.#keys.has(key)
  }

  setFault(name: ChatFault | undefined): void {
    if (name !== undefined && !Object.hasOwn(chatFaults, name)) throw new Error(`There is no fault "${name}".`)
    this.fault = name
  }

  id(prefix: string): string {
    return this.#ids.token(prefix, 24)
  }

  clear(): void {
    this.#keys.clear()
    this.fault = undefined
  }
}
