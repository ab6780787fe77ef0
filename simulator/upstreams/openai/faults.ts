export interface ChatRefusal {
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly message: string
  readonly retryAfter?: number
}

/** What the service answers instead of a completion (clients.md §2 and §4). */
export const chatFaults = {
  'invalid-key': { status: 401, type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key.' },
  'no-quota': {
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message: 'You exceeded your current quota, please check your plan and billing details.',
  },
  'no-balance': { status: 402, type: 'unknown_error', code: null, message: 'Insufficient Balance' },
  'rate-limited': {
    status: 429,
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached for requests.',
    retryAfter: 5,
  },
  'too-long': {
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    message: "This model's maximum context length is 128000 tokens.",
  },
  'unknown-model': { status: 404, type: 'invalid_request_error', code: 'model_not_found', message: 'No such model.' },
  'internal-error': { status: 500, type: 'server_error', code: null, message: 'The server had an error.' },
  overloaded: { status: 503, type: 'server_error', code: 'server_is_overloaded', message: 'Overloaded.' },
} as const satisfies Record<string, ChatRefusal>

export type ChatFault = keyof typeof chatFaults

/** A refusal by the service's own rules. */
export class ChatRefused extends Error {
  readonly status: number = 400
  readonly type: string = 'invalid_request_error'
  readonly code: string | null

  constructor(message: string, code: string | null = null) {
    super(message)
    this.code = code
  }
}
