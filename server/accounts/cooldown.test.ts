import { describe, expect, it } from 'vitest'
import { ProxyError } from '../canonical/error.ts'
import type { ErrorKind, ProxyErrorOptions } from '../canonical/error.ts'
import type { StoredAccount } from '../store/types.ts'
import { storedAccount } from '../../tests/support/accounts/fixtures.ts'
import { afterFailure, afterSuccess, growing } from './cooldown.ts'
import type { AccountFields } from './account-book.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const SECOND = 1_000
const MINUTE = 60_000

function fail(
  kind: ErrorKind,
  account: Partial<StoredAccount> = {},
  options: ProxyErrorOptions & { maxErrorCount?: number; random?: number } = {},
): AccountFields | undefined {
  const { maxErrorCount = 0, random = 0, ...rest } = options
  return afterFailure(storedAccount('a', account), new ProxyError(kind, `It was ${kind}.`, rest), {
    now: NOW,
    random: () => random,
    maxErrorCount,
  })
}

function restOf(fields: AccountFields | undefined): number {
  return (fields?.restsUntil ?? Number.NaN) - NOW
}

describe('cooldown: afterFailure', () => {
  const silent: ErrorKind[] = [
    'invalid-request',
    'prompt-too-long',
    'request-too-large',
    'cancelled',
    'overloaded',
    'signature-invalid',
    'model-not-found',
    'no-account',
    'internal',
  ]
  for (const kind of silent) {
    it(`does not blame the account for ${kind}`, () => {
      expect(fail(kind)).toBeUndefined()
    })
  }

  const rests: [string, ErrorKind, Partial<StoredAccount>, ProxyErrorOptions, number | undefined][] = [
    ['the first rate limit', 'rate-limited', {}, {}, 2 * SECOND],
    ['the third in a row', 'rate-limited', { consecutiveFailures: 2 }, {}, 8 * SECOND],
    ['many in a row: never over 5 minutes', 'rate-limited', { consecutiveFailures: 40 }, {}, 5 * MINUTE],
    ['a rate limit as told', 'rate-limited', { consecutiveFailures: 4 }, { retryAfterMs: 17_000 }, 17 * SECOND],
    ['a rate limit told in days', 'rate-limited', {}, { retryAfterMs: 9e9 }, 24 * 60 * MINUTE],
    ['suspicious activity', 'suspicious-activity', {}, {}, 30 * MINUTE],
    ['suspicious activity, whatever it was told', 'suspicious-activity', {}, { retryAfterMs: 5 }, 30 * MINUTE],
    ['suspicious activity again', 'suspicious-activity', { consecutiveFailures: 1 }, {}, 60 * MINUTE],
    ['one server error', 'upstream-error', {}, {}, undefined],
    ['the second timeout', 'timeout', { consecutiveFailures: 1 }, {}, undefined],
    ['the third server error', 'upstream-error', { consecutiveFailures: 2 }, {}, 2 * SECOND],
    ['the twentieth server error', 'upstream-error', { consecutiveFailures: 19 }, {}, MINUTE],
    ['the twentieth network error', 'network', { consecutiveFailures: 19 }, {}, 5 * SECOND],
    ['a renewed token that is refused', 'token-invalid', {}, {}, 30 * SECOND],
  ]
  for (const [name, kind, account, options, expected] of rests) {
    it(`rests after ${name}`, () => {
      const fields = fail(kind, account, options)
      expect(fields?.errorCount).toBe(1)
      expect(fields?.consecutiveFailures).toBe((account.consecutiveFailures ?? 0) + 1)
      const told = { status: fields?.status, reason: fields?.statusReason, rest: restOf(fields) }
      const resting = { status: 'resting', reason: `It was ${kind}.`, rest: expected }
      expect(told).toEqual(expected === undefined ? { rest: Number.NaN } : resting)
    })
  }

  it('takes chance off a growing rest but never goes below its start', () => {
    for (const random of [0, 0.3, 0.999]) {
      expect(growing(2_000, 1, 300_000, { random: () => random })).toBe(2_000)
      const later = growing(2_000, 6, 300_000, { random: () => random })
      expect(later).toBeGreaterThanOrEqual(32_000)
      expect(later).toBeLessThanOrEqual(64_000)
    }
  })

  it('rests until the allowance resets: as told, else by the quota, else next month', () => {
    expect(fail('quota-exhausted')).toMatchObject({ status: 'limit-reached', restsUntil: Date.UTC(2026, 11, 1) })
    const resetsAt = NOW + 3 * 86_400_000
    expect(fail('quota-exhausted', { quota: { resetsAt } })?.restsUntil).toBe(resetsAt)
    expect(fail('quota-exhausted', { quota: { resetsAt: NOW - 1 } })?.restsUntil).toBe(Date.UTC(2026, 11, 1))
    expect(restOf(fail('quota-exhausted', { quota: { resetsAt } }, { retryAfterMs: 60_000 }))).toBe(60_000)
    const daily = { upstream: { upstream: 'amazon-q' as const, code: 'DAILY_REQUEST_COUNT' } }
    expect(fail('quota-exhausted', { quota: { resetsAt } }, daily)?.restsUntil).toBe(Date.UTC(2026, 10, 21))
  })

  it('switches a suspended account off for good', () => {
    const fields = fail('suspended', { status: 'resting', restsUntil: NOW + 1 })
    expect(fields).toMatchObject({ status: 'suspended', enabled: false, restsUntil: null })
  })

  it('does not soften a state that only the person can end', () => {
    for (const status of ['suspended', 'sign-in-needed'] as const) {
      for (const kind of ['rate-limited', 'quota-exhausted', 'suspicious-activity'] as const) {
        expect(fail(kind, { status })?.status).toBeUndefined()
      }
    }
    expect(fail('sign-in-needed', { status: 'suspended' })?.status).toBeUndefined()
  })

  it('keeps the longer of two rests', () => {
    const long = { status: 'resting' as const, restsUntil: NOW + 30 * MINUTE }
    expect(fail('rate-limited', long)?.restsUntil).toBeUndefined()
    expect(restOf(fail('suspicious-activity', { ...long, restsUntil: NOW + 5 }))).toBe(30 * MINUTE)
  })

  it('switches off after too many errors in a row, and says why', () => {
    const below = fail('upstream-error', { consecutiveFailures: 8 }, { maxErrorCount: 10 })
    expect(below?.enabled).toBeUndefined()
    const at = fail('upstream-error', { consecutiveFailures: 9 }, { maxErrorCount: 10 })
    expect(at?.enabled).toBe(false)
    expect(at?.statusReason).toContain('10 errors in a row')
    expect(fail('upstream-error', { consecutiveFailures: 999 })?.enabled).toBeUndefined()
  })
})

describe('cooldown: afterSuccess', () => {
  it('ends a row of failures and a rest that is over', () => {
    const account = storedAccount('a', {
      consecutiveFailures: 5,
      status: 'resting',
      restsUntil: NOW - 1,
      statusReason: 'x',
    })
    expect(afterSuccess(account, NOW)).toEqual({
      successCount: 1,
      lastUsedAt: NOW,
      consecutiveFailures: 0,
      status: 'ready',
      statusReason: null,
      statusSince: NOW,
      restsUntil: null,
    })
  })

  it('does not cut a rest short when an older request ends well', () => {
    const account = storedAccount('a', { consecutiveFailures: 1, status: 'resting', restsUntil: NOW + 1 })
    expect(afterSuccess(account, NOW)).toEqual({ successCount: 1, lastUsedAt: NOW })
    expect(afterSuccess(storedAccount('a', { status: 'suspended' }), NOW).status).toBeUndefined()
  })
})
