import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ProxyError, toProxyError } from '../../server/canonical/error.ts'
import type { StoredAccount } from '../../server/store/types.ts'
import { startSimulator } from '../../simulator/index.ts'
import type { Fault, FaultName, Simulator } from '../../simulator/index.ts'
import { testClock } from '../support/accounts/fixtures.ts'
import { createMachine } from '../support/accounts/harness.ts'
import type { Machine, Program, ProgramOptions } from '../support/accounts/harness.ts'

const MODEL = 'claude-sonnet-4.5'
const START = Date.UTC(2027, 0, 10, 12)

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

async function withAccount(options: Required<Pick<ProgramOptions, 'now'>>): Promise<[Program, StoredAccount]> {
  const program = await machine.start(options)
  const issued = simulator.issueAccount({ kind: 'social' })
  const account = await program.service.add({
    type: 'kiro',
    refreshToken: issued.refreshToken,
    profileArn: issued.profileArn ?? '',
  })
  await program.service.refreshDetails(account.id)
  return [program, account]
}

const query = { resolve: () => MODEL }

/** One request on the account that the pool names first, reported back to the pool as the proxy does. */
async function use(program: Program): Promise<ProxyError | undefined> {
  const [candidate] = program.pool.candidates(query)
  if (candidate === undefined) return program.pool.unavailability(query)
  const { account, model } = candidate
  program.pool.started(account.id)
  try {
    const stream = await program.backend.stream({
      account,
      accessToken: await program.tokens.fresh(account.id),
      request: {
        model,
        system: [],
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }],
        tools: [],
        toolChoice: { type: 'auto' },
        sampling: {},
        stream: true,
        extras: {},
      },
      conversationId: '5b0c1a52-8f3d-4a51-9a57-0c6d6f5f1e11',
      signal: new AbortController().signal,
      timeouts: { firstByteMs: 5_000, idleMs: 5_000 },
      options: { userAgent: 'Culvert/test', optOutOfTraining: true, cachePoints: false },
    })
    for await (const _batch of stream.events);
    program.pool.succeeded(account.id, undefined, model)
    return undefined
  } catch (error) {
    const failure = toProxyError(error)
    program.pool.failed(account.id, failure, model)
    return failure
  } finally {
    program.pool.finished(account.id)
  }
}

interface Expected {
  readonly status: StoredAccount['status']
  readonly enabled?: boolean
  /** Milliseconds. */
  readonly rests?: number
  /** What the next client is told. */
  readonly after: string
}

const MINUTE = 60_000
const nextMonth = Date.UTC(2027, 1, 1) - START

