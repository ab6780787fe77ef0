/** What a Chat Completions client reads (clients.md §3 and §4). Plain types, because we write them and never parse them. */
export interface WireChatCompletion {
  readonly id: string
  readonly object: 'chat.completion'
  /** Epoch seconds. */
  readonly created: number
  readonly model: string
  readonly choices: readonly [
    {
      readonly index: 0
      readonly message: WireChatMessage
      readonly logprobs: null
      readonly finish_reason: WireFinishReason
    },
  ]
  readonly usage: WireChatUsage
}

export interface WireChatMessage {
  readonly role: 'assistant'
  /** Null where there are calls and no text. */
  readonly content: string | null
  readonly refusal: null
  readonly reasoning_content?: string
  readonly tool_calls?: readonly WireToolCall[]
  /** In place of `tool_calls` for clients that declared `functions`. */
  readonly function_call?: WireFunctionCall
}

export interface WireToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: WireFunctionCall
}

export interface WireFunctionCall {
  readonly name: string
  /** JSON text. */
  readonly arguments: string
}

export type WireFinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call'

/** Whole tokens. `prompt_tokens` has the cached ones in it. */
export interface WireChatUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details: { readonly cached_tokens: number }
}
