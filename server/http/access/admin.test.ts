import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { decideAdmin } from './admin.ts'
import { createFailureLimiter } from './failure-limiter.ts'

function from(remoteAddress: string, authorization?: string): Pick<IncomingMessage, 'headers' | 'socket'> {
  const headers = authorization === undefined ? {} : { authorization }
  return { headers, socket: { remoteAddress } as IncomingMessage['socket'] }
}

describe('server/http/access/admin.ts', () => {
  const admin = { verify: (token: string) => token === 'right' }

  it.each<[string | undefined, boolean]>([
    ['Bearer right', true],
    ['bearer right', true],
    ['Bearer wrong', false],
    ['Bearer ', false],
    ['Basic right', false],
    [`Bearer ${'x'.repeat(2_000)}`, false],
    [undefined, false],
  ])('%s: %s', (authorization, ok) => {
    const failures = createFailureLimiter({ limit: 5, windowMs: 1_000, now: () => 0 })
    const decision = decideAdmin(from('127.0.0.1', authorization), admin, failures)
    expect(decision).toMatchObject(ok ? { ok } : { ok, error: { kind: 'unauthenticated' } })
  })

  it('locks an address out after five wrong tokens, for fifteen minutes, and no other address', () => {
    let time = 0
    const failures = createFailureLimiter({ limit: 5, windowMs: 900_000, now: () => time })
    const attempt = (address: string, token: string) => decideAdmin(from(address, `Bearer ${token}`), admin, failures)
    for (let count = 0; count < 5; count++)
      expect(attempt('127.0.0.1', `guess ${count}`.replace(' ', '')).ok).toBe(false)
    expect(attempt('127.0.0.1', 'right')).toMatchObject({
      ok: false,
      error: { kind: 'client-rate-limited', retryAfterMs: 900_000 },
    })
    expect(attempt('10.0.0.2', 'right').ok).toBe(true)
    time = 899_999
    expect(attempt('127.0.0.1', 'right').ok).toBe(false)
    time = 900_000
    expect(attempt('127.0.0.1', 'right').ok).toBe(true)
  })

  it('does not count requests without a token, and forgets failures after a success', () => {
    const failures = createFailureLimiter({ limit: 5, windowMs: 900_000, now: () => 0 })
    for (let count = 0; count < 20; count++) decideAdmin(from('::1'), admin, failures)
    for (let count = 0; count < 4; count++) decideAdmin(from('::1', 'Bearer no'), admin, failures)
    expect(decideAdmin(from('::1', 'Bearer right'), admin, failures).ok).toBe(true)
    for (let count = 0; count < 4; count++) decideAdmin(from('::1', 'Bearer no'), admin, failures)
    expect(decideAdmin(from('::1', 'Bearer right'), admin, failures).ok).toBe(true)
  })
})

describe('server/http/access/failure-limiter.ts', () => {
  it('counts the addresses of one IPv6 network as one', () => {
    const failures = createFailureLimiter({ limit: 2, windowMs: 1_000, now: () => 0 })
    failures.fail('2001:db8:1:2::1')
    failures.fail('2001:db8:1:2:aaaa:bbbb:cccc:dddd')
    expect(failures.lockedFor('2001:db8:1:2::77')).toBe(1_000)
    expect(failures.lockedFor('2001:db8:1:3::77')).toBe(0)
    failures.fail('::ffff:10.0.0.1')
    failures.fail('10.0.0.1')
    expect(failures.lockedFor('10.0.0.1')).toBe(1_000)
  })

  it('forgets single failures after the window', () => {
    let time = 0
    const failures = createFailureLimiter({ limit: 2, windowMs: 1_000, now: () => time })
    failures.fail('10.0.0.1')
    time = 1_000
    failures.fail('10.0.0.1')
    expect(failures.lockedFor('10.0.0.1')).toBe(0)
  })

  it('remembers a bounded number of addresses, the latest ones', () => {
    const failures = createFailureLimiter({ limit: 1, windowMs: 1_000, maximumAddresses: 3, now: () => 0 })
    for (let last = 1; last <= 5; last++) failures.fail(`10.0.0.${last}`)
    expect([1, 2, 3, 4, 5].map((last) => failures.lockedFor(`10.0.0.${last}`) > 0)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ])
  })
})
