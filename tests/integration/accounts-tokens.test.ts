import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NewAccount } from '../../server/accounts/account-service.ts'
import { ProxyError } from '../../server/canonical/error.ts'
import type { StoredAccount } from '../../server/store/types.ts'
import { startSimulator } from '../../simulator/index.ts'
import type { IssuedAccount, Simulator } from '../../simulator/index.ts'
import { testClock } from '../support/accounts/fixtures.ts'
import { createMachine } from '../support/accounts/harness.ts'
import type { Machine, Program } from '../support/accounts/harness.ts'

let simulator: Simulator
let machine: Machine

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

beforeEach(async () => {
  simulator.reset()
  machine = await createMachine(simulator)
})

afterEach(() => machine.remove())

function credentials(issued: IssuedAccount): NewAccount {
  return {
    type: 'kiro',
    refreshToken: issued.refreshToken,
    ...(issued.kind === 'social' ? {} : { clientId: issued.clientId, clientSecret: issued.clientSecret }),
    ...(issued.profileArn === undefined ? {} : { profileArn: issued.profileArn }),
    ...(issued.startUrl === undefined ? {} : { startUrl: issued.startUrl }),
  }
}

/** An account whose details were fetched, so that no call in the background disturbs what is counted. */
async function add(program: Program, issued: IssuedAccount): Promise<StoredAccount> {
  const account = await program.service.add(credentials(issued))
  await program.service.refreshDetails(account.id)
  return account
}

function refreshes(): number {
  return simulator.received.filter(({ route }) => route === 'token' || route === 'kiro-refresh').length
}

async function kindOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof ProxyError ? error.kind : String(error)),
  )
}

describe('accounts-tokens', () => {
  for (const kind of ['builder-id', 'idc', 'social'] as const) {
    it(`renews once for 50 callers at a time (${kind})`, async () => {
      const program = await machine.start()
      const account = await add(program, simulator.issueAccount({ kind }))
      const first = await program.tokens.fresh(account.id)
      const before = refreshes()
      const renewed = await Promise.all(Array.from({ length: 50 }, () => program.tokens.renew(account.id, first)))
      expect(new Set(renewed).size).toBe(1)
      expect(renewed[0]).not.toBe(first)
      expect(refreshes()).toBe(before + 1)
      expect(simulator.refreshTokenReuse).toBe(0)
    })
  }

  it('renews in good time, again and again, over restarts, and never shows an old refresh token', async () => {
    const clock = testClock(Date.now())
    let program = await machine.start(clock)
    const { id } = await add(program, simulator.issueAccount())
    let last = await program.tokens.fresh(id)
    for (let round = 0; round < 4; round++) {
      clock.advance(56 * 60_000)
      const token = await program.tokens.fresh(id)
      expect(token).not.toBe(last)
      last = token
      await program.stop()
      program = await machine.start(clock)
      expect(await program.tokens.fresh(id)).toBe(token)
    }
    expect(simulator.refreshTokenReuse).toBe(0)
  })

  it('survives a kill right after a renewal', async () => {
    const program = await machine.start()
    const { id } = await add(program, simulator.issueAccount())
    const token = await program.tokens.renew(id, await program.tokens.fresh(id))
    await program.kill()
    const again = await machine.start()
    expect(await again.tokens.fresh(id)).toBe(token)
    expect(await kindOf(again.tokens.renew(id, token))).toBe('resolved')
    expect(simulator.refreshTokenReuse).toBe(0)
  })

  it('survives a kill while the login service thinks', async () => {
    const program = await machine.start()
    const { id } = await add(program, simulator.issueAccount())
    const token = await program.tokens.fresh(id)
    simulator.configure({ pace: { delayTokenMs: 60_000 } })
    const renewal = kindOf(program.tokens.renew(id, token))
    await simulator.when(({ route, outcome }) => route === 'token' && outcome === 'open')
    await program.kill()
    await renewal
    await simulator.when(({ route, outcome }) => route === 'token' && outcome === 'aborted')
    simulator.configure({ pace: { delayTokenMs: 0 } })
    const again = await machine.start()
    expect(await kindOf(again.tokens.renew(id, token))).toBe('resolved')
  })

  it('notices a token that died early, in a call of its own, and renews it', async () => {
    const program = await machine.start()
    const { id } = await add(program, simulator.issueAccount())
    simulator.expireAccessTokens()
    const { failures, account } = await program.service.refreshDetails(id)
    expect(failures).toEqual([])
    expect(account?.status).toBe('ready')
  })

  it('asks for a new sign-in when the refresh token is revoked, and stays so over a restart', async () => {
    for (const kind of ['builder-id', 'social'] as const) {
      const program = await machine.start()
      const issued = simulator.issueAccount({ kind })
      const { id } = await add(program, issued)
      simulator.revokeRefreshToken(issued.id)
      const token = await program.tokens.fresh(id)
      expect(await kindOf(program.tokens.renew(id, token))).toBe('sign-in-needed')
      await program.kill()
      const again = await machine.start()
      expect(again.service.get(id)).toMatchObject({ status: 'sign-in-needed' })
      expect(again.pool.unavailability({ resolve: () => 'm', accountId: id }).kind).toBe('sign-in-needed')
      await again.stop()
    }
  })

  for (const [fault, kind, status] of [
    ['internal-error', 'upstream-error', 'ready'],
    ['throttled', 'rate-limited', 'ready'],
    ['server-error', 'upstream-error', 'ready'],
    ['invalid-client', 'sign-in-needed', 'sign-in-needed'],
    ['expired-token', 'sign-in-needed', 'sign-in-needed'],
    ['cut-before-headers', 'network', 'ready'],
  ] as const) {
    it(`is ${status} after ${fault} at a renewal`, async () => {
      const program = await machine.start()
      const { id } = await add(program, simulator.issueAccount())
      const token = await program.tokens.fresh(id)
      simulator.setFault({ name: fault, on: 'token' })
      expect(await kindOf(program.tokens.renew(id, token))).toBe(kind)
      expect(program.service.get(id)?.status).toBe(status)
      simulator.setFault(undefined)
      expect(await kindOf(program.tokens.renew(id, token))).toBe(status === 'ready' ? 'resolved' : status)
    })
  }

  it('refuses the same refresh token twice, and one that was cut off', async () => {
    const program = await machine.start()
    const issued = simulator.issueAccount()
    const { id } = await add(program, issued)
    const refreshToken = (await machine.secrets.get(`account/${id}/refresh-token`)) ?? ''
    expect(await kindOf(program.service.add({ ...credentials(issued), refreshToken }))).toBe('invalid-request')
    expect(await kindOf(program.service.add({ type: 'kiro', refreshToken: 'aor-abc...' }))).toBe('invalid-request')
    expect(await kindOf(program.service.add({ type: 'kiro' }))).toBe('invalid-request')
    expect(program.service.list()).toHaveLength(1)
  })

  it('removes an account with all its secrets', async () => {
    const program = await machine.start()
    const { id } = await add(program, simulator.issueAccount())
    await program.service.remove(id)
    expect(program.service.list()).toEqual([])
    expect(await machine.secrets.names()).toEqual([])
    expect(await kindOf(program.tokens.fresh(id))).toBe('no-account')
  })

  it('keeps no secret in the database', async () => {
    const program = await machine.start()
    const issued = simulator.issueAccount()
    const { id } = await program.service.add({ ...credentials(issued), other: { apiKey: 'sk-secret', rpm: 3 } })
    await program.tokens.fresh(id)
    const rows = JSON.stringify(await program.store.accounts.list())
    for (const secret of [issued.refreshToken, issued.clientSecret, 'sk-secret', await program.tokens.fresh(id)]) {
      expect(rows).not.toContain(secret)
    }
    expect(program.service.get(id)?.other).toEqual({ rpm: 3 })
  })
})

