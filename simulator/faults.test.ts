import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { httpFaults } from './fault-catalogue.ts'
import { transportFaults, type FaultName } from './faults.ts'
import { startSimulator, type IssuedAccount, type Simulator } from './index.ts'
import { generate, message, post, textOf } from './test-client.ts'

let simulator: Simulator
let account: IssuedAccount

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

beforeEach(() => {
  simulator.reset()
  account = simulator.issueAccount()
})

function ask(content = '[[scenario:long-text frames=20]]'): ReturnType<typeof generate> {
  return generate(simulator, account, message(content))
}

const http = Object.keys(httpFaults) as (keyof typeof httpFaults)[]
const transport = Object.keys(transportFaults) as (keyof typeof transportFaults)[]

describe('faults', () => {
  it.each(http)('%s is an answer with and without retry-after', async (name) => {
    simulator.setFault(name)
    const plain = await ask()
    expect(plain.status).toBe(httpFaults[name].status)
    expect(plain.headers.get('retry-after')).toBeNull()
    simulator.setFault({ name, retryAfter: 30, message: 'Own words.' })
    expect((await ask()).headers.get('retry-after')).toBe('30')
    expect(simulator.received.at(-1)).toMatchObject({ outcome: 'fault', fault: name })
    simulator.setFault(undefined)
    expect((await ask()).status).toBe(200)
  })

  it('writes errors as each endpoint does', async () => {
    simulator.setFault('suspicious-activity')
    const words = {
      message:
        'Due to suspicious activity, we are imposing temporary limits on how frequently your account can send requests.',
      reason: null,
    }
    const body = message('x')
    const e1 = await generate(simulator, account, body)
    expect(e1.body).toEqual({ __type: 'com.amazon.aws.codewhisperer#ThrottlingException', ...words })
    const e2 = await generate(simulator, account, body, { endpoint: 'E2' })
    expect([e2.body, e2.headers.get('x-amzn-errortype')]).toEqual([words, 'ThrottlingException:'])
    const e4 = await generate(simulator, account, body, { endpoint: 'E4' })
    expect([e4.body, e4.headers.get('x-amzn-errortype')]).toEqual([words, null])
  })

  it.each(transport)('%s ends, one way or the other', async (name) => {
    simulator.setFault({ name, ms: 1 })
    const outcome = await ask().then(
      (got) => got.status,
      () => 'broken',
    )
    expect(broken[name] ?? 200).toBe(outcome)
    expect((await simulator.when((request) => request.outcome !== 'open')).fault).toBe(name)
  })

  it.each(['stall-before-headers', 'stall-before-first-byte', 'stall-midstream'] as const)(
    '%s lasts until the client leaves',
    async (name) => {
      simulator.setFault(name)
      const controller = new AbortController()
      const request = generate(simulator, account, message('x'), { signal: controller.signal })
      await simulator.when((seen) => seen.fault === name && (name === 'stall-before-headers' || seen.status === 200))
      expect(simulator.openStreams.now).toBe(1)
      controller.abort()
      await expect(request).rejects.toThrow(/abort/iu)
      await simulator.when((seen) => seen.outcome === 'aborted')
      expect(simulator.clientAborts).toBe(1)
    },
  )

  it('sends an exception first or in the middle', async () => {
    simulator.setFault({ name: 'exception-first', type: 'InternalServerException', message: 'Own words.' })
    expect((await ask()).events).toEqual([
      { kind: 'exception', name: 'InternalServerException', payload: { message: 'Own words.', reason: null } },
    ])
    simulator.setFault({ name: 'exception-midstream', afterFrames: 5 })
    const { events } = await ask()
    expect(events).toHaveLength(6)
    expect(events.at(-1)?.kind).toBe('exception')
  })

  it('strikes also an answer that is shorter than its place', async () => {
    simulator.setFault({ name: 'exception-midstream', afterFrames: 1_000 })
    expect((await ask('[[scenario:text text=short]]')).events.at(-1)?.kind).toBe('exception')
  })

  it('strikes as often as told, and only whom it is for', async () => {
    const other = simulator.issueAccount()
    simulator.setFault({ name: 'throttled', times: 2 }, { accountId: account.id })
    const statuses = async (): Promise<number> => (await ask()).status
    expect((await generate(simulator, other, message('x'))).status).toBe(200)
    expect([await statuses(), await statuses(), await statuses()]).toEqual([429, 429, 200])
  })

  it('comes from a marker, counted per conversation', async () => {
    const content = '[[fault:service-unavailable times=1]] [[scenario:text text=fine]]'
    expect((await ask(content)).status).toBe(503)
    expect(textOf(await ask(content))).toBe('fine')
  })

  it('comes from a script together with a scenario', async () => {
    simulator.script({ scenario: 'text', parameters: { text: 'drip' }, fault: { name: 'one-byte-chunks' } })
    const got = await ask()
    expect(textOf(got)).toBe('drip')
  })

  it('does not use up a script while a fault stands', async () => {
    simulator.script({ scenario: 'text', parameters: { text: 'later' } })
    simulator.setFault({ name: 'capacity', times: 1 })
    expect((await ask()).status).toBe(429)
    expect(textOf(await ask())).toBe('later')
  })

  it('refuses a fault that cannot strike', () => {
    expect(() => simulator.setFault('nothing' as FaultName)).toThrow('knows no fault')
    expect(() => simulator.setFault({ name: 'corrupt-crc', on: 'token' })).toThrow('cannot strike')
  })
})