describe('accounts-states: what an answer of the service does to its account', () => {
  const table: [FaultName | Fault, Expected][] = [
    ['rate-exceeded', { status: 'resting', rests: 2_000, after: 'no-account' }],
    [
      { name: 'throttled', retryAfter: 45 },
      { status: 'resting', rests: 45_000, after: 'no-account' },
    ],
    ['suspicious-activity', { status: 'resting', rests: 30 * MINUTE, after: 'no-account' }],
    ['suspended', { status: 'suspended', enabled: false, after: 'suspended' }],
    ['suspended-without-reason', { status: 'suspended', enabled: false, after: 'suspended' }],
    ['monthly-limit', { status: 'limit-reached', after: 'quota-exhausted' }],
    ['monthly-limit-json', { status: 'limit-reached', after: 'quota-exhausted' }],
    ['overage-limit', { status: 'limit-reached', after: 'quota-exhausted' }],
    ['daily-limit', { status: 'limit-reached', rests: 12 * 60 * MINUTE, after: 'quota-exhausted' }],
    ['improperly-formed', { status: 'ready', after: 'invalid-request' }],
    ['content-too-long', { status: 'ready', after: 'prompt-too-long' }],
    ['capacity', { status: 'ready', after: 'overloaded' }],
    ['model-unavailable', { status: 'ready', after: 'overloaded' }],
    ['internal-error', { status: 'ready', after: 'upstream-error' }],
    ['bad-gateway', { status: 'ready', after: 'upstream-error' }],
    ['feature-not-supported', { status: 'ready', after: 'model-not-found' }],
    ['invalid-model', { status: 'ready', after: 'model-not-found' }],
  ]
  for (const [fault, expected] of table) {
    it(typeof fault === 'string' ? fault : `${fault.name} with Retry-After`, async () => {
      const clock = testClock(START)
      const [program, { id }] = await withAccount(clock)
      simulator.setFault(fault)
      expect(await use(program)).toBeInstanceOf(ProxyError)
      const check = (of: Program): void => {
        expect(of.service.get(id)).toMatchObject({ status: expected.status, enabled: expected.enabled ?? true })
        const rests = (of.service.get(id)?.restsUntil ?? 0) - START
        expect(rests).toBe(expected.rests ?? rests)
      }
      check(program)
      expect((await use(program))?.kind).toBe(expected.after)
      // The state is durable at once: a kill changes nothing.
      await program.book.flush()
      await program.kill()
      if (expected.status !== 'ready') check(await machine.start(clock))
    })
  }

  it('waits for the reset that the quota tells', async () => {
    const clock = testClock(START)
    const [program, { id }] = await withAccount(clock)
    simulator.setFault({ name: 'monthly-limit', times: 1 })
    await use(program)
    const until = program.service.get(id)?.restsUntil ?? 0
    expect(until).toBeGreaterThan(START)
    const told = await use(program)
    expect(told?.message).toContain('used up its allowance')
    expect(told?.retryAfterMs).toBe(until - START)
    clock.advance(Math.max(until - START, nextMonth) + 1)
    program.care.round()
    expect(await use(program)).toBeUndefined()
  })

  it('doubles the rest while the throttling goes on, and forgets it after a success', async () => {
    const clock = testClock(START)
    const [program, { id }] = await withAccount(clock)
    const rests: number[] = []
    simulator.setFault('rate-exceeded')
    for (let round = 0; round < 4; round++) {
      await use(program)
      const rest = (program.service.get(id)?.restsUntil ?? 0) - clock.now()
      rests.push(rest)
      clock.advance(rest)
    }
    expect(rests).toEqual([2_000, 4_000, 8_000, 16_000])
    simulator.setFault(undefined)
    expect(await use(program)).toBeUndefined()
    expect(program.service.get(id)).toMatchObject({ status: 'ready', consecutiveFailures: 0, successCount: 1 })
  })

  it('pauses a model that stays busy, and not the account', async () => {
    const clock = testClock(START)
    const [program] = await withAccount(clock)
    simulator.setFault('capacity')
    for (let round = 0; round < 3; round++) expect((await use(program))?.upstreamStatus).toBe(429)
    const held = await use(program)
    expect(held).toMatchObject({ kind: 'overloaded', upstreamStatus: 0, retryAfterMs: 5_000 })
    expect(program.pool.candidates({ resolve: () => 'claude-haiku-4.5' })).toHaveLength(1)
    clock.advance(5_000)
    simulator.setFault(undefined)
    expect(await use(program)).toBeUndefined()
  })

  it('says 14:32 when everything rests, and in how many milliseconds', async () => {
    const clock = testClock(new Date(2027, 0, 10, 14, 2, 30).getTime())
    const [program] = await withAccount(clock)
    simulator.setFault('suspicious-activity')
    await use(program)
    const told = await use(program)
    expect(told?.message).toContain('rests until 14:32.')
    expect(told?.message).toContain('retrying makes it worse')
    expect(told?.retryAfterMs).toBe(30 * MINUTE)
  })

  it('is tried again once the person switches it on again', async () => {
    const [program, { id }] = await withAccount(testClock(START))
    simulator.setFault({ name: 'suspended', times: 1 })
    await use(program)
    expect(program.pool.candidates(query)).toEqual([])
    await program.service.update(id, { enabled: true })
    expect(await use(program)).toBeUndefined()
  })
})
