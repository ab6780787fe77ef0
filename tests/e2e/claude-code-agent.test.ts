import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeOpaque } from '../../server/convert/client/opaque-text.ts'
import { claudeCodeInstalled } from '../lib/claude-code.ts'
import { blocksOf, retriesOf, sessionOf, toolCallsOf } from '../lib/claude-code-events.ts'
import { closeWorlds, openWorld } from '../lib/claude-code-world.ts'
import { solidPng } from '../lib/png.ts'

afterEach(closeWorlds)

/** Every reasoning signature in a request that the simulator received, in order. */
function signaturesIn(body: unknown): string[] {
  const found: string[] = []
  JSON.stringify(body, (key, value: unknown) => {
    if (key === 'signature' && typeof value === 'string') found.push(value)
    return value
  })
  return found
}

describe.skipIf(!claudeCodeInstalled)('Claude Code as an agent', () => {
  it('writes a file and reads it back', async () => {
    const { user, run, generated, conversations, tap } = await openWorld()
    const path = join(user.project, 'poem.txt')
    const result = await run(`[[scenario:write-and-read path=${path} content="Grüße, “world” 👋"]]`)
    expect(result).toMatchObject({ code: 0, timedOut: false })
    expect(result.result).toBe(`I wrote ${path} and read it back. Read answered: 1 Grüße, “world” 👋`)
    expect(toolCallsOf(result)).toEqual([
      { name: 'Write', input: { file_path: path, content: 'Grüße, “world” 👋' } },
      { name: 'Read', input: { file_path: path } },
    ])
    expect(await readFile(path, 'utf8')).toBe('Grüße, “world” 👋')
    expect(generated().map(({ status, outcome }) => `${status} ${outcome}`)).toEqual(Array(3).fill('200 ok'))
    expect(new Set(conversations().map(({ id }) => id)).size).toBe(1)
    expect(
      conversations()
        .at(-1)
        ?.turns.flatMap(({ toolUses }) => toolUses.map(({ name }) => name)),
    ).toEqual(['Write', 'Read'])
    expect(conversations().at(-1)?.turns.at(-1)?.toolResults).toMatchObject([
      { failed: false, text: '1\tGrüße, “world” 👋' },
    ])
    expect(retriesOf(result)).toEqual([])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200, 200, 200])
    expect(tap.on('/v1/messages').every(({ body }) => body['stream'] === true)).toBe(true)
  })

  it('tells the model when a tool failed', async () => {
    const { user, run, conversations } = await openWorld()
    const path = join(user.project, 'nothing-here.txt')
    const result = await run(`[[scenario:tool tool=Read file_path=${path}]]`)
    expect(result.code).toBe(0)
    expect(result.result).toMatch(/^Done\. Read failed: .*does not exist/u)
    expect(conversations().at(-1)?.turns.at(-1)?.toolResults).toMatchObject([{ failed: true }])
  })

  it('runs two tools of one answer', async () => {
    const { user, run, generated, conversations } = await openWorld()
    const [one, two] = [join(user.project, 'one.txt'), join(user.project, 'two.txt')]
    const result = await run(
      `[[scenario:parallel-tools command="echo first | tee ${one}" command2="echo second | tee ${two}"]]`,
    )
    expect(result).toMatchObject({
      code: 0,
      result: 'Both results are here. Bash answered: first Bash answered: second',
    })
    expect(await readFile(one, 'utf8')).toBe('first\n')
    expect(await readFile(two, 'utf8')).toBe('second\n')
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    const [asked, answered] = conversations().at(-1)?.turns.slice(-2) ?? []
    expect(asked?.toolUses).toHaveLength(2)
    const results = new Map(answered?.toolResults.map(({ toolUseId, text }) => [toolUseId, text]))
    expect(asked?.toolUses.map(({ id }) => results.get(id))).toEqual(['first', 'second'])
  })

  it('carries reasoning with its signature from one turn to the next, and over --continue', async () => {
    const { run, generated } = await openWorld()
    const first = await run('[[scenario:think-and-call]]')
    expect(first).toMatchObject({ code: 0, result: 'Done. Bash answered: thinking' })
    const thoughts = blocksOf(first, 'assistant').filter((block) => block.type === 'thinking')
    expect(thoughts.map((block) => block['thinking'])).toEqual(
      Array(2).fill('The person wants an answer. I compare two ways, and the shorter one is enough.'),
    )
    const issued = thoughts.map((block) => decodeOpaque(String(block['signature'])).value)
    expect(issued.every((signature) => signature.length > 100)).toBe(true)
    expect(signaturesIn(generated().at(0)?.body)).toEqual([])
    expect(signaturesIn(generated().at(1)?.body)).toEqual(issued.slice(0, 1))
    const second = await run('[[scenario:text text="And on."]]', { arguments: ['--continue'] })
    expect(second).toMatchObject({ code: 0, result: 'And on.' })
    expect(signaturesIn(generated().at(2)?.body)).toEqual(issued)
    // The simulator refuses a signature that it did not make, byte for byte.
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
  })

  it('keeps redacted reasoning out of sight and brings it back', async () => {
    const { run, generated } = await openWorld()
    const first = await run('[[scenario:think-redacted]] first')
    expect(first).toMatchObject({ code: 0, result: 'I thought about it, and this is the answer.' })
    expect(blocksOf(first, 'assistant').map(({ type }) => type)).toEqual(['redacted_thinking', 'text'])
    const second = await run('[[scenario:text text="Second."]]', { arguments: ['--continue'] })
    expect(second).toMatchObject({ code: 0, result: 'Second.' })
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    const [redacted] = blocksOf(first, 'assistant')
    expect(JSON.stringify(generated().at(1)?.body)).toContain(decodeOpaque(String(redacted?.['data'])).value)
    expect(retriesOf(second)).toEqual([])
  })

  it('looks at an image', async () => {
    const { simulator, user, run, generated, conversations } = await openWorld()
    const path = join(user.project, 'red.png')
    const image = solidPng(32, 16, [200, 30, 30])
    await writeFile(path, image)
    simulator.script([{ scenario: 'tool', parameters: { tool: 'Read', file_path: path } }, 'look-at-image'])
    const result = await run('What is in red.png?')
    expect(result).toMatchObject({ code: 0, result: `I see 1 image(s): png of ${image.length} bytes.` })
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    const newest = conversations().at(-1)?.turns.at(-1)
    expect(newest?.images).toEqual([{ format: 'png', bytes: image.length }])
    expect(newest?.toolResults).toMatchObject([{ failed: false }])
    expect(JSON.stringify(generated().at(-1)?.body)).toContain(image.toString('base64'))
  })

  it('continues a conversation under the same id, and begins a new one under another', async () => {
    const { run, generated, conversations } = await openWorld()
    const first = await run('[[scenario:text text="My name is Ada."]]')
    const second = await run('[[scenario:text text="I still know."]] Do you?', { arguments: ['--continue'] })
    const third = await run('[[scenario:text text="Hello."]]')
    expect([first, second, third].map(({ code, result }) => [code, result])).toEqual([
      [0, 'My name is Ada.'],
      [0, 'I still know.'],
      [0, 'Hello.'],
    ])
    expect(sessionOf(second)).toBe(sessionOf(first))
    expect(sessionOf(third)).not.toBe(sessionOf(first))
    const ids = conversations().map(({ id }) => id)
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
    expect(
      conversations()
        .at(1)
        ?.turns.map(({ text }) => text),
    ).toContain('My name is Ada.')
    expect(
      conversations()
        .at(2)
        ?.turns.map(({ text }) => text),
    ).not.toContain('My name is Ada.')
    expect(generated().every(({ outcome }) => outcome === 'ok')).toBe(true)
  })

  it('gets a sub-agent done, in a conversation of its own', async () => {
    const { simulator, run, generated, conversations } = await openWorld()
    simulator.script({
      scenario: 'tool',
      parameters: {
        tool: 'Agent',
        description: 'Count',
        prompt: '[[scenario:text text="Seven ducks."]]',
        subagent_type: 'general-purpose',
        run_in_background: false,
      },
    })
    const result = await run('Let somebody count the ducks.')
    expect(result.code).toBe(0)
    expect(result.result).toMatch(/^I got 1 tool result\./u)
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
    const [main, agent, after] = conversations()
    expect(after?.id).toBe(main?.id)
    expect(agent?.id).not.toBe(main?.id)
    expect(agent?.tools.length).toBeLessThan(main?.tools.length ?? 0)
    expect(agent?.turns.at(-1)?.text).toContain('[[scenario:text text="Seven ducks."]]')
    expect(after?.turns.at(-1)?.toolResults).toMatchObject([{ failed: false }])
    expect(after?.turns.at(-1)?.toolResults[0]?.text).toContain('Seven ducks.')
  })

  it('calls no tool twice when the upstream repeats a call', async () => {
    const { user, run, generated } = await openWorld()
    const path = join(user.project, 'lines.txt')
    const result = await run(`[[scenario:tool-duplicate tool=Bash command="echo line >> ${path}"]]`)
    expect(result.code).toBe(0)
    expect(await readFile(path, 'utf8')).toBe('line\n')
    expect(toolCallsOf(result)).toHaveLength(1)
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it('does a long piece of work', async () => {
    const { user, run, generated, conversations } = await openWorld()
    const path = join(user.project, 'log.txt')
    const result = await run(`[[scenario:tool-loop turns=12 command="echo step >> ${path}"]]`)
    expect(result.code).toBe(0)
    expect(result.result).toMatch(/^I made 12 calls\./u)
    expect(await readFile(path, 'utf8')).toBe('step\n'.repeat(12))
    expect(generated()).toHaveLength(13)
    expect(generated().every(({ outcome }) => outcome === 'ok')).toBe(true)
    expect(new Set(conversations().map(({ id }) => id)).size).toBe(1)
  })
})
