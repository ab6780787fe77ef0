import type { FinishReason } from './event.ts'
import type { ForeignBlock, ReasoningBlock, TextBlock, ToolUseBlock } from './request.ts'

/** A whole answer: the fold of a completion stream (see `collect`). */
export interface CompletionMessage {
  readonly content: readonly (TextBlock | ReasoningBlock | ToolUseBlock | ForeignBlock)[]
  readonly finish: { readonly reason: FinishReason; readonly raw?: string; readonly stopSequence?: string }
}
