import type { ErrorKind } from '../../../canonical/error.ts'
import type { ErrorSigns } from './error-signs.ts'

/** One row of the catalogue: how to recognise an error and what it means for a person. */
export interface CatalogueRow {
  readonly kind: ErrorKind
  readonly test: (signs: ErrorSigns) => boolean
  /** Whole sentences: what happened, whose fault it is, what to do. The service's own message is added to them. */
  readonly explanation: string
}

/** A request of this size that passed the linter and is still called malformed is too large (amazon-q.md §2.5). */
const SUSPECT_LENGTH = 600_000

const TRY_LATER = 'Wait a moment and try again.'

/**
 * amazon-q.md §4.3 as rows, tried in order: the reason decides first, then the exception's name, then the text, with
 * what is the request's fault before what is the account's (order of the tests of AWS's own command line, end of §4.3).
 */
export const catalogue: readonly CatalogueRow[] = [
  {
    kind: 'prompt-too-long',
    test: ({ status, reason, text }) =>
      reason === 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' ||
      status === 413 ||
      /input is too long|context window is full|length limit exceeded|prompt is too long/iu.test(text),
    explanation: 'The conversation is too long for the model. Shorten or compact it and try again.',
  },
  {
    kind: 'signature-invalid',
    test: ({ reason, text }) =>
      reason === 'THINKING_SIGNATURE_INVALID' || /invalid `?signature`? in `?thinking/iu.test(text),
    explanation: 'The service refused reasoning from earlier in the conversation. It can be sent again without it.',
  },
  {
    kind: 'suspended',
    test: ({ reason, text }) =>
      reason === 'TEMPORARILY_SUSPENDED' || /temporarily (?:is |been )?suspended|locked your account/iu.test(text),
    explanation:
      'The provider has suspended this account. Culvert will not use it again; contact the provider’s support.',
  },
  {
    kind: 'suspicious-activity',
    test: ({ text }) => /suspicious activity/iu.test(text),
    explanation:
      'The provider has put a temporary limit on this account because of its activity. Leave the account alone for some ' +
      'hours: retrying makes it worse.',
  },
  {
    kind: 'overloaded',
    test: ({ reason, text }) =>
      reason === 'INSUFFICIENT_MODEL_CAPACITY' ||
      reason === 'MODEL_TEMPORARILY_UNAVAILABLE' ||
      /high traffic|unexpectedly high load/iu.test(text),
    explanation: `The model is busy for everyone; another account does not help. ${TRY_LATER}`,
  },
  {
    kind: 'quota-exhausted',
    test: ({ status, reason, text }) =>
      QUOTA_REASONS.has(reason) || status === 402 || /MONTHLY_REQUEST_COUNT|maximum request reached/iu.test(text),
    explanation: 'The allowance of this account is used up until it resets. Use another account or wait for the reset.',
  },
  {
    kind: 'invalid-request',
    test: ({ reason }) => reason === 'CONVERSATION_LIMIT_EXCEEDED' || reason === 'INVALID_CONVERSATION_ID',
    explanation: 'The service will not go on with this conversation. Start a new one.',
  },
  {
    kind: 'rate-limited',
    test: ({ status, type, reason }) =>
      status === 429 || type === 'ThrottlingException' || reason === 'SERVICE_REQUEST_RATE_EXCEEDED',
    explanation: `The service is throttling this account. ${TRY_LATER}`,
  },
  {
    kind: 'model-not-found',
    test: ({ reason, text }) => reason === 'INVALID_MODEL_ID' || /^invalid model/iu.test(text),
    explanation: 'This account does not offer the model. Choose one from the list of models.',
  },
  {
    kind: 'feature-not-supported',
    test: ({ text }) => /profileArn is required/iu.test(text),
    explanation: 'The service wants a profile for this call and the account has none set. Look up its profiles again.',
  },
  {
    kind: 'token-invalid',
    test: ({ status, type, reason, text }) =>
      status === 401 ||
      reason === 'INVALID_TOKEN' ||
      TOKEN_TYPES.has(type) ||
      (status === 403 &&
        (text.trim() === '' || /(?:invalid|expired)[^.]{0,40}token|token[^.]{0,60}(?:invalid|expired)/iu.test(text))),
    explanation: 'The service refused the access token of this account. If a fresh one is refused too, sign in again.',
  },
  {
    kind: 'feature-not-supported',
    test: ({ status, type }) => status === 403 || type === 'AccessDeniedException',
    explanation: 'The service does not allow this call for this account. Check its plan and its profile.',
  },
  {
    kind: 'prompt-too-long',
    test: ({ status, text, requestLength }) =>
      status === 400 && requestLength > SUSPECT_LENGTH && /improperly formed request/iu.test(text),
    explanation:
      'The service called the request malformed, which it does when a conversation is too long. Shorten or compact it ' +
      'and try again.',
  },
  {
    kind: 'invalid-request',
    test: ({ status, type, reason, text }) =>
      status === 400 ||
      status === 422 ||
      type === 'ValidationException' ||
      REQUEST_REASONS.has(reason) ||
      /expected toolresult blocks/iu.test(text),
    explanation:
      'The service refused the form of the request. The fault is the client’s or Culvert’s, not the account’s; please ' +
      'report it with the request from the log.',
  },
  {
    kind: 'upstream-error',
    test: ({ status }) => status === 404,
    explanation: 'The service does not know this address. Check the region and the endpoint of the account.',
  },
  {
    kind: 'upstream-error',
    test: () => true,
    explanation: `The service failed. The fault is the service’s. ${TRY_LATER}`,
  },
]

const QUOTA_REASONS: ReadonlySet<string> = new Set([
  'MONTHLY_REQUEST_COUNT',
  'DAILY_REQUEST_COUNT',
  'OVERAGE_REQUEST_LIMIT_EXCEEDED',
])

const TOKEN_TYPES: ReadonlySet<string> = new Set([
  'ExpiredTokenException',
  'InvalidTokenException',
  'UnrecognizedClientException',
  'UnauthorizedException',
])

const REQUEST_REASONS: ReadonlySet<string> = new Set([
  'TOOL_USE_RESULT_MISMATCH',
  'TOOL_SCHEMA_INVALID',
  'REQUEST_BODY_INVALID',
])
