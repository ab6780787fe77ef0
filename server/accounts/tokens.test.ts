import { afterEach, describe, expect, it } from 'vitest'
import { ProxyError } from '../canonical/error.ts'
import { openStore } from '../store/open-store.ts'
import type { StoredAccount } from '../store/types.ts'
import { recordingSecrets, storedAccount, testClock } from '../../tests/support/accounts/fixtures.ts'
import { openAccountBook } from './account-book.ts'
import { SignInError } from './sign-in-error.ts'
import type { TokenSet } from './token-set.ts'
import { createTokenService } from './tokens.ts'

const cleanups: (() => Promise<unknown>)[] = []
const MINUTE = 60_000

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

type Refresh = (account: StoredAccount, call: number) => Promise<TokenSet>

/** A token service over a real store, whose login service is `refresh`. */
async function setUp(
  refresh: Refresh,
  secretValues: Record<string, string> = {},
  account: Partial<StoredAccount> = {},
) {
  const store = await openStore({ path: ':memory:' })
  const clock = testClock(1_000_000)
  const book = await openAccountBook({ store, secrets: recordingSecrets(), now: clock.now, onError: () => undefined })
  await book.insert(storedAccount('a', account))
  const secrets = recordingSecrets({ 'account/a/refresh-token': 'refresh-0', ...secretValues })
  const calls: string[] = []
  const deps = {
    book,
    secrets,
    now: clock.now,
    refresh: async (one: StoredAccount) => {
      calls.push((await secrets.get('account/a/refresh-token')) ?? '')
      return await refresh(one, calls.length)
    },
  }
  cleanups.push(async () => {
    await book.close()
    await store.close()
  })
  return { tokens: createTokenService(deps), restart: () => createTokenService(deps), book, secrets, clock, calls }
}

function tokenSet(call: number, clock: { now: () => number }, lifeMs = 60 * MINUTE): TokenSet {
  return { accessToken: `access-${call}`, refreshToken: `refresh-${call}`, expiresAt: clock.now() + lifeMs }
}

async function kindOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof ProxyError ? error.kind : String(error)),
  )
}

