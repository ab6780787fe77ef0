import { isJsonObject, type JsonObject } from '../canonical/json.ts'
import type { ResponseMemory } from '../convert/client/openai-responses/gather-items.ts'

/** An answer to be kept for `previous_response_id`. */
export interface RememberedResponse {
  readonly id: string
  /** Whose key the request showed: nobody else gets at the answer. */
  readonly keyId: string | null
  readonly previousId: string | undefined
  /** The request's own items. */
  readonly input: readonly JsonObject[]
  /** The response object as JSON text. */
  readonly json: string
}

export interface ResponseLimits {
  readonly mostEntries: number
  /** Of all entries together, their texts counted as two bytes a character. One may be a quarter of it. */
  readonly mostBytes: number
  /** Milliseconds. */
  readonly longestMs: number
}

/** What Culvert keeps. */
export const responseLimits: ResponseLimits = { mostEntries: 1_000, mostBytes: 67_108_864, longestMs: 24 * 3_600_000 }

export interface ResponseStoreOptions extends ResponseLimits {
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Answers of the Responses API that clients may go on from. In memory only; the least recently used goes first. */
export interface ResponseStore {
  put(response: RememberedResponse): void
  /** The response object as JSON text. */
  get(id: string, keyId: string | null): string | undefined
  /** Whether there was one. */
  remove(id: string, keyId: string | null): boolean
  /** What one key's requests may refer to. */
  memoryOf(keyId: string | null): ResponseMemory
}

interface Entry extends RememberedResponse {
  readonly bytes: number
  readonly at: number
  readonly itemIds: readonly string[]
}

/** An empty store. */
export function createResponseStore(options: ResponseStoreOptions): ResponseStore {
  return new MemoryResponseStore(options)
}

class MemoryResponseStore implements ResponseStore {
  readonly #options: ResponseStoreOptions
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>()
  readonly #responseOfItem = new Map<string, string>()
  #bytes = 0

  constructor(options: ResponseStoreOptions) {
    this.#options = options
  }

  put(response: RememberedResponse): void {
    const bytes = response.json.length * 2 + bytesOf(response.input)
    if (bytes > this.#options.mostBytes / 4) return
    const itemIds = outputOf(response).flatMap((item) => (typeof item['id'] === 'string' ? [item['id']] : []))
    this.#entries.set(response.id, { ...response, bytes, at: this.#options.now(), itemIds })
    for (const id of itemIds) this.#responseOfItem.set(id, response.id)
    this.#bytes += bytes
    for (const entry of this.#entries.values()) {
      const fits = this.#entries.size <= this.#options.mostEntries && this.#bytes <= this.#options.mostBytes
      if (fits && !this.#isOld(entry)) break
      this.#drop(entry)
    }
  }

  get(id: string, keyId: string | null): string | undefined {
    return this.#find(id, keyId)?.json
  }

  remove(id: string, keyId: string | null): boolean {
    const entry = this.#find(id, keyId)
    if (entry !== undefined) this.#drop(entry)
    return entry !== undefined
  }

  memoryOf(keyId: string | null): ResponseMemory {
    return {
      conversation: (id) => this.#conversation(id, keyId),
      item: (id) => {
        const entry = this.#find(this.#responseOfItem.get(id) ?? '', keyId)
        return entry && outputOf(entry).find((item) => item['id'] === id)
      },
    }
  }

  #conversation(id: string, keyId: string | null): readonly JsonObject[] | undefined {
    const chain: Entry[] = []
    for (let next: string | undefined = id; next !== undefined;) {
      const entry = this.#find(next, keyId)
      if (entry === undefined) return undefined
      chain.push(entry)
      next = entry.previousId
    }
    // Used again from the newest to the oldest, so that an answer is never forgotten after what went before it.
    for (const entry of chain) {
      this.#entries.delete(entry.id)
      this.#entries.set(entry.id, entry)
    }
    return chain.toReversed().flatMap((entry) => [...entry.input, ...outputOf(entry)])
  }

  #find(id: string, keyId: string | null): Entry | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.keyId !== keyId) return undefined
    if (!this.#isOld(entry)) return entry
    this.#drop(entry)
    return undefined
  }

  #isOld(entry: Entry): boolean {
    return this.#options.now() - entry.at > this.#options.longestMs
  }

  #drop(entry: Entry): void {
    if (!this.#entries.delete(entry.id)) return
    this.#bytes -= entry.bytes
    for (const id of entry.itemIds) this.#responseOfItem.delete(id)
  }
}

function outputOf({ json }: RememberedResponse): readonly JsonObject[] {
  const response: unknown = JSON.parse(json)
  const output = isJsonObject(response) ? response['output'] : undefined
  return Array.isArray(output) ? output.filter(isJsonObject) : []
}

/** About what a value occupies, without a copy of it. */
function bytesOf(value: unknown): number {
  let bytes = 0
  const pending: unknown[] = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    bytes += 16
    if (typeof next === 'string') bytes += next.length * 2
    else if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) pending.push(member)
  }
  return bytes
}
