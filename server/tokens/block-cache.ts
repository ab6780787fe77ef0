/** What is known of one text's tokens. */
export interface BlockTokens {
  readonly tokens: number
  /** Whether the tokenizer counted them; else they are estimated. */
  readonly counted: boolean
}

export interface BlockCacheLimits {
  readonly maxBlocks: number
  /** Of the texts kept, two bytes a UTF-16 unit. */
  readonly maxBytes: number
}

/** Token counts by text, bounded; what was not asked for lately goes first. */
export interface BlockCache {
  get(text: string): BlockTokens | undefined
  set(text: string, tokens: BlockTokens): void
  readonly blocks: number
  readonly bytes: number
}

/**
 * A cache in two generations: what is used moves to the young one; when that holds half of a limit, it becomes the old
 * one and the old one is dropped. Costs one or two look-ups where an exact order of use would rewrite the map each time.
 * The key is the text itself: V8 finds long keys by their length and compares the bytes, which is ten times cheaper than
 * any hash in JavaScript, and never mistakes one text for another.
 */
export function createBlockCache(limits: BlockCacheLimits): BlockCache {
  return new TwoGenerationCache(limits)
}

class TwoGenerationCache implements BlockCache {
  #young = new Map<string, BlockTokens>()
  #old = new Map<string, BlockTokens>()
  #youngBytes = 0
  #oldBytes = 0
  readonly #limits: BlockCacheLimits

  constructor(limits: BlockCacheLimits) {
    this.#limits = limits
  }

  get blocks(): number {
    return this.#young.size + this.#old.size
  }

  get bytes(): number {
    return this.#youngBytes + this.#oldBytes
  }

  get(text: string): BlockTokens | undefined {
    const young = this.#young.get(text)
    if (young !== undefined) return young
    const old = this.#old.get(text)
    if (old !== undefined) this.set(text, old)
    return old
  }

  set(text: string, tokens: BlockTokens): void {
    const bytes = text.length * 2
    const halfBytes = this.#limits.maxBytes / 2
    if (bytes > halfBytes) return
    if (this.#young.has(text)) {
      this.#young.set(text, tokens)
      return
    }
    if (this.#young.size + 1 > this.#limits.maxBlocks / 2 || this.#youngBytes + bytes > halfBytes) {
      this.#old = this.#young
      this.#oldBytes = this.#youngBytes
      this.#young = new Map()
      this.#youngBytes = 0
    } else if (this.#old.delete(text)) {
      this.#oldBytes -= bytes
    }
    this.#young.set(text, tokens)
    this.#youngBytes += bytes
  }
}
