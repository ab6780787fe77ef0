/**
 * What a client of the Responses API reads (clients.md §2 and §4). Plain types, because we write them and never parse
 * them. Of the members that only repeat the request, `instructions` and `tools` are always empty: a client knows them,
 * and they would go out three times with every answer.
 */
export interface WireResponse {
  readonly id: string
  readonly object: 'response'
  /** Unix seconds. */
  readonly created_at: number
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly completed_at: number | null
  readonly background: false
  readonly error: WireResponseError | null
  readonly incomplete_details: { readonly reason: 'max_output_tokens' } | null
  readonly instructions: null
  readonly max_output_tokens: number | null
  readonly metadata: Readonly<Record<string, unknown>>
  readonly model: string
  readonly output: readonly WireOutputItem[]
  readonly parallel_tool_calls: boolean
  readonly previous_response_id: string | null
  readonly prompt_cache_key: string | null
  readonly reasoning: { readonly effort: string | null; readonly summary: string | null }
  readonly store: boolean
  readonly temperature: number | null
  readonly text: { readonly format: unknown }
  readonly tool_choice: unknown
  readonly tools: readonly []
  readonly top_p: number | null
  readonly truncation: 'disabled'
  readonly usage: WireResponseUsage | null
}

export type WireOutputItem =
  | {
      readonly type: 'message'
      readonly id: string
      readonly status: 'completed'
      readonly role: 'assistant'
      readonly content: readonly WireOutputText[]
    }
  | {
      readonly type: 'reasoning'
      readonly id: string
      readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[]
      readonly encrypted_content: string | null
    }
  | WireCallItem

export interface WireOutputText {
  readonly type: 'output_text'
  readonly text: string
  readonly annotations: readonly []
  readonly logprobs: readonly []
}

/** A call of a tool that the client runs. */
export type WireCallItem = {
  readonly id: string
  readonly status: 'in_progress' | 'completed'
  readonly call_id: string
} & (
  | { readonly type: 'function_call'; readonly name: string; readonly namespace?: string; readonly arguments: string }
  | { readonly type: 'custom_tool_call'; readonly name: string; readonly namespace?: string; readonly input: string }
  | { readonly type: 'tool_search_call'; readonly execution: 'client'; readonly arguments: unknown }
  | {
      readonly type: 'local_shell_call'
      readonly action: {
        readonly type: 'exec'
        readonly command: readonly string[]
        readonly env: object
        readonly timeout_ms: number | null
        readonly user: null
        readonly working_directory: string | null
      }
    }
  | {
      readonly type: 'shell_call'
      readonly action: {
        readonly commands: readonly string[]
        readonly timeout_ms: number | null
        readonly max_output_length: number | null
      }
      readonly environment: null
    }
  | {
      readonly type: 'apply_patch_call'
      readonly operation: { readonly type: string; readonly path: string; readonly diff?: string }
    }
)

/** Whole tokens; the input's count holds the cached ones. */
export interface WireResponseUsage {
  readonly input_tokens: number
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number }
  readonly output_tokens: number
  readonly output_tokens_details: { readonly reasoning_tokens: number }
  readonly total_tokens: number
}

export interface WireResponseError {
  readonly code: WireResponseErrorCode
  readonly message: string
}

/** What Codex decides by when an answer fails (clients.md §2). */
export type WireResponseErrorCode =
  | 'server_error'
  | 'rate_limit_exceeded'
  | 'insufficient_quota'
  | 'server_is_overloaded'
  | 'context_length_exceeded'
  | 'invalid_prompt'
