import type { FinishReason, Usage } from '../../../canonical/event.ts'
import type { WireChatUsage, WireFinishReason } from '../../../wire/openai-chat/answer.ts'

/** What an answer's encoding depends on besides its events. */
export interface ChatEncodeContext {
  /** `chatcmpl-…`, unique. */
  readonly completionId: string
  /** Epoch seconds. */
  readonly created: number
  /** The model name that the client asked for. */
  readonly model: string
  /** Whether calls go out in the older form, which has room for one (`function_call`). */
  readonly usesFunctions: boolean
}

const finishReasons: Readonly<Record<FinishReason, WireFinishReason>> = {
  'end-turn': 'stop',
  paused: 'stop',
  'tool-use': 'tool_calls',
  'max-tokens': 'length',
  'stop-sequence': 'stop',
  refusal: 'content_filter',
  'context-window-exceeded': 'length',
}

/** Why an answer ended, in OpenAI's words. Some clients run calls only when this says that there are any. */
export function finishReason(reason: FinishReason, hasCalls: boolean, usesFunctions: boolean): WireFinishReason {
  const finish = finishReasons[reason]
  const asksForCalls = finish === 'tool_calls' || (finish === 'stop' && hasCalls)
  if (!asksForCalls) return finish
  if (!hasCalls) return 'stop'
  return usesFunctions ? 'function_call' : 'tool_calls'
}

/** The counts in OpenAI's sense: what came from a cache, or went into one, is part of the prompt. */
export function encodeChatUsage(usage: Usage): WireChatUsage {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
  }
}
