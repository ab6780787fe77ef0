import type { JsonValue } from '../amazon-q/json.ts'

/**
 * What an Anthropic client reads: the shapes of answers (clients.md §1.6 and §4). Plain types, because we write them
 * and never parse them.
 */
export interface WireMessage {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  readonly model: string
  readonly content: readonly WireContentBlock[]
  readonly stop_reason: StopReason
  readonly stop_sequence: string | null
  readonly usage: WireUsage
}

export type WireContentBlock =
  /** A block of the provider's own tools, as the provider wrote it. */
  | { readonly [member: string]: JsonValue }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object }

export type StopReason =
  | 'end_turn'
  | 'pause_turn'
  | 'tool_use'
  | 'max_tokens'
  | 'stop_sequence'
  | 'refusal'
  | 'model_context_window_exceeded'

/** Whole tokens. Claude Code compacts by the sum of all four (clients.md §1.6). */
export interface WireUsage {
  readonly input_tokens: number
  readonly cache_creation_input_tokens: number
  readonly cache_read_input_tokens: number
  readonly output_tokens: number
}

export interface WireError {
  readonly type: 'error'
  readonly error: {
    readonly type: WireErrorType
    readonly message: string
    /** For programs; absent in most errors. */
    readonly details?: { readonly error_code: string }
  }
  readonly request_id?: string
}

export type WireErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'timeout_error'
  | 'api_error'
  | 'overloaded_error'

/** One entry of the model list. Times are RFC 3339. */
export interface WireModel {
  readonly type: 'model'
  readonly id: string
  readonly display_name: string
  readonly created_at: string
  readonly max_input_tokens: number | null
  readonly max_tokens: number | null
}

export interface WireModelList {
  readonly data: readonly WireModel[]
  readonly has_more: boolean
  readonly first_id: string | null
  readonly last_id: string | null
}