describe('accounts-tokens: care', () => {
  it('fetches what is missing, and the quota after use', async () => {
    const clock = testClock(Date.now())
    const program = await machine.start(clock)
    const { id } = await add(program, simulator.issueAccount({ kind: 'social' }))
    const usage = (): number => simulator.received.filter(({ route }) => route === 'usage').length
    program.care.round()
    await program.care.idle()
    const before = usage()
    clock.advance(6 * 60_000)
    program.care.round()
    await program.care.idle()
    expect(usage()).toBe(before)
    program.pool.succeeded(id)
    clock.advance(30_000)
    program.care.round()
    await program.care.idle()
    expect(usage()).toBe(before + 1)
    clock.advance(10 * 60_000)
    program.care.round()
    await program.care.idle()
    expect(usage()).toBe(before + 1)
  })

  it('renews tokens of accounts in use ahead of their end, lists models daily, and ends rests', async () => {
    const clock = testClock(Date.now())
    const program = await machine.start(clock)
    const { id } = await add(program, simulator.issueAccount())
    const token = await program.tokens.fresh(id)
    program.pool.succeeded(id)
    clock.advance(29 * 60_000)
    program.pool.succeeded(id)
    clock.advance(27 * 60_000)
    program.care.round()
    await program.care.idle()
    expect(await program.tokens.fresh(id)).not.toBe(token)

    await program.book.change(id, { status: 'resting', restsUntil: clock.now() + 1_000 })
    program.care.round()
    expect(program.service.get(id)?.status).toBe('resting')
    clock.advance(1_001)
    program.care.round()
    expect(program.service.get(id)).toMatchObject({ status: 'ready', restsUntil: null })

    const models = simulator.received.filter(({ route }) => route === 'models').length
    clock.advance(25 * 3_600_000)
    program.care.round()
    await program.care.idle()
    expect(simulator.received.filter(({ route }) => route === 'models').length).toBeGreaterThan(models)
    expect(program.errors).toEqual([])
  })
})
