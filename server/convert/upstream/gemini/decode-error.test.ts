import { describe, expect, it } from 'vitest'
import { decodeGeminiError, isThinkingLevelRefused } from './decode-error.ts'
import { durationMs, untilDailyReset } from './duration.ts'

const now = Date.UTC(2026, 8, 1, 10, 0, 0)
const untilMidnight = 21 * 3_600_000

function body(code: number, status: string, message: string, ...details: object[]): object {
  return { error: { code, status, message, details } }
}
const info = (reason: string, metadata: object = {}) => ({ '@type': 'x/ErrorInfo', reason, metadata })
const retry = (retryDelay: string) => ({ '@type': 'x/RetryInfo', retryDelay })
const quota = (quotaId: string) => ({ '@type': 'x/QuotaFailure', violations: [{ quotaId }] })
const exhausted = (message: string, ...details: object[]) => body(429, 'RESOURCE_EXHAUSTED', message, ...details)

const cases: [string, number, unknown, string, number | undefined][] = [
  [
    'a wrong key',
    400,
    body(400, 'INVALID_ARGUMENT', 'API key not valid.', info('API_KEY_INVALID')),
    'sign-in-needed',
    undefined,
  ],
  [
    'a wrong key in words',
    400,
    body(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass'),
    'sign-in-needed',
    undefined,
  ],
  [
    'a leaked key',
    403,
    body(403, 'PERMISSION_DENIED', 'Your API key was reported as leaked.'),
    'sign-in-needed',
    undefined,
  ],
  ['unauthenticated', 401, body(401, 'UNAUTHENTICATED', 'x'), 'sign-in-needed', undefined],
  [
    'too long',
    400,
    body(400, 'INVALID_ARGUMENT', 'The input token count (9999) exceeds the maximum number of tokens allowed (1000).'),
    'prompt-too-long',
    undefined,
  ],
  ['payload too large', 413, 'too large', 'prompt-too-long', undefined],
  ['a bad request', 400, body(400, 'INVALID_ARGUMENT', 'Unknown name "x"'), 'invalid-request', undefined],
  ['a signature', 400, body(400, 'INVALID_ARGUMENT', 'Corrupted thought signature.'), 'signature-invalid', undefined],
  [
    'a missing signature',
    400,
    body(400, 'INVALID_ARGUMENT', 'Function call is missing a thought_signature in functionCall parts.'),
    'signature-invalid',
    undefined,
  ],
  [
    'location',
    400,
    body(400, 'FAILED_PRECONDITION', 'User location is not supported'),
    'feature-not-supported',
    undefined,
  ],
  ['verification', 403, body(403, 'PERMISSION_DENIED', 'x', info('VALIDATION_REQUIRED')), 'sign-in-needed', undefined],
  [
    'licence',
    403,
    body(403, 'PERMISSION_DENIED', 'x', info('SUBSCRIPTION_REQUIRED')),
    'feature-not-supported',
    undefined,
  ],
  [
    'terms',
    403,
    body(403, 'PERMISSION_DENIED', 'disabled in this account for violation of Terms of Service.'),
    'suspended',
    undefined,
  ],
  ['API off', 403, body(403, 'PERMISSION_DENIED', 'x', info('SERVICE_DISABLED')), 'feature-not-supported', undefined],
  ['forbidden', 403, body(403, 'PERMISSION_DENIED', 'x'), 'feature-not-supported', undefined],
  ['no model', 404, body(404, 'NOT_FOUND', 'x'), 'model-not-found', undefined],
  ['a short limit', 429, exhausted('x', info('RATE_LIMIT_EXCEEDED'), retry('3.957525076s')), 'rate-limited', 3_958],
  [
    'capacity words with a limit as reason',
    429,
    exhausted(
      'You have exhausted your capacity on this model. Your quota will reset after 3s.',
      info('RATE_LIMIT_EXCEEDED'),
    ),
    'rate-limited',
    3_000,
  ],
  ['a long limit', 429, exhausted('x', info('RATE_LIMIT_EXCEEDED'), retry('301s')), 'quota-exhausted', 301_000],
  ['a minute', 429, exhausted('x', quota('RequestsPerMinute')), 'rate-limited', 60_000],
  [
    'a minute, told in words',
    429,
    exhausted('Please retry in 44.09s.', quota('RequestsPerMinute')),
    'rate-limited',
    44_090,
  ],
  [
    'a day',
    429,
    exhausted('Please retry in 44.09s.', quota('RequestsPerDay'), retry('44s')),
    'quota-exhausted',
    untilMidnight,
  ],
  [
    'exhausted, with its reset',
    429,
    exhausted('x', info('QUOTA_EXHAUSTED', { quotaResetTimeStamp: '2026-09-01T10:30:00Z' })),
    'quota-exhausted',
    1_800_000,
  ],
  [
    'exhausted, with its delay',
    429,
    exhausted('x', info('QUOTA_EXHAUSTED', { quotaResetDelay: '1h16m0.667s' })),
    'quota-exhausted',
    4_560_667,
  ],
  ['credits', 429, exhausted('x', info('INSUFFICIENT_G1_CREDITS_BALANCE')), 'quota-exhausted', untilMidnight],
  [
    'not in the plan',
    429,
    exhausted('Quota exceeded, limit: 0', quota('RequestsPerDay')),
    'feature-not-supported',
    undefined,
  ],
  ['capacity', 429, exhausted('x', info('MODEL_CAPACITY_EXHAUSTED')), 'overloaded', undefined],
  ['no details', 429, exhausted('Resource has been exhausted (e.g. check quota).'), 'rate-limited', 30_000],
  ['unavailable', 503, body(503, 'UNAVAILABLE', 'No capacity available'), 'overloaded', undefined],
  ['internal', 500, body(500, 'INTERNAL', 'x'), 'upstream-error', undefined],
  ['a gateway page', 502, '<html>', 'upstream-error', undefined],
  ['cancelled', 499, body(499, 'CANCELLED', 'x'), 'upstream-error', undefined],
]

describe('gemini/decode-error', () => {
  it.each(cases)('%s', (_name, status, content, kind, retryAfterMs) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    const error = decodeGeminiError(status, text, now)
    expect({ kind: error.kind, retryAfterMs: error.retryAfterMs }).toEqual({ kind, retryAfterMs })
    expect(error.upstreamStatus).toBe(status)
  })

  it('reads lists, nested errors and stray commas', () => {
    const inner = JSON.stringify(exhausted('x', info('QUOTA_EXHAUSTED')))
      .replace('"code"', ',"code"')
      .replace('{,', '{')
    const nested = JSON.stringify([body(429, 'X', JSON.stringify(body(429, 'Y', inner)))])
    expect(decodeGeminiError(429, nested, now).upstream?.code).toBe('QUOTA_EXHAUSTED')
    const commas = '{"error":{"code":429,,"status":"RESOURCE_EXHAUSTED",,"message":"limit: 0"}}'
    expect(decodeGeminiError(429, commas, now).kind).toBe('feature-not-supported')
  })

  it('says how long the prompt is, shows the page that helps, and hides keys', () => {
    const text = 'The input token count (9999) exceeds the maximum number of tokens allowed (1000).'
    expect(decodeGeminiError(400, JSON.stringify(body(400, 'X', text))).promptSize).toEqual({
      tokens: 9_999,
      limit: 1_000,
    })
    const verify = body(403, 'X', 'x', info('VALIDATION_REQUIRED', { validation_url: 'https://g.co/verify' }))
    expect(decodeGeminiError(403, JSON.stringify(verify)).message).toContain('https://g.co/verify')
    const key = `AIza${'a'.repeat(35)}`
    const error = decodeGeminiError(400, JSON.stringify(body(400, 'X', `key ${key}`)))
    expect(`${error.message}${error.upstream?.message}`).not.toContain(key)
  })

  it('tells a refused thinking level', () => {
    const refused = decodeGeminiError(400, JSON.stringify(body(400, 'X', 'Unknown name "thinkingLevel"')))
    expect(isThinkingLevelRefused(refused)).toBe(true)
    expect(isThinkingLevelRefused(decodeGeminiError(500, ''))).toBe(false)
  })

  it.each(['', 'null', '[]', '[null]', '{"error":7}', '{"error":{"details":[{"metadata":7}]}}'])(
    'never throws: %s',
    (text) => {
      expect(decodeGeminiError(500, text).kind).toBe('upstream-error')
    },
  )
})

describe('gemini/duration', () => {
  it.each([
    ['34.07s', 34_070],
    ['900ms', 900],
    ['1h16m0.667s', 4_560_667],
    ['99999h', 604_800_000],
    ['', undefined],
    ['5', undefined],
    ['1d', undefined],
    [7, undefined],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms)
  })

  it('knows when the day ends in California', () => {
    expect(untilDailyReset(now)).toBe(untilMidnight)
    expect(untilDailyReset(Date.UTC(2026, 0, 1, 8, 0, 0))).toBe(24 * 3_600_000)
  })
})