/** What a client with AWS's own decoder makes of them; the others are whole streams to it. */
const broken: Partial<Record<FaultName, string>> = {
  'cut-before-headers': 'broken',
  'cut-before-first-byte': 'broken',
  'cut-midstream': 'broken',
  'cut-midframe': 'broken',
  'reset-midstream': 'broken',
  'end-midframe': 'broken',
  'corrupt-crc': 'broken',
  'corrupt-prelude': 'broken',
  'lying-length': 'broken',
  'lying-content-length': 'broken',
}

describe('accounts at the door', () => {
  it('refuses unknown, expired and suspended ones', async () => {
    const invalid = { message: 'The bearer token included in the request is invalid.', reason: null }
    const unknown = await generate(simulator, { ...account, accessToken: 'x' }, message('x'), { endpoint: 'E2' })
    expect([unknown.status, unknown.body]).toEqual([403, invalid])
    simulator.expireAccessTokens(account.id)
    expect((await ask()).body).toMatchObject(invalid)
    simulator.configure({ behaviour: { expiredToken: 'unauthorized-401' } })
    expect((await ask()).status).toBe(401)
    const other = simulator.issueAccount()
    simulator.suspend(other.id)
    const suspended = await generate(simulator, other, message('x'))
    expect([suspended.status, suspended.body]).toMatchObject([403, { reason: 'TEMPORARILY_SUSPENDED' }])
    expect(simulator.counts.byOutcome).toEqual({ denied: 4 })
  })

  it('refuses who has no credits left, as each host says it', async () => {
    const poor = simulator.issueAccount({ kind: 'social', credits: { used: 10, limit: 10 } })
    const body = { ...message('x'), profileArn: poor.profileArn }
    expect((await generate(simulator, poor, body)).status).toBe(400)
    expect((await generate(simulator, poor, body, { endpoint: 'E4' })).status).toBe(402)
    const paying = simulator.issueAccount({ credits: { used: 10, limit: 10 }, overage: true })
    expect((await generate(simulator, paying, message('x'))).status).toBe(200)
  })

  it('refuses the language-server user agent for a Builder ID only', async () => {
    const headers = { 'user-agent': 'AWS-Language-Servers-AWS-CodeWhisperer/1.0' }
    const gated = await post(simulator, account, message('x'), { headers })
    expect(await gated.json()).toMatchObject({ reason: 'FEATURE_NOT_SUPPORTED' })
    const organisation = simulator.issueAccount({ kind: 'idc' })
    expect((await generate(simulator, organisation, message('x'), { headers })).status).toBe(200)
  })
})
