export interface AnthropicRefusal {
  readonly status: number
  readonly type: string
  readonly message: string
  readonly retryAfter?: number
}

/** What the service answers instead of a completion (clients.md §1.7, §1.8). */
export const anthropicFaults = {
  'invalid-key': { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
  forbidden: { status: 403, type: 'permission_error', message: 'Your API key does not have permission to do this.' },
  billing: { status: 402, type: 'billing_error', message: 'There is an issue with your billing.' },
  'credit-too-low': {
    status: 400,
    type: 'invalid_request_error',
    message: 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
  },
  disabled: { status: 403, type: 'permission_error', message: 'This organization has been disabled.' },
  'rate-limited': {
    status: 429,
    type: 'rate_limit_error',
    message: 'This request would exceed your organization’s rate limit.',
    retryAfter: 7,
  },
  overloaded: { status: 529, type: 'overloaded_error', message: 'Overloaded' },
  'internal-error': { status: 500, type: 'api_error', message: 'Internal server error' },
  'gateway-timeout': { status: 504, type: 'timeout_error', message: 'Request timed out.' },
  'too-long': {
    status: 400,
    type: 'invalid_request_error',
    message: 'prompt is too long: 210000 tokens > 200000 maximum',
  },
  'too-large': { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' },
  'unknown-model': { status: 404, type: 'not_found_error', message: 'model: claude-nothing' },
  'signature-refused': {
    status: 400,
    type: 'invalid_request_error',
    message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
  },
  'html-200': { status: 200, type: 'html', message: '<html><body>Please log in</body></html>' },
  'cut-before-headers': { status: 0, type: 'cut', message: '' },
} as const satisfies Record<string, AnthropicRefusal>

export type AnthropicFault = keyof typeof anthropicFaults

/** A refusal by the service's own rules. */
export class Refused extends Error {
  readonly status: number
  readonly type: string

  constructor(message: string, status = 400, type = 'invalid_request_error') {
    super(message)
    this.status = status
    this.type = type
  }
}
