import { afterEach, describe, expect, it } from 'vitest'
import { claudeCodeInstalled } from '../lib/claude-code.ts'
import { blocksOf, eventsOf, retriesOf } from '../lib/claude-code-events.ts'
import { closeWorlds, openWorld } from '../lib/claude-code-world.ts'

afterEach(closeWorlds)

describe.skipIf(!claudeCodeInstalled)('Claude Code meets limits', () => {
  it('waits as long as a throttled account wants, and goes on by itself', async () => {
    const { run, generated, tap, account } = await openWorld()
    const result = await run('[[fault:throttled retryAfter=1 times=1]] [[scenario:text text="There you are."]]')
    expect(result).toMatchObject({ code: 0, result: 'There you are.' })
    expect(retriesOf(result)).toEqual([429])
    expect(Number(eventsOf(result, 'api_retry')[0]?.['retry_delay_ms'])).toBeGreaterThanOrEqual(1_000)
    expect(generated().map(({ status, outcome }) => [status, outcome])).toEqual([
      [429, 'fault'],
      [200, 'ok'],
    ])
    const [refused, answered] = generated()
    expect((answered?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000)
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([429, 200])
    expect(tap.on('/v1/messages')[0]?.answerHeaders).toMatchObject({ 'retry-after': '1' })
    expect(await account(0)).toMatchObject({ enabled: true, status: 'ready' })
  })

  it('notices nothing of a throttled account when there is another', async () => {
    const { simulator, run, generated, tap, accounts } = await openWorld({ accounts: [{}, {}] })
    simulator.setFault({ name: 'throttled', retryAfter: 30, times: 1 })
    const result = await run('[[scenario:text text="From the other one."]]')
    expect(result).toMatchObject({ code: 0, result: 'From the other one.' })
    expect(retriesOf(result)).toEqual([])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200])
    expect(generated().map(({ status }) => status)).toEqual([429, 200])
    expect(new Set(generated().map(({ accountId }) => accountId))).toEqual(
      new Set(accounts.map(({ issued }) => issued.id)),
    )
  })

  it('is told at once when the wait would be hours', async () => {
    const { simulator, run, generated, tap } = await openWorld()
    simulator.setFault('monthly-limit')
    const result = await run('hello')
    expect(result).toMatchObject({ code: 1, timedOut: false })
    expect(result.result).toMatch(/allowance of this account is used up.*(?:another account|reset)/u)
    expect(retriesOf(result)).toEqual([])
    expect(generated()).toHaveLength(1)
    expect(
      tap.on('/v1/messages').map(({ status, answerHeaders }) => [status, answerHeaders['x-should-retry']]),
    ).toEqual([[429, 'false']])
  })

  it('notices nothing of a model that is busy for a moment', async () => {
    const { run, generated, tap } = await openWorld()
    const result = await run('[[fault:capacity times=1]] [[scenario:text text="Here again."]]')
    expect(result).toMatchObject({ code: 0, result: 'Here again.' })
    expect(retriesOf(result)).toEqual([])
    expect(generated().map(({ status }) => status)).toEqual([429, 200])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200])
  })

  it('waits when the model stays busy for longer', async () => {
    const { run, generated, tap } = await openWorld({ settings: { maxAttempts: 1 } })
    const result = await run('[[fault:model-unavailable times=1]] [[scenario:text text="Here again."]]')
    expect(result).toMatchObject({ code: 0, result: 'Here again.' })
    expect(retriesOf(result)).toEqual([529])
    expect(generated().map(({ status }) => status)).toEqual([500, 200])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([529, 200])
    expect(tap.on('/v1/messages')[0]?.answer).toContain('"overloaded_error"')
  })

  it('notices nothing of an error of the service that passes', async () => {
    const { run, generated, tap } = await openWorld()
    const result = await run('[[fault:internal-error times=1]] [[scenario:text text="Fine."]]')
    expect(result).toMatchObject({ code: 0, result: 'Fine.' })
    expect(generated().map(({ status }) => status)).toEqual([500, 200])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200])
  })

  it('compacts when the prompt is too long, and goes on', async () => {
    const { run, generated, conversations, tap } = await openWorld({
      prepare: (simulator) => simulator.setContextWindow('claude-opus-5', 30_000),
    })
    const result = await run('[[scenario:tool-loop turns=6 command="seq 1 4500"]]')
    expect(result).toMatchObject({ code: 0, timedOut: false })
    expect(eventsOf(result, 'status').map((event) => event['compact_result'])).toContain('success')
    expect(eventsOf(result, 'compact_boundary')).toHaveLength(1)
    expect(JSON.stringify(blocksOf(result, 'user'))).toContain('A conversation of')
    const refused = generated().findIndex(({ outcome }) => outcome === 'refused')
    expect(generated()[refused]?.refusal).toMatch(/more than the window of 30000/u)
    expect(
      generated()
        .slice(refused + 1)
        .map(({ outcome }) => outcome),
    ).toEqual(['ok', 'ok'])
    expect(
      conversations()
        .at(refused + 1)
        ?.turns.at(-1)?.text,
    ).toMatch(/<analysis>[\s\S]*<summary>/u)
    expect(conversations().at(-1)?.inputTokens).toBeLessThan(30_000)
    const answers = tap.on('/v1/messages').filter(({ status }) => status !== 200)
    expect(answers.map(({ status }) => status)).toEqual([400])
    expect(answers[0]?.answer).toMatch(
      /"invalid_request_error","message":"prompt is too long: \d+ tokens > 30000 maximum/iu,
    )
    expect(retriesOf(result)).toEqual([])
  })
})
