import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { toolFrames } from '../../simulator/frames.ts'
import { codexInstalled } from '../lib/codex.ts'
import { closeCodexWorlds, openCodexWorld } from '../lib/codex-world.ts'

afterEach(closeCodexWorlds)

const lines = Array.from({ length: 40 }, (_, index) => `${index} `)

/** The first words of every line of a counting text. */
const startsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(0, line.indexOf(' ') + 1))

describe.skipIf(!codexInstalled)('Codex meets limits', () => {
  it('waits as a 429 says, and finishes', async () => {
    const { run, statuses, tap } = await openCodexWorld()
    const started = performance.now()
    const result = await run('[[scenario:text text=fine]] [[fault:throttled retryAfter=2 times=1]]')
    expect(result).toMatchObject({ code: 0, text: 'fine' })
    expect(performance.now() - started).toBeGreaterThan(1_900)
    expect(statuses()).toEqual([429, 200])
    expect(tap.exchanges[0]?.answerHeaders['retry-after']).toBe('2')
  })

  it('is told that an allowance is used up, once', async () => {
    const { run, statuses } = await openCodexWorld()
    const result = await run('hi [[fault:monthly-limit]]')
    expect(result).toMatchObject({ code: 1, failure: expect.stringMatching(/^Quota exceeded/u) })
    expect(statuses()).toEqual([429])
  })

  it('is told that a conversation is too long, once', async () => {
    const { run, statuses, generated } = await openCodexWorld({
      prepare: (simulator) => simulator.setContextWindow('claude-opus-5', 30_000),
    })
    const result = await run('[[scenario:tool-loop tool=exec_command turns=6 command="seq 1 6000"]]')
    expect(result).toMatchObject({ code: 1, failure: expect.stringMatching(/ran out of room/u) })
    expect(
      statuses()
        .slice(0, -1)
        .every((status) => status === 200),
    ).toBe(true)
    expect(statuses().at(-1)).toBe(400)
    expect(generated().at(-1)?.refusal).toMatch(/more than the window of 30000/u)
  })

  it('is told why an account can not be used', async () => {
    const { run, statuses, generated } = await openCodexWorld()
    const result = await run('hi [[fault:suspended]]')
    expect(result).toMatchObject({ code: 1, failure: expect.stringMatching(/is suspended by the provider/u) })
    expect(statuses().every((status) => status === 403)).toBe(true)
    expect(generated()).toHaveLength(1)
  })

  it('says that a busy model is at capacity', async () => {
    const { run, statuses } = await openCodexWorld({ settings: { maxAttempts: 1 } })
    const result = await run('hi [[fault:capacity]]')
    expect(result).toMatchObject({ code: 1, failure: expect.stringMatching(/at capacity/u) })
    expect(statuses().every((status) => status === 503)).toBe(true)
    expect(statuses().length).toBeLessThanOrEqual(6)
  })

  it('is told that there is no such model, once', async () => {
    const { run, statuses } = await openCodexWorld({ settings: { unknownModelPolicy: 'refuse' } })
    const result = await run('hi', { model: 'no-such-model' })
    expect(result).toMatchObject({ code: 1, failure: expect.stringMatching(/^No account offers this model/u) })
    expect(statuses()).toEqual([404])
  })

  it('moves to another account without noticing', async () => {
    const { run, statuses, generated } = await openCodexWorld({ accounts: [{}, {}] })
    const result = await run('[[scenario:text text=fine]] [[fault:monthly-limit times=1]]')
    expect(result).toMatchObject({ code: 0, text: 'fine' })
    expect(statuses()).toEqual([200])
    expect(generated().map(({ outcome }) => outcome)).toEqual(['fault', 'ok'])
  })

  it('keeps the text that the output limit cut, and says so', async () => {
    const { run, statuses } = await openCodexWorld()
    const result = await run('[[scenario:length]]')
    expect(result).toMatchObject({ code: 1, failure: expect.stringMatching(/max_output_tokens/u) })
    expect(result.text).toMatch(/in the middle of a$/u)
    expect(statuses()).toEqual([200])
  })

  it('says in our words that the model refused, once', async () => {
    const { run, statuses } = await openCodexWorld()
    const result = await run('[[scenario:refusal]]')
    expect(result).toMatchObject({ code: 1, failure: expect.stringMatching(/safeguards refused.*Put it another way/u) })
    expect(statuses()).toEqual([200])
  })

  it('is told of an answer without content, once', async () => {
    const { run, statuses, generated } = await openCodexWorld()
    const result = await run('[[scenario:no-content]]')
    expect(result).toMatchObject({ code: 1, failure: expect.stringMatching(/without any content/u) })
    expect(statuses()).toEqual([400])
    expect(generated()).toHaveLength(3)
  })
})

