import { afterEach, describe, expect, it } from 'vitest'
import { claudeCodeInstalled } from '../lib/claude-code.ts'
import { retriesOf } from '../lib/claude-code-events.ts'
import { closeWorlds, openWorld } from '../lib/claude-code-world.ts'

afterEach(closeWorlds)

describe.skipIf(!claudeCodeInstalled)('Claude Code and the accounts behind Culvert', () => {
  it('never notices that the access token expired', async () => {
    const { simulator, run, generated, tap } = await openWorld()
    const before = simulator.counts.byRoute['token'] ?? 0
    simulator.expireAccessTokens()
    const result = await run('[[scenario:parallel-tools]]')
    expect(result).toMatchObject({ code: 0, result: 'Both results are here. Bash answered: one Bash answered: two' })
    expect(retriesOf(result)).toEqual([])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200, 200])
    expect(generated().map(({ outcome }) => outcome)).toEqual(['denied', 'ok', 'ok'])
    expect((simulator.counts.byRoute['token'] ?? 0) - before).toBe(1)
    expect(simulator.refreshTokenReuse).toBe(0)
  })

  it('is told to sign in again when the sign-in is over', async () => {
    const { simulator, run, accounts, account, tap } = await openWorld()
    simulator.revokeRefreshToken(accounts[0]?.issued.id ?? '')
    simulator.expireAccessTokens()
    const result = await run('hello')
    expect(result).toMatchObject({ code: 1, timedOut: false })
    expect(result.result).toMatch(/sign in again/iu)
    expect(retriesOf(result)).toEqual([])
    expect(tap.on('/v1/messages')).toHaveLength(1)
    expect(await account(0)).toMatchObject({ status: 'sign-in-needed' })
  })

  it('is answered by the next account when one is suspended, which is never called again', async () => {
    const { simulator, run, generated, tap, accounts, account } = await openWorld({ accounts: [{}, {}] })
    const first = await run('[[scenario:text text="Before."]]')
    expect(first).toMatchObject({ code: 0, result: 'Before.' })
    const suspended = accounts.findIndex(({ issued }) => issued.id === generated()[0]?.accountId)
    const other = 1 - suspended
    simulator.suspend(accounts[suspended]?.issued.id ?? '')
    const second = await run('[[scenario:text text="After."]]', { arguments: ['--continue'] })
    expect(second).toMatchObject({ code: 0, result: 'After.' })
    const third = await run('[[scenario:text text="Later."]]')
    expect(third).toMatchObject({ code: 0, result: 'Later.' })
    expect([first, second, third].flatMap(retriesOf)).toEqual([])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200, 200, 200])
    expect(generated().map(({ accountId, outcome }) => [accountId, outcome])).toEqual([
      [accounts[suspended]?.issued.id, 'ok'],
      [accounts[suspended]?.issued.id, 'denied'],
      [accounts[other]?.issued.id, 'ok'],
      [accounts[other]?.issued.id, 'ok'],
    ])
    const everything = simulator.received.filter(({ accountId }) => accountId === accounts[suspended]?.issued.id)
    expect(everything.at(-1)).toMatchObject({ route: 'generate', outcome: 'denied' })
    expect(await account(suspended)).toMatchObject({ status: 'suspended' })
    expect(await account(other)).toMatchObject({ status: 'ready' })
  })

  it('stops at suspicious activity after one call, and says what to do', async () => {
    const { simulator, run, generated, tap, accounts, account } = await openWorld({ accounts: [{}, {}] })
    simulator.setFault('suspicious-activity')
    const result = await run('hello')
    expect(result).toMatchObject({ code: 1, timedOut: false })
    expect(result.result).toMatch(/temporary limit on this account.*Leave the account alone.*retrying makes it worse/u)
    expect(retriesOf(result)).toEqual([])
    expect(generated().map(({ status }) => status)).toEqual([429])
    expect(
      tap.on('/v1/messages').map(({ status, answerHeaders }) => [status, answerHeaders['x-should-retry']]),
    ).toEqual([[403, 'false']])
    const struck = accounts.findIndex(({ issued }) => issued.id === generated()[0]?.accountId)
    expect(await account(struck)).toMatchObject({ status: 'resting' })
    expect(await account(1 - struck)).toMatchObject({ status: 'ready' })
  })

  it('fails fast and clearly with a wrong key', async () => {
    const { run, simulator, tap } = await openWorld({ apiKey: 'not-the-key' })
    const result = await run('hello')
    expect(result).toMatchObject({ code: 1, timedOut: false })
    expect(result.result).toMatch(/Culvert does not know this key.*Put a valid Culvert key into your tool/u)
    expect(retriesOf(result)).toEqual([])
    expect(
      tap.on('/v1/messages').map(({ status, answerHeaders }) => [status, answerHeaders['x-should-retry']]),
    ).toEqual([[401, 'false']])
    expect(simulator.counts.byRoute['generate']).toBeUndefined()
  })

  it('fails fast and clearly without an account', async () => {
    const { run, simulator, tap } = await openWorld({ accounts: [] })
    const result = await run('hello')
    expect(result).toMatchObject({ code: 1, timedOut: false })
    expect(result.result).toMatch(/Culvert has no account yet\..*sign in/u)
    expect(retriesOf(result)).toEqual([])
    expect(
      tap.on('/v1/messages').map(({ status, answerHeaders }) => [status, answerHeaders['x-should-retry']]),
    ).toEqual([[403, 'false']])
    expect(simulator.received).toHaveLength(0)
  })

  it('takes a key as x-api-key, or both headers at once', async () => {
    const { run, culvert, tap } = await openWorld()
    const key = { ANTHROPIC_API_KEY: culvert.apiKey }
    const both = await run('[[scenario:text text="Both."]]', { environment: key })
    expect(both).toMatchObject({ code: 0, result: 'Both.' })
    const alone = await run('[[scenario:text text="Alone."]]', { environment: { ...key, ANTHROPIC_AUTH_TOKEN: '' } })
    expect(alone).toMatchObject({ code: 0, result: 'Alone.' })
    const sent = tap.on('/v1/messages').map(({ headers }) => [headers.authorization, headers['x-api-key']])
    expect(sent).toEqual([
      [`Bearer ${culvert.apiKey}`, culvert.apiKey],
      [undefined, culvert.apiKey],
    ])
  })
})
