import { describe, expect, it } from 'vitest'
import type { ErrorKind } from '../../../canonical/error.ts'
import {
  decodeAmazonQError,
  decodeAmazonQException,
  isProfileArnRequired,
  isRequestBodyInvalid,
} from './decode-error.ts'
import { retryAfterMs } from '../retry-after.ts'

interface Row {
  readonly status: number
  readonly body: unknown
  readonly headers?: Record<string, string>
  readonly kind: ErrorKind
}

/** amazon-q.md §4.3 row by row, then what its text adds. */
const rows: readonly Row[] = [
  { status: 400, body: { message: 'Improperly formed request.', reason: null }, kind: 'invalid-request' },
  {
    status: 400,
    body: { message: 'Input is too long.', reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' },
    kind: 'prompt-too-long',
  },
  { status: 400, body: { message: 'Context window is full', reason: null }, kind: 'prompt-too-long' },
  { status: 400, body: { message: 'Unknown model', reason: 'INVALID_MODEL_ID' }, kind: 'model-not-found' },
  {
    status: 400,
    body: { message: 'profileArn is required for this request.', reason: null },
    kind: 'feature-not-supported',
  },
  { status: 400, body: { message: 'm', reason: 'TOOL_USE_RESULT_MISMATCH' }, kind: 'invalid-request' },
  { status: 400, body: { message: 'm', reason: 'TOOL_SCHEMA_INVALID' }, kind: 'invalid-request' },
  { status: 500, body: { message: 'Expected toolResult blocks at messages.2' }, kind: 'invalid-request' },
  { status: 400, body: { message: 'm', reason: 'THINKING_SIGNATURE_INVALID' }, kind: 'signature-invalid' },
  {
    status: 400,
    body: {
      __type: 'ThrottlingException',
      message: 'Maximum Request reached for this month.',
      reason: 'MONTHLY_REQUEST_COUNT',
    },
    kind: 'quota-exhausted',
  },
  {
    status: 402,
    body: { message: 'You have reached the limit.', reason: 'MONTHLY_REQUEST_COUNT' },
    kind: 'quota-exhausted',
  },
  { status: 402, body: { message: 'm', reason: 'OVERAGE_REQUEST_LIMIT_EXCEEDED' }, kind: 'quota-exhausted' },
  { status: 402, body: '', kind: 'quota-exhausted' },
  { status: 401, body: { message: 'anything' }, kind: 'token-invalid' },
  {
    status: 403,
    body: { message: 'The bearer token included in the request is invalid.', reason: null },
    kind: 'token-invalid',
  },
  { status: 403, body: { message: 'Invalid token' }, kind: 'token-invalid' },
  { status: 403, body: { message: 'm', reason: 'INVALID_TOKEN' }, kind: 'token-invalid' },
  { status: 400, body: { __type: 'com.amazon#ExpiredTokenException', message: 'm' }, kind: 'token-invalid' },
  { status: 403, body: '', kind: 'token-invalid' },
  {
    status: 403,
    body: {
      message: "Your User ID (d-1) temporarily is suspended. We've locked your account as a security precaution.",
      reason: 'TEMPORARILY_SUSPENDED',
    },
    kind: 'suspended',
  },
  {
    status: 403,
    body: { message: "Your User ID (d-1) temporarily is suspended. We've locked your account.", reason: null },
    kind: 'suspended',
  },
  {
    status: 403,
    body: { __type: 'AccessDeniedException', message: 'Feature is not supported', reason: 'FEATURE_NOT_SUPPORTED' },
    kind: 'feature-not-supported',
  },
  { status: 403, body: { message: 'User is not authorized to make this call.' }, kind: 'feature-not-supported' },
  { status: 404, body: { __type: 'ResourceNotFoundException', message: 'm' }, kind: 'upstream-error' },
  { status: 413, body: '', kind: 'prompt-too-long' },
  {
    status: 429,
    body: { message: 'I am experiencing high traffic.', reason: 'INSUFFICIENT_MODEL_CAPACITY' },
    kind: 'overloaded',
  },
  { status: 429, body: { message: 'm', reason: 'SERVICE_REQUEST_RATE_EXCEEDED' }, kind: 'rate-limited' },
  {
    status: 429,
    body: { message: 'Due to suspicious activity, we are imposing temporary limits on your account.', reason: null },
    kind: 'suspicious-activity',
  },
  { status: 429, body: { message: 'Too many requests' }, kind: 'rate-limited' },
  { status: 429, body: { message: 'm', reason: 'DAILY_REQUEST_COUNT' }, kind: 'quota-exhausted' },
  {
    status: 500,
    body: {
      message: 'Encountered unexpectedly high load when processing the request, please try again.',
      reason: 'MODEL_TEMPORARILY_UNAVAILABLE',
    },
    kind: 'overloaded',
  },
  { status: 500, body: { __type: 'InternalServerException', message: 'm' }, kind: 'upstream-error' },
  { status: 503, body: { __type: 'ServiceUnavailableException' }, kind: 'upstream-error' },
  { status: 502, body: '<html><body>Bad gateway</body></html>', kind: 'upstream-error' },
  { status: 504, body: '', kind: 'upstream-error' },
  {
    status: 400,
    body: {
      error: {
        code: 'validation_error',
        message: 'Failed to buffer the request body: length limit exceeded',
        param: null,
        type: 'invalid_request_error',
      },
    },
    kind: 'prompt-too-long',
  },
  {
    status: 400,
    headers: { 'x-amzn-errortype': 'ThrottlingException:http://x' },
    body: { message: 'm' },
    kind: 'rate-limited',
  },
  { status: 400, body: { message: 'm', reason: 'CONVERSATION_LIMIT_EXCEEDED' }, kind: 'invalid-request' },
  { status: 400, body: '[]', kind: 'invalid-request' },
]

function decode({ status, body, headers = {} }: Omit<Row, 'kind'>, requestLength = 0) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return decodeAmazonQError(status, new Headers(headers), text, { requestLength, now: 0 })
}

