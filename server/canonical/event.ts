import type { ForeignBlock, Opaque } from './request.ts'

/**
 * One step of a streamed completion. The contract, enforced by `checkEvents`:
 * - `message-start` comes first, once;
 * - blocks don't overlap: every `*-start` is followed by its own deltas and its `*-end` before the next block starts;
 * - `index` counts up from 0, one per block;
 * - `tool-delta` fragments of one block, joined, are the text of one JSON object; decoders hold a tool call back until
 *   it is complete, so a half one is never seen here;
 * - `usage` may come at any time after `message-start`; later fields win;
 * - exactly one `finish`, and it is last.
 * Failure is a thrown `ProxyError`, never an event.
 */
export type CompletionEvent =
  | { readonly type: 'message-start' }
  | { readonly type: 'text-start'; readonly index: number }
  | { readonly type: 'text-delta'; readonly index: number; readonly text: string }
  | { readonly type: 'text-end'; readonly index: number }
  | { readonly type: 'reasoning-start'; readonly index: number }
  | { readonly type: 'reasoning-delta'; readonly index: number; readonly text: string }
  | {
      readonly type: 'reasoning-end'
      readonly index: number
      readonly signature?: Opaque
      /** Present: the block is redacted reasoning and had no deltas. */
      readonly redacted?: Opaque
    }
  | { readonly type: 'tool-start'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'tool-delta'; readonly index: number; readonly json: string }
  | { readonly type: 'tool-end'; readonly index: number }
  /** A whole block that only clients of its own dialect can read; others leave it out. It is start and end in one. */
  | { readonly type: 'foreign'; readonly index: number; readonly block: ForeignBlock }
  | { readonly type: 'usage'; readonly usage: UsageReport }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly raw?: string; readonly stopSequence?: string }

/**
 * The stream of one completion, in batches: everything that one chunk of upstream bytes yielded comes together, so that
 * the cost of asynchrony and of a socket write is paid per chunk and not per event. Batches are never empty.
 */
export type CompletionStream = AsyncIterable<readonly CompletionEvent[]>

export type FinishReason =
  | 'end-turn'
  /** The provider's own tools need another turn: the client sends the answer back as it is. */
  | 'paused'
  | 'tool-use'
  | 'max-tokens'
  | 'stop-sequence'
  | 'refusal'
  | 'context-window-exceeded'

/**
 * What an upstream reported about its own consumption. Only what it really said: a missing field means "not told".
 * Token counts are whole tokens.
 */
export interface UsageReport {
  /** Input tokens that were neither read from nor written to a cache. */
  readonly inputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly outputTokens?: number
  readonly reasoningTokens?: number
  /** Share of the model's context window in use after this answer, 0–100. */
  readonly contextUsagePercentage?: number
  /** Provider credits that this request cost. */
  readonly credits?: number
}

/** Where a token figure comes from: the provider said it, its context percentage says it, or we estimated it. */
export type UsageSource = 'provider' | 'context-percentage' | 'estimated'

/** The figures that a client and the log see: always complete, each with its source. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly inputSource: UsageSource
  readonly outputSource: UsageSource
  /** The part of the output that was reasoning. Absent: the provider did not tell. */
  readonly reasoningTokens?: number
  /** Absent: the provider has no credits or told none. */
  readonly credits?: number
}
