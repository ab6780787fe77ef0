/** Failures that are one plain HTTP answer: the catalogue of amazon-q.md §4.3. */
export interface HttpFault {
  readonly status: number
  /** The exception's name: in `__type` with the JSON protocol, in `x-amzn-errortype` with the rest one. */
  readonly type: string
  readonly message: string
  readonly reason?: string | null
  /** Sent as it is instead of the usual JSON. */
  readonly html?: string
  readonly json?: unknown
}

const edgePage = (title: string): string =>
  `<!doctype html><html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>`

export const httpFaults = {
  'improperly-formed': {
    status: 400,
    type: 'ValidationException',
    message: 'Improperly formed request.',
    reason: null,
  },
  'content-too-long': {
    status: 400,
    type: 'ValidationException',
    message: 'Input is too long.',
    reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD',
  },
  'context-window-full': { status: 400, type: 'ValidationException', message: 'Context window is full', reason: null },
  'invalid-model': {
    status: 400,
    type: 'ValidationException',
    message: 'Invalid model. Please select a different model to continue.',
    reason: 'INVALID_MODEL_ID',
  },
  'profile-arn-required': {
    status: 400,
    type: 'ValidationException',
    message: 'profileArn is required for this request.',
    reason: null,
  },
  'request-body-invalid': {
    status: 400,
    type: 'ValidationException',
    message: 'Invalid request body.',
    reason: 'REQUEST_BODY_INVALID',
  },
  'tool-use-result-mismatch': {
    status: 400,
    type: 'ValidationException',
    message: 'Expected toolResult blocks for every toolUse of the previous turn.',
    reason: 'TOOL_USE_RESULT_MISMATCH',
  },
  'expected-tool-results-500': {
    status: 500,
    type: 'InternalServerException',
    message: 'Expected toolResult blocks for every toolUse of the previous turn.',
    reason: null,
  },
  'tool-schema-invalid': {
    status: 400,
    type: 'ValidationException',
    message: 'A tool has an invalid input schema.',
    reason: 'TOOL_SCHEMA_INVALID',
  },
  'thinking-signature-invalid': {
    status: 400,
    type: 'ValidationException',
    message: 'Invalid signature in thinking block.',
    reason: 'THINKING_SIGNATURE_INVALID',
  },
  'monthly-limit-json': {
    status: 400,
    type: 'ThrottlingException',
    message: 'Maximum Request reached for this month.',
    reason: 'MONTHLY_REQUEST_COUNT',
  },
  'monthly-limit': {
    status: 402,
    type: 'ServiceQuotaExceededException',
    message: 'You have reached the limit.',
    reason: 'MONTHLY_REQUEST_COUNT',
  },
  'overage-limit': {
    status: 402,
    type: 'ServiceQuotaExceededException',
    message: 'You have reached the limit.',
    reason: 'OVERAGE_REQUEST_LIMIT_EXCEEDED',
  },
  'conversation-limit': {
    status: 402,
    type: 'ServiceQuotaExceededException',
    message: 'You have reached the limit of conversations.',
    reason: 'CONVERSATION_LIMIT_EXCEEDED',
  },
  unauthorized: { status: 401, type: 'UnauthorizedException', message: 'Unauthorized', reason: null },
  'token-invalid': {
    status: 403,
    type: 'AccessDeniedException',
    message: 'The bearer token included in the request is invalid.',
    reason: null,
  },
  'token-invalid-by-reason': {
    status: 403,
    type: 'AccessDeniedException',
    message: 'Invalid token',
    reason: 'INVALID_TOKEN',
  },
  'token-expired': {
    status: 403,
    type: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
    reason: null,
  },
  suspended: {
    status: 403,
    type: 'AccessDeniedException',
    message:
      "Your User ID (d-1234567890) temporarily is suspended. We've locked your account as a security precaution. " +
      'To restore your access, please contact our support team.',
    reason: 'TEMPORARILY_SUSPENDED',
  },
  'suspended-without-reason': {
    status: 403,
    type: 'AccessDeniedException',
    message:
      "Your User ID (d-1234567890) temporarily is suspended. We've locked your account as a security precaution. " +
      'To restore your access, please contact our support team.',
    reason: null,
  },
  'feature-not-supported': {
    status: 403,
    type: 'AccessDeniedException',
    message: 'Feature is not supported',
    reason: 'FEATURE_NOT_SUPPORTED',
  },
  'not-authorized': {
    status: 403,
    type: 'AccessDeniedException',
    message: 'User is not authorized to make this call.',
    reason: null,
  },
  'not-found': { status: 404, type: 'ResourceNotFoundException', message: 'Resource not found.', reason: null },
  'too-large': {
    status: 413,
    type: 'RequestEntityTooLargeException',
    message: 'Request Entity Too Large',
    reason: null,
  },
  'buffer-limit': {
    status: 400,
    type: 'ValidationException',
    message: '',
    json: {
      error: {
        code: 'validation_error',
        message: 'Failed to buffer the request body: length limit exceeded',
        param: null,
        type: 'invalid_request_error',
      },
    },
  },
  capacity: {
    status: 429,
    type: 'ThrottlingException',
    message: 'I am experiencing high traffic, please try again shortly.',
    reason: 'INSUFFICIENT_MODEL_CAPACITY',
  },
  'rate-exceeded': {
    status: 429,
    type: 'ThrottlingException',
    message: 'Too many requests, please wait before trying again.',
    reason: 'SERVICE_REQUEST_RATE_EXCEEDED',
  },
  'daily-limit': {
    status: 429,
    type: 'ThrottlingException',
    message: 'You have reached the daily limit.',
    reason: 'DAILY_REQUEST_COUNT',
  },
  'suspicious-activity': {
    status: 429,
    type: 'ThrottlingException',
    message:
      'Due to suspicious activity, we are imposing temporary limits on how frequently your account can send requests.',
    reason: null,
  },
  throttled: { status: 429, type: 'ThrottlingException', message: 'Rate exceeded', reason: null },
  'model-unavailable': {
    status: 500,
    type: 'InternalServerException',
    message: 'Encountered unexpectedly high load when processing the request, please try again.',
    reason: 'MODEL_TEMPORARILY_UNAVAILABLE',
  },
  'internal-error': { status: 500, type: 'InternalServerException', message: 'Internal server error', reason: null },
  'service-unavailable': {
    status: 503,
    type: 'ServiceUnavailableException',
    message: 'Service is temporarily unavailable.',
    reason: null,
  },
  'bad-gateway': { status: 502, type: '', message: '', html: edgePage('502 Bad Gateway') },
  'gateway-timeout': { status: 504, type: '', message: '', html: '' },
  'edge-timeout': { status: 524, type: '', message: '', html: edgePage('524 A timeout occurred') },
} as const satisfies Record<string, HttpFault>
