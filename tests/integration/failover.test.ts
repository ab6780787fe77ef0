import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoredAccount } from '../../server/store/types.ts'
import { type Fault, type Simulator, startSimulator } from '../../simulator/index.ts'
import { type LocalCulvert, startLocalCulvert } from '../lib/in-process.ts'

let simulator: Simulator
let culvert: LocalCulvert
/** Culvert's ids of the two accounts; `first` is always tried first. */
let first: string
let second: string
/** The simulator's ids of the same. */
let firstAtService: string
let secondAtService: string

beforeEach(async () => {
  simulator = await startSimulator()
  culvert = await startLocalCulvert({ ...simulator.environment })
  await culvert.foundation.settings.put({ strategy: 'priority', firstByteTimeoutMs: 1_000, idleTimeoutMs: 1_000 })
  const issued = [simulator.issueAccount(), simulator.issueAccount()] as const
  first = await culvert.add(issued[0], { priority: 0 })
  second = await culvert.add(issued[1], { priority: 1 })
  firstAtService = issued[0].id
  secondAtService = issued[1].id
})
afterEach(async () => {
  await culvert.close()
  await simulator.close()
})

const body = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  stream: true,
  messages: [{ role: 'user', content: 'hello' }],
}
const calls = () => [simulator.counts.byAccount[firstAtService] ?? 0, simulator.counts.byAccount[secondAtService] ?? 0]
const account = (id: string): StoredAccount | undefined => culvert.accounts.book.get(id)

describe('a fault of the first account before its first event is served by the second', () => {
  it.each<[Fault['name'], Partial<Fault>, StoredAccount['status']]>([
    ['throttled', {}, 'resting'],
    ['rate-exceeded', {}, 'resting'],
    ['daily-limit', {}, 'limit-reached'],
    ['monthly-limit', {}, 'limit-reached'],
    ['monthly-limit-json', {}, 'limit-reached'],
    ['overage-limit', {}, 'limit-reached'],
    ['suspended', {}, 'suspended'],
    ['suspended-without-reason', {}, 'suspended'],
    ['feature-not-supported', {}, 'ready'],
    ['invalid-model', {}, 'ready'],
    ['internal-error', {}, 'ready'],
    ['service-unavailable', {}, 'ready'],
    ['bad-gateway', {}, 'ready'],
    ['html-200', {}, 'ready'],
    ['empty-body', {}, 'ready'],
    ['exception-first', { type: 'InternalServerException' }, 'ready'],
    ['cut-before-headers', {}, 'ready'],
    ['cut-before-first-byte', {}, 'ready'],
    ['corrupt-crc', { afterFrames: 0 }, 'ready'],
    ['lying-length', { afterFrames: 0 }, 'ready'],
    ['stall-before-headers', {}, 'ready'],
    ['stall-before-first-byte', {}, 'ready'],
  ])('%s', async (name, details, status) => {
    simulator.setFault({ name, ...details }, { accountId: firstAtService })
    const response = await culvert.ask(body)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('event: message_stop')
    expect(calls()).toEqual([1, 1])
    expect(account(first)?.status).toBe(status)
    expect(account(first)?.enabled).toBe(status !== 'suspended')
    expect(account(second)?.status).toBe('ready')
  })
})

describe('what is never tried again', () => {
  it.each<[Fault['name'], number, RegExp]>([
    ['suspicious-activity', 403, /suspicious activity/iu],
    ['improperly-formed', 400, /Improperly formed request/u],
    ['content-too-long', 400, /^prompt is too long/iu],
    ['context-window-full', 400, /^prompt is too long/iu],
    ['tool-schema-invalid', 400, /schema/iu],
  ])('%s: one call in all, and the client is told', async (name, status, message) => {
    simulator.setFault({ name })
    const response = await culvert.ask(body)
    expect(response.status).toBe(status)
    const { error } = (await response.json()) as { error: { message: string } }
    expect(error.message).toMatch(message)
    expect(calls()).toEqual([1, 0])
  })

  it('suspicious activity rests the account for half an hour at least, also for the next request', async () => {
    simulator.setFault('suspicious-activity', { accountId: firstAtService })
    await (await culvert.ask(body)).text()
    expect(account(first)?.restsUntil).toBeGreaterThan(Date.now() + 29 * 60_000)
    expect((await culvert.ask(body)).status).toBe(200)
    expect(calls()).toEqual([1, 1])
  })

  it('nothing moves to another account after the first event', async () => {
    simulator.setFault({ name: 'cut-midstream', afterFrames: 5 }, { accountId: firstAtService })
    const response = await culvert.ask({
      ...body,
      messages: [{ role: 'user', content: '[[scenario:long-text frames=50]]' }],
    })
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(text).toContain('event: error')
    expect(text).not.toContain('message_stop')
    expect(calls()).toEqual([1, 0])
  })
})