describe('decode-error', () => {
  it.each(rows)('$status $body: $kind', ({ kind, ...row }) => {
    const error = decode(row)
    expect(error.kind).toBe(kind)
    expect(error.upstreamStatus).toBe(row.status)
    expect(error.message).toMatch(/^[A-Z].*[."]\)?$|\)\.$/u)
  })

  it('keeps what the service said: its reason, its words, the id of the request', () => {
    const error = decode({
      status: 403,
      headers: { 'x-amzn-requestid': 'r-1' },
      body: { __type: 'a#AccessDeniedException', message: 'Feature is not supported', reason: 'FEATURE_NOT_SUPPORTED' },
    })
    expect(error.upstream).toEqual({
      upstream: 'amazon-q',
      code: 'FEATURE_NOT_SUPPORTED',
      message: 'Feature is not supported',
      requestId: 'r-1',
    })
    expect(error.message).toContain('"Feature is not supported"')
  })

  it('takes "Improperly formed request." of a large request for too long', () => {
    const row = { status: 400, body: { message: 'Improperly formed request.', reason: null } }
    expect(decode(row, 599_999).kind).toBe('invalid-request')
    expect(decode(row, 700_000).kind).toBe('prompt-too-long')
  })

  it('honours retry-after', () => {
    expect(decode({ status: 429, headers: { 'retry-after': '7' }, body: {} }).retryAfterMs).toBe(7_000)
    expect(decode({ status: 429, body: {} }).retryAfterMs).toBeUndefined()
  })

  it('repeats no token and no endless text', () => {
    const secret = `aoa${'A1b2'.repeat(20)}`
    const error = decode({ status: 400, body: { message: `bad ${secret} ${'x'.repeat(5_000)}` } })
    expect(error.message).not.toContain(secret)
    expect(error.upstream?.message?.length).toBeLessThanOrEqual(1_000)
  })

  it('knows the two refusals that another endpoint may not have', () => {
    const arn = decode({ status: 400, body: { message: 'profileArn is required for this request.' } })
    const members = decode({ status: 400, body: { message: 'm', reason: 'REQUEST_BODY_INVALID' } })
    expect([isProfileArnRequired(arn), isProfileArnRequired(members)]).toEqual([true, false])
    expect([isRequestBodyInvalid(arn), isRequestBodyInvalid(members)]).toEqual([false, true])
  })
})

describe('decode-error, exceptions inside a stream', () => {
  it.each([
    ['ThrottlingException', '{"message":"slow"}', 'rate-limited'],
    ['ThrottlingException', '{"message":"m","reason":"INSUFFICIENT_MODEL_CAPACITY"}', 'overloaded'],
    ['InternalServerException', '{}', 'upstream-error'],
    ['ServiceUnavailableException', '', 'upstream-error'],
    ['ValidationException', '{"message":"m"}', 'invalid-request'],
    ['ContentLengthExceededException', '{}', 'prompt-too-long'],
    ['error', '{"message":"m","reason":"MODEL_TEMPORARILY_UNAVAILABLE"}', 'overloaded'],
    ['error', '{"__type":"a#AccessDeniedException","message":"m","reason":"TEMPORARILY_SUSPENDED"}', 'suspended'],
    ['', 'no JSON', 'upstream-error'],
  ])('%s %s: %s', (type, payload, kind) => {
    const error = decodeAmazonQException(type, payload)
    expect(error.kind).toBe(kind)
    expect(error.upstreamStatus).toBe(200)
  })
})

describe('retry-after', () => {
  it.each([
    ['5', 5_000],
    ['0.5', 500],
    ['-3', 0],
    ['Thu, 01 Jan 1970 00:01:40 GMT', 90_000],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
    ['99999999', 604_800_000],
  ])('%s: %s ms', (value, expected) => {
    expect(retryAfterMs(value, 10_000)).toBe(expected)
  })
})
