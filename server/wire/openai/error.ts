/** The error object that OpenAI's clients read, in a body and inside a stream (clients.md §4). */
export interface OpenAiError {
  readonly error: {
    readonly message: string
    readonly type: OpenAiErrorType
    /** The path of the field that is at fault. */
    readonly param: string | null
    /** What clients decide by. */
    readonly code: OpenAiErrorCode | null
  }
}

export type OpenAiErrorType =
  | 'invalid_request_error'
  | 'permission_error'
  | 'requests'
  | 'insufficient_quota'
  | 'server_error'

export type OpenAiErrorCode =
  | 'context_length_exceeded'
  | 'invalid_encrypted_content'
  | 'request_too_large'
  | 'invalid_api_key'
  | 'model_not_found'
  | 'rate_limit_exceeded'
  | 'insufficient_quota'
  | 'account_unavailable'
  | 'feature_not_supported'
  | 'server_is_overloaded'
  | 'empty_response'
  | 'upstream_error'
  | 'timeout'
  | 'shutting_down'