describe('tokens: fresh', () => {
  it('renews once for many callers, and then answers from memory', async () => {
    const gate = Promise.withResolvers<void>()
    const test = await setUp(async (_account, call) => {
      await gate.promise
      return tokenSet(call, test.clock)
    })
    const waiting = Array.from({ length: 50 }, () => test.tokens.fresh('a'))
    gate.resolve()
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['access-1']))
    expect(await test.tokens.fresh('a')).toBe('access-1')
    expect(test.calls).toEqual(['refresh-0'])
  })

  it('has stored the rotated refresh token before it gives the access token out', async () => {
    const test = await setUp((_account, call) => Promise.resolve(tokenSet(call, test.clock)))
    await test.tokens.fresh('a')
    expect(test.secrets.writes).toEqual(['account/a/refresh-token', 'account/a/access-token'])
    expect(await test.secrets.get('account/a/refresh-token')).toBe('refresh-1')
    expect(test.book.get('a')).toMatchObject({ lastRefreshStatus: 'success', lastRefreshTime: test.clock.now() })
  })

  it('uses the sealed token after a restart, without asking the login service', async () => {
    const test = await setUp((_account, call) => Promise.resolve(tokenSet(call, test.clock)))
    await test.tokens.fresh('a')
    expect(await test.restart().fresh('a')).toBe('access-1')
    expect(test.calls).toHaveLength(1)
  })

  it('renews five minutes early, with the newest refresh token', async () => {
    const test = await setUp((_account, call) => Promise.resolve(tokenSet(call, test.clock)))
    await test.tokens.fresh('a')
    test.clock.advance(54 * MINUTE)
    expect(await test.tokens.fresh('a')).toBe('access-1')
    test.clock.advance(2 * MINUTE)
    expect(await test.tokens.fresh('a')).toBe('access-2')
    expect(test.calls).toEqual(['refresh-0', 'refresh-1'])
  })

  it('keeps a refresh token that the service did not rotate', async () => {
    const test = await setUp((_account, call) => {
      const { refreshToken: _refreshToken, ...rest } = tokenSet(call, test.clock)
      return Promise.resolve(rest)
    })
    await test.tokens.fresh('a')
    expect(await test.secrets.get('account/a/refresh-token')).toBe('refresh-0')
  })

  it('uses a token that still lives when the early renewal fails, and does not ask again at once', async () => {
    const test = await setUp((_account, call) => {
      if (call === 1) return Promise.resolve(tokenSet(call, test.clock, 4 * MINUTE))
      if (call === 2) return Promise.reject(new ProxyError('network', 'Offline.'))
      return Promise.resolve(tokenSet(call, test.clock))
    })
    expect(await test.tokens.fresh('a')).toBe('access-1')
    expect(await test.tokens.fresh('a')).toBe('access-1')
    expect(await test.tokens.fresh('a')).toBe('access-1')
    expect(test.calls).toHaveLength(2)
    test.clock.advance(31_000)
    expect(await test.tokens.fresh('a')).toBe('access-3')
  })

  it('lets one caller go without stopping the renewal for the others', async () => {
    const gate = Promise.withResolvers<void>()
    const test = await setUp(async (_account, call) => {
      await gate.promise
      return tokenSet(call, test.clock)
    })
    const leaving = new AbortController()
    const left = test.tokens.fresh('a', leaving.signal)
    const stayed = test.tokens.fresh('a')
    leaving.abort()
    expect(await kindOf(left)).toBe('cancelled')
    gate.resolve()
    expect(await stayed).toBe('access-1')
  })

  it('hands an API key out as it is', async () => {
    const test = await setUp(
      () => Promise.reject(new Error('unused')),
      { 'account/a/api-key': 'ksk_1' },
      { authMethod: 'api-key' },
    )
    expect(await test.tokens.fresh('a')).toBe('ksk_1')
    expect(await kindOf(test.tokens.renew('a', 'ksk_1'))).toBe('sign-in-needed')
  })
})

describe('tokens: failures', () => {
  const cases: [string, unknown, string, boolean][] = [
    ['invalid_grant', new SignInError('invalid_grant', 'Gone.', { status: 400 }), 'sign-in-needed', true],
    ['invalid_client', new SignInError('invalid_client', 'Gone.', { status: 401 }), 'sign-in-needed', true],
    ['expired_token', new SignInError('expired_token', 'Gone.', { status: 400 }), 'sign-in-needed', true],
    ['invalid_request', new SignInError('invalid_request', 'Odd.', { status: 400 }), 'upstream-error', false],
    ['server_error', new SignInError('server_error', 'Down.', { status: 500 }), 'upstream-error', false],
    ['a 429', new SignInError('rate_limited', 'Slow.', { status: 429, retryAfterMs: 9 }), 'rate-limited', false],
    ['no network', new ProxyError('network', 'Offline.'), 'network', false],
    ['an error of ours', new Error('bug'), 'internal', false],
  ]
  for (const [name, error, kind, isOver] of cases) {
    it(`turns ${name} into ${kind}`, async () => {
      const test = await setUp(() => Promise.reject(error))
      expect(await kindOf(test.tokens.fresh('a'))).toBe(kind)
      const account = test.book.get('a')
      expect(account?.status).toBe(isOver ? 'sign-in-needed' : 'ready')
      expect(await test.secrets.get('account/a/refresh-token')).toBe('refresh-0')
      expect(account?.lastRefreshStatus).not.toBe('success')
    })
  }

  it('asks no more once a sign-in is needed', async () => {
    const test = await setUp(() => Promise.reject(new SignInError('invalid_grant', 'Gone.', { status: 400 })))
    await kindOf(test.tokens.fresh('a'))
    expect(await kindOf(test.tokens.fresh('a'))).toBe('sign-in-needed')
    expect(test.calls).toHaveLength(1)
  })

  it('does not lose a rotated token when the keychain refuses: it saves it later, without another renewal', async () => {
    const test = await setUp((_account, call) => {
      test.secrets.refuse = call === 1
      return Promise.resolve(tokenSet(call, test.clock))
    })
    expect(await kindOf(test.tokens.fresh('a'))).toBe('internal')
    expect(test.book.get('a')?.status).toBe('ready')
    test.secrets.refuse = false
    expect(await test.tokens.fresh('a')).toBe('access-1')
    expect(test.calls).toHaveLength(1)
    expect(await test.secrets.get('account/a/refresh-token')).toBe('refresh-1')
  })
})

