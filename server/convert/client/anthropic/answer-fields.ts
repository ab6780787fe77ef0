import type { FinishReason, Usage } from '../../../canonical/event.ts'
import type { StopReason, WireUsage } from '../../../wire/anthropic/answer.ts'

const stopReasons: Readonly<Record<FinishReason, StopReason>> = {
  'end-turn': 'end_turn',
  paused: 'pause_turn',
  'tool-use': 'tool_use',
  'max-tokens': 'max_tokens',
  'stop-sequence': 'stop_sequence',
  refusal: 'refusal',
  'context-window-exceeded': 'model_context_window_exceeded',
}

/** Why an answer ended, in Anthropic's words. Claude Code acts on each of them (clients.md §1.8). */
export function stopReason(reason: FinishReason): StopReason {
  return stopReasons[reason]
}

/** The four counts, always all of them: the SDK's stream helper throws when `usage` is missing (clients.md §4). */
export function encodeUsage(usage: Usage): WireUsage {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: usage.outputTokens,
  }
}