describe('tokens', () => {
  it('an expired one is renewed once, and the same account answers', async () => {
    simulator.expireAccessTokens(firstAtService)
    const response = await culvert.ask(body)
    expect(response.status).toBe(200)
    expect(simulator.counts.byRoute['token']).toBe(1)
    expect(simulator.counts.byAccount[secondAtService] ?? 0).toBe(0)
  })

  it('a dead sign-in moves on to the next account and says so on the first', async () => {
    simulator.expireAccessTokens(firstAtService)
    simulator.revokeRefreshToken(firstAtService)
    const response = await culvert.ask(body)
    expect(response.status).toBe(200)
    expect(account(first)).toMatchObject({ status: 'sign-in-needed', enabled: true })
    expect(simulator.counts.byAccount[secondAtService]).toBe(1)
  })
})

describe('when no account can serve', () => {
  it('the client hears the last reason with its retry-after', async () => {
    simulator.setFault({ name: 'throttled', retryAfter: 7 })
    const response = await culvert.ask(body)
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(calls()).toEqual([1, 1])
    const again = await culvert.ask(body)
    expect(again.status).toBe(429)
    expect(Number(again.headers.get('retry-after'))).toBeLessThanOrEqual(7)
    expect(calls()).toEqual([1, 1])
  })

  it('an overloaded model is waited for, and its answer then comes', async () => {
    simulator.setFault({ name: 'capacity', times: 1 })
    const response = await culvert.ask(body)
    expect(response.status).toBe(200)
    expect(calls()[0]).toBeGreaterThan(0)
  })

  it('X-Account-ID keeps to that account', async () => {
    simulator.setFault({ name: 'throttled', retryAfter: 3 }, { accountId: firstAtService })
    const response = await culvert.ask(body, { 'x-account-id': first })
    expect(response.status).toBe(429)
    expect(calls()).toEqual([1, 0])
    const unknown = await culvert.ask(body, { 'x-account-id': 'nobody' })
    expect(unknown.status).toBe(403)
    expect(await unknown.text()).toContain('X-Account-ID')
  })

  it('a client that leaves takes the upstream call with it', async () => {
    const leaving = new AbortController()
    const response = await fetch(`${culvert.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': culvert.apiKey },
      body: JSON.stringify({
        ...body,
        messages: [{ role: 'user', content: '[[scenario:long-text frames=5000]] [[fault:slow-drip ms=20]]' }],
      }),
      signal: leaving.signal,
    })
    await response.body?.getReader().read()
    leaving.abort()
    const ended = await simulator.when((request) => request.route === 'generate' && request.outcome === 'aborted')
    expect(ended.frames).toBeLessThan(5000)
    expect(account(first)).toMatchObject({ status: 'ready', errorCount: 0 })
  })
})

describe('the record of a request', () => {
  it('tells every attempt, why it ended, and what was served', async () => {
    simulator.setFault('internal-error', { accountId: firstAtService })
    await (await culvert.ask(body)).text()
    await expect
      .poll(async () => (await culvert.foundation.store.requests.page({ limit: 1 })).records[0], { timeout: 5_000 })
      .toMatchObject({
        status: 200,
        requestedModel: 'claude-sonnet-4-5',
        servedModel: 'claude-sonnet-4.5',
        accountId: second,
        attempts: [{ accountId: first, errorKind: 'upstream-error', upstreamStatus: 500 }, { accountId: second }],
        finishReason: 'end-turn',
      })
  })
})