describe('tokens: renew and adopt', () => {
  it('renews a refused token once, also for those who held the same one', async () => {
    const test = await setUp((_account, call) => Promise.resolve(tokenSet(call, test.clock)))
    const refused = await test.tokens.fresh('a')
    const renewed = await Promise.all([test.tokens.renew('a', refused), test.tokens.renew('a', refused)])
    expect(renewed).toEqual(['access-2', 'access-2'])
    expect(await test.tokens.renew('a', refused)).toBe('access-2')
    expect(test.calls).toHaveLength(2)
  })

  it('prefers the tokens of a login that came during a renewal', async () => {
    const gate = Promise.withResolvers<void>()
    const test = await setUp(async (_account, call) => {
      await gate.promise
      return tokenSet(call, test.clock)
    })
    const waiting = test.tokens.fresh('a')
    await new Promise((resolve) => setImmediate(resolve))
    const expiresAt = test.clock.now() + 60 * MINUTE
    await test.tokens.adopt('a', { accessToken: 'login', refreshToken: 'login-refresh', expiresAt })
    gate.resolve()
    expect(await waiting).toBe('login')
    expect(await test.secrets.get('account/a/refresh-token')).toBe('login-refresh')
  })
})

describe('tokens: by hand', () => {
  it('renews a token that still lives', async () => {
    const test = await setUp((_account, call) => Promise.resolve(tokenSet(call, test.clock)))
    await test.tokens.fresh('a')
    await test.tokens.renewByHand('a')
    expect(await test.tokens.fresh('a')).toBe('access-2')
    expect(test.calls).toEqual(['refresh-0', 'refresh-1'])
  })

  it('tries a sign-in again that was given up, and brings the account back', async () => {
    const dead = new SignInError('invalid_grant', 'No.', { status: 400 })
    const test = await setUp((_account, call) =>
      call < 3 ? Promise.reject(dead) : Promise.resolve(tokenSet(call, test.clock)),
    )
    expect(await kindOf(test.tokens.fresh('a'))).toBe('sign-in-needed')
    expect(await kindOf(test.tokens.fresh('a'))).toBe('sign-in-needed')
    expect(test.calls).toHaveLength(1)
    expect(await kindOf(test.tokens.renewByHand('a'))).toBe('sign-in-needed')
    expect(test.book.get('a')).toMatchObject({ status: 'sign-in-needed' })
    await test.tokens.renewByHand('a')
    expect(test.book.get('a')).toMatchObject({ status: 'ready', statusReason: null, lastRefreshStatus: 'success' })
    expect(await test.tokens.fresh('a')).toBe('access-3')
  })

  it('leaves an account alone that has nothing to renew with', async () => {
    const test = await setUp(() => Promise.reject(new Error('not to be called')))
    await test.secrets.delete('account/a/refresh-token')
    await test.tokens.adopt('a', { accessToken: 'alone', expiresAt: Number.MAX_SAFE_INTEGER })
    expect(await kindOf(test.tokens.renewByHand('a'))).toBe('sign-in-needed')
    expect(test.book.get('a')).toMatchObject({ status: 'ready' })
    expect(await test.restart().fresh('a')).toBe('alone')
  })

  it('has nothing to do for an API key', async () => {
    const test = await setUp(() => Promise.reject(new Error('not to be called')), {}, { authMethod: 'api-key' })
    expect(await kindOf(test.tokens.renewByHand('a'))).toBe('resolved')
  })
})