describe.skipIf(!codexInstalled)('Codex meets broken streams', () => {
  it.each(['cut-midstream', 'cut-midframe', 'corrupt-crc', 'error-midstream'])(
    '%s in a text: asks once more, and the person reads it whole',
    async (fault) => {
      const { run, statuses, generated, tap } = await openCodexWorld()
      const result = await run(`[[scenario:long-text frames=40]] [[fault:${fault} afterFrames=12 times=1]]`)
      expect(result).toMatchObject({ code: 0, timedOut: false })
      expect(startsOf(result.text)).toEqual(lines)
      expect(generated().map(({ outcome }) => outcome)).toEqual(['fault', 'ok'])
      expect(statuses().filter((status) => status === 200)).toHaveLength(2)
      expect(tap.exchanges[0]?.answer).toMatch(/\nevent: response\.failed\n/u)
    },
  )

  it('a limit reached in the middle of an answer: waits and asks again', async () => {
    const { run, statuses, tap } = await openCodexWorld()
    const fault = '[[fault:exception-midstream type=ThrottlingException afterFrames=12 times=1]]'
    const result = await run(`[[scenario:long-text frames=40]] ${fault}`)
    expect(result).toMatchObject({ code: 0, timedOut: false })
    expect(startsOf(result.text)).toEqual(lines)
    expect(statuses().at(-1)).toBe(200)
    expect(tap.exchanges[0]?.answer).toMatch(/"code":"rate_limit_exceeded","message":"[^"]*"/u)
  })

  it('a cut in a tool call: the tool runs once', async () => {
    const { user, run, tap } = await openCodexWorld()
    const result = await run(
      '[[scenario:tool tool=exec_command cmd="echo once >> once.txt"]] [[fault:cut-midstream afterFrames=5 times=1]]',
    )
    expect(result.text).toMatch(/^Done\. exec_command answered:/u)
    expect(await readFile(join(user.project, 'once.txt'), 'utf8')).toBe('once\n')
    expect(tap.exchanges[0]?.answer).not.toContain('function_call_arguments')
  })

  it('a cut after a finished call: that one runs once, the unfinished one does not', async () => {
    const { simulator, user, run } = await openCodexWorld()
    const calls = ['one', 'two'].map((word) => [
      ...toolFrames({
        id: `tooluse_${word}`,
        name: 'exec_command',
        input: JSON.stringify({ cmd: `echo ${word} >> ${word}.txt` }),
      }),
    ])
    const frames = calls.flat()
    simulator.script({ frames, fault: { name: 'cut-midstream', afterFrames: frames.length - 2 } })
    expect(await run('Do both.')).toMatchObject({ code: 0, timedOut: false })
    expect(await readFile(join(user.project, 'one.txt'), 'utf8')).toBe('one\n')
    await expect(readFile(join(user.project, 'two.txt'), 'utf8')).rejects.toThrow('ENOENT')
  })

  it.each(['cut-before-headers', 'cut-before-first-byte', 'empty-body'])(
    '%s: Culvert asks again before Codex sees anything',
    async (fault) => {
      const { run, statuses, generated } = await openCodexWorld()
      expect(await run(`[[scenario:text text="At last."]] [[fault:${fault} times=1]]`)).toMatchObject({
        code: 0,
        text: 'At last.',
      })
      expect(statuses()).toEqual([200])
      expect(generated().map(({ outcome }) => outcome)).toEqual(['fault', 'ok'])
    },
  )

  it('silence longer than its patience: events keep it waiting', async () => {
    const { run, statuses, tap } = await openCodexWorld({
      settings: { pingIntervalMs: 200 },
      provider: ['stream_idle_timeout_ms = 1000'],
    })
    const result = await run('[[scenario:long-text frames=8]] [[fault:stall-midstream ms=2500]]')
    expect(result).toMatchObject({ code: 0, failure: '' })
    expect(startsOf(result.text)).toEqual(lines.slice(0, 8))
    expect(statuses()).toEqual([200])
    expect(tap.exchanges[0]?.answer.split('event: keepalive\n').length).toBeGreaterThan(5)
  })

  it.each(['one-byte-chunks', 'odd-chunks'])('%s changes nothing', async (fault) => {
    const { user, run } = await openCodexWorld()
    await run(`[[scenario:patch-file path=x.txt content="日本語" changed="👩‍💻"]] [[fault:${fault}]]`)
    expect(await readFile(join(user.project, 'x.txt'), 'utf8')).toBe('👩‍💻\n')
  })
})
