import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { toolFrames } from '../../simulator/frames.ts'
import { claudeCodeInstalled } from '../lib/claude-code.ts'
import { blocksOf, retriesOf, toolCallsOf } from '../lib/claude-code-events.ts'
import { closeWorlds, openWorld } from '../lib/claude-code-world.ts'

afterEach(closeWorlds)

const lines = Array.from({ length: 40 }, (_, index) => `${index} `)

describe.skipIf(!claudeCodeInstalled)('Claude Code meets broken streams', () => {
  it.each(['cut-midstream', 'cut-midframe', 'end-midframe', 'reset-midstream', 'corrupt-crc', 'error-midstream'])(
    '%s in a text: asks once more, and the person reads it whole',
    async (fault) => {
      const { run, generated, tap } = await openWorld()
      const result = await run(`[[scenario:long-text frames=40]] [[fault:${fault} afterFrames=12 times=1]]`)
      expect(result).toMatchObject({ code: 0, timedOut: false })
      expect(
        result.result
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.slice(0, line.indexOf(' ') + 1)),
      ).toEqual(lines)
      expect(generated().map(({ outcome }) => outcome)).toEqual(['fault', 'ok'])
      expect(tap.on('/v1/messages').map(({ status, body }) => [status, body['stream']])).toEqual([
        [200, true],
        [200, false],
      ])
      expect(tap.on('/v1/messages')[0]?.answer).toMatch(/event: error\n/u)
    },
  )

  it.each(['cut-midstream', 'end-midstream', 'end-midframe'])(
    '%s in a tool call: the tool runs once',
    async (fault) => {
      const { user, run, generated, tap } = await openWorld()
      const path = join(user.project, 'once.txt')
      const result = await run(
        `[[scenario:tool tool=Bash command="echo this line stands here once >> ${path}"]] [[fault:${fault} afterFrames=5 times=1]]`,
      )
      expect(result).toMatchObject({ code: 0, timedOut: false })
      expect(result.result).toMatch(/^Done\. Bash answered:/u)
      expect(await readFile(path, 'utf8')).toBe('this line stands here once\n')
      expect(toolCallsOf(result).map(({ name }) => name)).toEqual(['Bash'])
      expect(generated().at(0)?.outcome).toBe('fault')
      expect(
        generated()
          .slice(1)
          .map(({ outcome }) => outcome),
      ).toEqual(['ok', 'ok'])
      expect(tap.on('/v1/messages')[0]?.answer).not.toContain('input_json_delta')
    },
  )

  it('a cut after a finished call: that one runs once, the unfinished one does not', async () => {
    const { simulator, user, run, generated, tap } = await openWorld()
    const [one, two] = [join(user.project, 'one.txt'), join(user.project, 'two.txt')]
    const frames = [
      ...toolFrames({ id: 'tooluse_first', name: 'Bash', input: JSON.stringify({ command: `echo one >> ${one}` }) }),
      ...toolFrames({ id: 'tooluse_second', name: 'Bash', input: JSON.stringify({ command: `echo two >> ${two}` }) }),
    ]
    simulator.script({ frames, fault: { name: 'cut-midstream', afterFrames: frames.length - 2 } })
    const result = await run('Do both.')
    expect(result).toMatchObject({ code: 0, timedOut: false })
    expect(await readFile(one, 'utf8')).toBe('one\n')
    await expect(readFile(two, 'utf8')).rejects.toThrow('ENOENT')
    expect(toolCallsOf(result)).toEqual([{ name: 'Bash', input: { command: `echo one >> ${one}` } }])
    expect(generated().map(({ outcome }) => outcome)).toEqual(['fault', 'ok'])
    expect(tap.on('/v1/messages').map(({ body }) => body['stream'])).toEqual([true, true])
  })

  it.each(['cut-before-headers', 'cut-before-first-byte', 'empty-body', 'exception-first'])(
    '%s: Culvert asks again before the client sees anything',
    async (fault) => {
      const { run, generated, tap } = await openWorld()
      const result = await run(
        `[[scenario:text text="At last."]] [[fault:${fault} times=1 type=InternalServerException]]`,
      )
      expect(result).toMatchObject({ code: 0, result: 'At last.' })
      expect(retriesOf(result)).toEqual([])
      expect(generated().map(({ outcome }) => outcome)).toEqual(['fault', 'ok'])
      expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200])
    },
  )

  it.each(['one-byte-chunks', 'odd-chunks'])('%s changes nothing', async (fault) => {
    const { user, run, generated } = await openWorld()
    const path = join(user.project, 'x.txt')
    const result = await run(`[[scenario:write-and-read path=${path} content="日本語 👩‍💻"]] [[fault:${fault}]]`)
    expect(result.result).toBe(`I wrote ${path} and read it back. Read answered: 1 日本語 👩‍💻`)
    expect(await readFile(path, 'utf8')).toBe('日本語 👩‍💻')
    expect(generated()).toHaveLength(3)
  })

  it('a call whose input the service cut off is not run; the model is told', async () => {
    const { run, generated, conversations } = await openWorld()
    const result = await run('[[scenario:tool-truncated tool=Bash command="echo never"]]')
    expect(result.timedOut).toBe(false)
    expect(toolCallsOf(result)).toEqual([])
    expect(JSON.stringify(blocksOf(result, 'assistant'))).toMatch(/was not run/u)
    expect(conversations().length).toBeGreaterThan(1)
    expect(conversations().length).toBeLessThanOrEqual(6)
    expect(generated().every(({ status }) => status === 200)).toBe(true)
  })

  it.each(['no-content', 'empty'])('%s: gives up after three calls and says whose fault it is', async (scenario) => {
    const { run, generated, tap } = await openWorld()
    const result = await run(`[[scenario:${scenario}]]`)
    expect(result).toMatchObject({ code: 1, timedOut: false })
    expect(result.result).toMatch(/answered without any content.*fault is the service's/u)
    expect(retriesOf(result)).toEqual([])
    expect(generated()).toHaveLength(3)
    expect(tap.on('/v1/messages')).toHaveLength(1)
  })

  it('an answer of reasoning only: asks once for something visible', async () => {
    const { run, generated, conversations } = await openWorld()
    const result = await run('[[scenario:think-only]]')
    expect(result).toMatchObject({ code: 0, timedOut: false })
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    expect(conversations().at(-1)?.turns.at(-1)?.text).toContain('no visible output')
  })

  it('an answer that the output limit cut: goes on where it stopped', async () => {
    const { simulator, run, generated, conversations } = await openWorld()
    simulator.script(['length', { scenario: 'text', parameters: { text: 'long text.' } }])
    const result = await run('Write a long text.')
    expect(result).toMatchObject({ code: 0, result: 'long text.' })
    expect(JSON.stringify(blocksOf(result, 'assistant'))).toContain('in the middle of a')
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    expect(conversations().at(-1)?.turns.at(-1)?.text).toContain('Output token limit hit')
  })

  it('a refusal by the model: one more try, then words', async () => {
    const { run, generated } = await openWorld()
    const result = await run('[[scenario:refusal]]')
    expect(result).toMatchObject({ code: 1, timedOut: false })
    expect(result.result).toMatch(/safeguards flagged this message/u)
    expect(generated()).toHaveLength(2)
  })
})
