import { describe, expect, it } from 'vitest'
import { type ErrorKind, ProxyError, type ProxyErrorOptions } from '../../../canonical/error.ts'
import { encodeAnthropicError } from './encode-error.ts'

const encode = (kind: ErrorKind, message = 'It failed.', options: ProxyErrorOptions = {}) =>
  encodeAnthropicError(new ProxyError(kind, message, options), 'req_1')

const final = { 'x-should-retry': 'false' }

/** Every kind, its status, its type and its headers when nothing is known of a waiting time. */
const table: Readonly<Record<ErrorKind, readonly [number, string, object]>> = {
  'invalid-request': [400, 'invalid_request_error', {}],
  'prompt-too-long': [400, 'invalid_request_error', {}],
  'signature-invalid': [400, 'invalid_request_error', {}],
  'request-too-large': [413, 'request_too_large', {}],
  unauthenticated: [401, 'authentication_error', final],
  forbidden: [403, 'permission_error', final],
  'feature-not-supported': [403, 'permission_error', final],
  'token-invalid': [403, 'permission_error', final],
  'sign-in-needed': [403, 'permission_error', final],
  suspended: [403, 'permission_error', final],
  'suspicious-activity': [403, 'permission_error', final],
  'no-account': [403, 'permission_error', final],
  'not-found': [404, 'not_found_error', {}],
  'model-not-found': [404, 'not_found_error', {}],
  'client-rate-limited': [429, 'rate_limit_error', {}],
  'rate-limited': [429, 'rate_limit_error', {}],
  'quota-exhausted': [429, 'rate_limit_error', final],
  overloaded: [529, 'overloaded_error', {}],
  'upstream-error': [502, 'api_error', {}],
  'upstream-invalid': [502, 'api_error', {}],
  'empty-response': [502, 'api_error', final],
  network: [502, 'api_error', {}],
  timeout: [504, 'timeout_error', {}],
  'shutting-down': [503, 'api_error', {}],
  internal: [500, 'api_error', {}],
  cancelled: [499, 'api_error', {}],
}

const entries: [ErrorKind, readonly [number, string, object]][] = []
for (const kind in table) {
  if (isKind(kind)) entries.push([kind, table[kind]])
}

function isKind(kind: string): kind is ErrorKind {
  return Object.hasOwn(table, kind)
}

describe('encode-error.ts', () => {
  it.each(entries)('%s', (kind, [status, type, headers]) => {
    const encoded = encode(kind)
    expect({ status: encoded.status, headers: encoded.headers }).toEqual({ status, headers })
    expect(encoded.body).toMatchObject({ type: 'error', error: { type }, request_id: 'req_1' })
    expect(encoded.body.error.message).toContain('It failed.')
  })

  it.each<[ErrorKind, number, number, object]>([
    ['rate-limited', 1, 429, { 'retry-after': '1', 'retry-after-ms': '1' }],
    ['rate-limited', 0, 429, { 'retry-after': '1', 'retry-after-ms': '1' }],
    ['client-rate-limited', 1_500.5, 429, { 'retry-after': '2', 'retry-after-ms': '1501' }],
    ['overloaded', 5_000, 529, { 'retry-after': '5', 'retry-after-ms': '5000' }],
    ['rate-limited', 60_000, 429, { 'retry-after': '60', 'retry-after-ms': '60000' }],
    ['rate-limited', 60_001, 429, { 'retry-after': '61', 'retry-after-ms': '60001', ...final }],
    ['no-account', 30_000, 429, { 'retry-after': '30', 'retry-after-ms': '30000' }],
    ['quota-exhausted', 3_600_000, 429, { 'retry-after': '3600', 'retry-after-ms': '3600000', ...final }],
  ])('%s that may be over in %f ms', (kind, retryAfterMs, status, headers) => {
    const encoded = encode(kind, 'It failed.', { retryAfterMs })
    expect({ status: encoded.status, headers: encoded.headers }).toEqual({ status, headers })
  })

  it.each<[ErrorKind, string, ProxyErrorOptions, string]>([
    [
      'prompt-too-long',
      'prompt is too long: 210000 tokens > 200000 maximum',
      {},
      'prompt is too long: 210000 tokens > 200000 maximum',
    ],
    ['prompt-too-long', 'Prompt is too long for this model.', {}, 'Prompt is too long for this model.'],
    ['prompt-too-long', 'Shorten it.', {}, 'Prompt is too long. Shorten it.'],
    [
      'prompt-too-long',
      'Shorten it.',
      { promptSize: { tokens: 210_000, limit: 200_000 } },
      'prompt is too long: 210000 tokens > 200000 maximum. Shorten it.',
    ],
    ['signature-invalid', 'Refused.', {}, 'messages: Invalid `signature` in `thinking` block. Refused.'],
    [
      'signature-invalid',
      'Refused.',
      { param: 'messages.3.content.0' },
      'messages.3.content.0: Invalid `signature` in `thinking` block. Refused.',
    ],
    ['quota-exhausted', 'Used up.', {}, 'Used up.'],
    ['quota-exhausted', 'Used up.', { retryAfterMs: 61_000 }, 'Used up. It resets in about a minute.'],
    ['quota-exhausted', 'Used up.', { retryAfterMs: 1_800_000 }, 'Used up. It resets in about 30 minutes.'],
    ['quota-exhausted', 'Used up.', { retryAfterMs: 18_000_000 }, 'Used up. It resets in about 5 hours.'],
    ['quota-exhausted', 'Used up.', { retryAfterMs: 864_000_000 }, 'Used up. It resets in about 10 days.'],
    ['quota-exhausted', 'Resets on 1 May.', { retryAfterMs: 1_000 }, 'Resets on 1 May.'],
  ])('%s: %j %j', (kind, message, options, expected) => {
    expect(encode(kind, message, options).body.error.message).toBe(expected)
  })
})
