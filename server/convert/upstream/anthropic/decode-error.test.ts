import { describe, expect, it } from 'vitest'
import type { ErrorKind } from '../../../canonical/error.ts'
import { decodeAnthropicError } from './decode-error.ts'

const body = (type: string, message: string): string => JSON.stringify({ type: 'error', error: { type, message } })
const none = { get: () => undefined }

const cases: readonly [number, string, ErrorKind][] = [
  [400, body('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'), 'prompt-too-long'],
  [400, body('', "This model's maximum context length is 65536 tokens."), 'prompt-too-long'],
  [
    400,
    body('invalid_request_error', 'messages.1.content.0: Invalid `signature` in `thinking` block'),
    'signature-invalid',
  ],
  [400, body('invalid_request_error', 'Your credit balance is too low to access the API.'), 'quota-exhausted'],
  [402, body('billing_error', 'Pay.'), 'quota-exhausted'],
  [402, '', 'quota-exhausted'],
  [429, body('insufficient_quota', 'You exceeded your current quota.'), 'quota-exhausted'],
  [400, body('invalid_request_error', 'This organization has been disabled.'), 'suspended'],
  [401, body('authentication_error', 'invalid x-api-key'), 'sign-in-needed'],
  [401, 'Unauthorized', 'sign-in-needed'],
  [403, body('permission_error', 'No.'), 'feature-not-supported'],
  [404, body('not_found_error', 'model: claude-nothing'), 'model-not-found'],
  [404, '<html>', 'upstream-error'],
  [413, body('request_too_large', 'Request exceeds the maximum size'), 'request-too-large'],
  [429, body('rate_limit_error', 'Slow down.'), 'rate-limited'],
  [529, body('overloaded_error', 'Overloaded'), 'overloaded'],
  [503, body('overloaded_error', 'Overloaded'), 'overloaded'],
  [504, body('timeout_error', 'Late.'), 'timeout'],
  [400, body('invalid_request_error', 'tools.0: no'), 'invalid-request'],
  [500, body('api_error', 'Internal server error'), 'upstream-error'],
  [502, 'Bad gateway', 'upstream-error'],
  [418, '{"error":"tea"}', 'upstream-error'],
]

describe('decode-error', () => {
  it.each(cases)('%i %s is %s', (status, text, kind) => {
    const error = decodeAnthropicError(status, none, text)
    expect(error).toMatchObject({ kind, upstreamStatus: status, upstream: { upstream: 'anthropic' } })
    expect(error.message).toMatch(
      /^[A-Z].*\.( The service's own words: ".*"| The service gave no reason \(HTTP \d+\)\.)$/u,
    )
  })

  it('reads the sizes of a prompt that is too long', () => {
    const error = decodeAnthropicError(400, none, body('', 'prompt is too long: 210000 tokens > 200000 maximum'))
    expect(error.promptSize).toEqual({ tokens: 210_000, limit: 200_000 })
  })

  it('honours retry-after and keeps the request id', () => {
    const headers: Record<string, string> = { 'retry-after': '7', 'request-id': 'req_1' }
    const error = decodeAnthropicError(429, { get: (name) => headers[name] }, body('rate_limit_error', 'Wait.'))
    expect(error).toMatchObject({ retryAfterMs: 7_000, upstream: { requestId: 'req_1' } })
  })

  it('repeats no key', () => {
    const error = decodeAnthropicError(
      401,
      none,
      body('x', 'Incorrect API key provided: sk-ant-api03-abcdefghijklmnop.'),
    )
    expect(JSON.stringify([error.message, error.upstream])).not.toContain('abcdefgh')
  })

  it('never throws, whatever the body is', () => {
    for (const text of ['', 'null', '[]', '{"error":null}', '{"error":{"type":1,"message":{}}}', '\u0000']) {
      expect(decodeAnthropicError(500, none, text).kind).toBe('upstream-error')
    }
  })
})
