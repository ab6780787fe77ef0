import { describe, expect, it } from 'vitest'
import { type ErrorKind, ProxyError, type ProxyErrorOptions } from '../../../canonical/error.ts'
import { encodeOpenAiError } from './encode-error.ts'

const encode = (kind: ErrorKind, message = 'It failed.', options: ProxyErrorOptions = {}) =>
  encodeOpenAiError(new ProxyError(kind, message, options))

const final = { 'x-should-retry': 'false' }

/** Every kind, its status, its type, its code and its headers when nothing is known of a waiting time. */
const table: Readonly<Record<ErrorKind, readonly [number, string, string | null, object]>> = {
  'invalid-request': [400, 'invalid_request_error', null, {}],
  'prompt-too-long': [400, 'invalid_request_error', 'context_length_exceeded', {}],
  'signature-invalid': [400, 'invalid_request_error', 'invalid_encrypted_content', {}],
  'empty-response': [400, 'server_error', 'empty_response', {}],
  'request-too-large': [413, 'invalid_request_error', 'request_too_large', {}],
  unauthenticated: [401, 'invalid_request_error', 'invalid_api_key', final],
  forbidden: [403, 'permission_error', null, final],
  'feature-not-supported': [403, 'permission_error', 'feature_not_supported', final],
  'token-invalid': [403, 'permission_error', 'account_unavailable', final],
  'sign-in-needed': [403, 'permission_error', 'account_unavailable', final],
  suspended: [403, 'permission_error', 'account_unavailable', final],
  'suspicious-activity': [403, 'permission_error', 'account_unavailable', final],
  'no-account': [403, 'permission_error', 'account_unavailable', final],
  'not-found': [404, 'invalid_request_error', null, {}],
  'model-not-found': [404, 'invalid_request_error', 'model_not_found', {}],
  'client-rate-limited': [429, 'requests', 'rate_limit_exceeded', {}],
  'rate-limited': [429, 'requests', 'rate_limit_exceeded', {}],
  'quota-exhausted': [429, 'insufficient_quota', 'insufficient_quota', final],
  overloaded: [503, 'server_error', 'server_is_overloaded', {}],
  'upstream-error': [502, 'server_error', 'upstream_error', {}],
  'upstream-invalid': [502, 'server_error', 'upstream_error', {}],
  network: [502, 'server_error', 'upstream_error', {}],
  timeout: [504, 'server_error', 'timeout', {}],
  'shutting-down': [503, 'server_error', 'shutting_down', {}],
  internal: [500, 'server_error', null, {}],
  cancelled: [499, 'server_error', null, {}],
}

const entries: [ErrorKind, readonly [number, string, string | null, object]][] = []
for (const kind in table) {
  if (isKind(kind)) entries.push([kind, table[kind]])
}

function isKind(kind: string): kind is ErrorKind {
  return Object.hasOwn(table, kind)
}

describe('openai/encode-error.ts', () => {
  it.each(entries)('%s', (kind, [status, type, code, headers]) => {
    const encoded = encode(kind)
    expect({ status: encoded.status, headers: encoded.headers }).toEqual({ status, headers })
    expect(encoded.body.error).toMatchObject({ type, code })
    expect(Object.keys(encoded.body.error).toSorted()).toEqual(['code', 'message', 'param', 'type'])
    expect(encoded.body.error.message).toContain('It failed.')
  })

  it.each<[ErrorKind, number, number, object]>([
    ['rate-limited', 0, 429, { 'retry-after': '1', 'retry-after-ms': '1' }],
    ['client-rate-limited', 1_500.5, 429, { 'retry-after': '2', 'retry-after-ms': '1501' }],
    ['overloaded', 5_000, 503, { 'retry-after': '5', 'retry-after-ms': '5000' }],
    ['rate-limited', 60_000, 429, { 'retry-after': '60', 'retry-after-ms': '60000' }],
    ['rate-limited', 60_001, 429, final],
    ['no-account', 30_000, 429, { 'retry-after': '30', 'retry-after-ms': '30000' }],
    ['no-account', 3_600_000, 429, final],
    ['quota-exhausted', 30_000, 429, final],
  ])('%s that may be over in %f ms', (kind, retryAfterMs, status, headers) => {
    const encoded = encode(kind, 'It failed.', { retryAfterMs })
    expect({ status: encoded.status, headers: encoded.headers }).toEqual({ status, headers })
  })

  it.each<[ErrorKind, string, ProxyErrorOptions, string]>([
    ['prompt-too-long', 'Shorten it.', {}, "This conversation exceeds the model's maximum context length. Shorten it."],
    [
      'prompt-too-long',
      'Shorten it.',
      { promptSize: { tokens: 210_000, limit: 200_000 } },
      "This model's maximum context length is 200000 tokens. However, your messages resulted in 210000 tokens. Shorten it.",
    ],
    ['prompt-too-long', 'The maximum context length is met.', {}, 'The maximum context length is met.'],
    ['quota-exhausted', 'Used up.', { retryAfterMs: 18_000_000 }, 'Used up. It may work again in about 5 hours.'],
    ['quota-exhausted', 'It resets on 1 May.', { retryAfterMs: 18_000_000 }, 'It resets on 1 May.'],
    ['no-account', 'It rests until 12:00.', { retryAfterMs: 600_000 }, 'It rests until 12:00.'],
    ['rate-limited', 'Slow down.', { retryAfterMs: 60_000 }, 'Slow down.'],
  ])('%s: %j %j', (kind, message, options, expected) => {
    expect(encode(kind, message, options).body.error.message).toBe(expected)
  })

  it.each<[ErrorKind, ProxyErrorOptions, string | null]>([
    ['invalid-request', { param: 'messages.0.role' }, 'messages.0.role'],
    ['invalid-request', {}, null],
    ['model-not-found', {}, 'model'],
    ['prompt-too-long', {}, 'messages'],
    ['internal', {}, null],
  ])('%s names the field: %j', (kind, options, param) => {
    expect(encode(kind, 'It failed.', options).body.error.param).toBe(param)
  })
})
