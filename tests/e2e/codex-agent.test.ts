import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { codexInstalled, type CodexResult } from '../lib/codex.ts'
import { closeCodexWorlds, openCodexWorld } from '../lib/codex-world.ts'
import { solidPng } from '../lib/png.ts'

afterEach(closeCodexWorlds)

/** What Codex did, without what the model said. */
const deedsOf = ({ items }: CodexResult) => items.map(({ type }) => type).filter((type) => type !== 'agent_message')

/** Every reasoning signature in a request that the simulator received, in order. */
function signaturesIn(body: unknown): string[] {
  const found: string[] = []
  JSON.stringify(body, (key, value: unknown) => {
    if (key === 'signature' && typeof value === 'string') found.push(value)
    return value
  })
  return found
}

/** The items of one type in what Codex sent. */
const sent = (body: Record<string, unknown> | undefined, type: string) =>
  ((body?.['input'] ?? []) as Record<string, unknown>[]).filter((item) => item['type'] === type)

describe.skipIf(!codexInstalled)('Codex as an agent', () => {
  it.each([
    ['gpt-5.5', 4, ['exec_command', 'apply_patch', 'exec_command']],
    ['gpt-6.1-sol', 2, ['exec']],
  ])('edits a file with commands and a patch, as %s', async (model, requests, tools) => {
    const { user, run, generated, conversations, statuses } = await openCodexWorld()
    const prompt = '[[scenario:patch-file path=poem.txt content="Roses are “red”" changed="Grüße 👋"]]'
    const result = await run(prompt, { model })
    expect(result).toMatchObject({ code: 0, timedOut: false, failure: '' })
    expect(result.text).toMatch(/^I changed poem\.txt\. .*Grüße 👋$/u)
    expect(await readFile(join(user.project, 'poem.txt'), 'utf8')).toBe('Grüße 👋\n')
    expect(deedsOf(result)).toEqual(['command_execution', 'file_change', 'command_execution'])
    expect(statuses()).toEqual(Array(requests).fill(200))
    expect(generated().map(({ outcome }) => outcome)).toEqual(Array(requests).fill('ok'))
    expect(new Set(conversations().map(({ id }) => id)).size).toBe(1)
    const turns = conversations().at(-1)?.turns ?? []
    expect(turns.flatMap(({ toolUses }) => toolUses.map(({ name }) => name))).toEqual(tools)
    expect(turns.flatMap(({ toolResults }) => toolResults)).toHaveLength(tools.length)
    expect(result.usage['input_tokens']).toBeGreaterThan(10_000)
    expect(result.usage['output_tokens']).toBeGreaterThan(20)
  })

  it('works under a name that it does not know', async () => {
    const { run, conversations } = await openCodexWorld()
    const result = await run('[[scenario:tool tool=exec_command cmd="echo one two"]]', { model: 'claude-sonnet-5' })
    expect(result.text).toMatch(/^Done\. exec_command answered: .*one two$/u)
    expect(
      conversations()
        .at(-1)
        ?.tools.map(({ name }) => name),
    ).toContain('multi_agent_v1__spawn_agent')
  })

  it('tells the model when a tool failed', async () => {
    const { run, conversations } = await openCodexWorld()
    const result = await run('[[scenario:tool tool=exec_command cmd="cat nothing-here.txt"]]')
    expect(result.text).toMatch(/exited with code 1 .*No such file/u)
    expect(conversations()).toHaveLength(2)
  })

  it('calls a tool inside a namespace', async () => {
    const { run, tap } = await openCodexWorld()
    const result = await run('[[scenario:tool tool=collaboration__list_agents]]', { model: 'gpt-6.1-sol' })
    expect(result.text).toContain('"agent_name":"/root"')
    const [call] = sent(tap.on('/v1/responses').at(-1)?.body, 'function_call')
    expect(call).toMatchObject({ namespace: 'collaboration', name: 'list_agents' })
  })

  it('searches for tools, and the found ones can be called', async () => {
    const { simulator, run, conversations, tap } = await openCodexWorld()
    simulator.script([
      { scenario: 'tool', parameters: { tool: 'tool_search', query: 'agent' } },
      { scenario: 'tool', parameters: { tool: 'multi_agent_v1__close_agent', target: 'nobody', again: true } },
      { scenario: 'text', parameters: { text: 'Well.' } },
    ])
    expect(await run('Find the tools for agents.')).toMatchObject({ code: 0, text: 'Well.' })
    const [before, after, last] = conversations()
    expect(before?.tools.map(({ name }) => name)).not.toContain('multi_agent_v1__close_agent')
    expect(after?.tools.map(({ name }) => name)).toContain('multi_agent_v1__close_agent')
    expect(after?.turns.at(-1)?.toolResults[0]?.text).toContain('multi_agent_v1__close_agent')
    expect(last?.turns.at(-1)?.toolResults[0]?.text).toMatch(/nobody|agent/u)
    expect(last?.turns.at(-1)?.toolResults[0]?.text).not.toContain('unsupported call')
    const [call] = sent(tap.on('/v1/responses').at(-1)?.body, 'function_call')
    expect(call).toMatchObject({ namespace: 'multi_agent_v1', name: 'close_agent' })
  })

  it('reports several times on one call', async () => {
    const { simulator, run, conversations, generated } = await openCodexWorld()
    const input = JSON.stringify({ input: 'notify("first"); notify("second"); text("third")' })
    simulator.script([
      { scenario: 'tool', parameters: { tool: 'exec', input } },
      { scenario: 'text', parameters: { text: 'Heard.' } },
    ])
    expect(await run('Report.', { model: 'gpt-6.1-sol' })).toMatchObject({ code: 0, text: 'Heard.' })
    const [result, ...others] =
      conversations()
        .at(-1)
        ?.turns.flatMap(({ toolResults }) => toolResults) ?? []
    expect(others).toEqual([])
    for (const word of ['first', 'second', 'third']) expect(result?.text).toContain(word)
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it.each([
    ['gpt-5.5', ''],
    ['claude-sonnet-5', 'I compare two ways'],
  ])('carries reasoning with its signature from turn to turn, and over resume, as %s', async (model, summary) => {
    const { run, generated, tap } = await openCodexWorld()
    const first = await run('[[scenario:think-and-call tool=exec_command]]', { model })
    expect(first.text).toMatch(/^Done\. exec_command answered: .*thinking$/u)
    const second = await run('[[scenario:text text="And on."]]', { model, resume: true })
    expect(second).toMatchObject({ code: 0, text: 'And on.' })
    const carried = generated().map(({ body }) => signaturesIn(body))
    expect(carried.map((signatures) => signatures.length)).toEqual([0, 1, 2])
    expect(carried[2]?.[0]).toBe(carried[1]?.[0])
    expect(carried[2]?.every((signature) => signature.length > 100)).toBe(true)
    expect(JSON.stringify(generated().at(-1)?.body)).toMatch(/"text":"[^"]*I compare two ways[^"]*","signature"/u)
    const [echoed] = sent(tap.on('/v1/responses').at(-1)?.body, 'reasoning')
    expect(JSON.stringify(echoed?.['summary'])).toContain(summary)
    expect(echoed?.['summary']).toHaveLength(summary === '' ? 0 : 1)
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
  })

  it('sends pictures, attached and from a tool', async () => {
    const { user, run, conversations } = await openCodexWorld()
    const path = join(user.project, 'red.png')
    await writeFile(path, solidPng(8, 8, [255, 0, 0]))
    expect(await run('[[scenario:look-at-image]]', { arguments: ['-i', path, '--'] })).toMatchObject({
      text: expect.stringMatching(/^I see 1 image\(s\): png/u),
    })
    await run(`[[scenario:tool tool=view_image path=${path}]]`)
    expect(conversations().at(-1)?.turns.at(-1)).toMatchObject({
      images: [{ format: 'png' }],
      toolResults: [{ failed: false }],
    })
  })

  it('asks for an answer of a certain form', async () => {
    const { simulator, user, run, conversations, tap } = await openCodexWorld()
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    }
    await writeFile(join(user.project, 'schema.json'), JSON.stringify(schema))
    simulator.script({ scenario: 'text', parameters: { text: '{"city":"Bern"}' } })
    expect(await run('Where?', { arguments: ['--output-schema', 'schema.json'] })).toMatchObject({
      code: 0,
      text: '{"city":"Bern"}',
    })
    expect(tap.on('/v1/responses')[0]?.body['text']).toMatchObject({ format: { type: 'json_schema', strict: true } })
    expect(conversations()[0]?.turns.at(-1)?.text).toContain('"required":["city"]')
  })

  it('shortens a long conversation by a summary, and goes on', async () => {
    const { simulator, run, tap, conversations, generated } = await openCodexWorld()
    simulator.script([
      { scenario: 'tool', parameters: { tool: 'exec_command', cmd: 'seq 1 6000' } },
      { scenario: 'text', parameters: { text: 'All numbers up to 6000 were seen.' } },
      { scenario: 'text', parameters: { text: 'Done.' } },
    ])
    const result = await run('Count.', { arguments: ['-c', 'model_auto_compact_token_limit=18000'] })
    expect(result).toMatchObject({ code: 0, failure: '', text: 'Done.' })
    const kinds = tap.on('/v1/responses').map(({ headers }) => {
      const metadata = JSON.parse(String(headers['x-codex-turn-metadata'])) as { request_kind: string }
      return metadata.request_kind
    })
    expect(kinds).toEqual(['turn', 'compaction', 'turn'])
    expect(generated().every(({ outcome }) => outcome === 'ok')).toBe(true)
    const [before = 0, after = 0] = conversations()
      .slice(1)
      .map(({ inputTokens }) => inputTokens)
    expect(after).toBeLessThan(before / 1.5)
    expect(JSON.stringify(conversations().at(-1)?.turns)).toContain('All numbers up to 6000 were seen.')
  })

  it('falls back from WebSocket at once', async () => {
    const { run, tap } = await openCodexWorld({ provider: ['supports_websockets = true'] })
    expect(await run('[[scenario:text text="Over HTTP."]]')).toMatchObject({ code: 0, text: 'Over HTTP.' })
    expect(tap.exchanges.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'GET /v1/responses 426',
      'POST /v1/responses 200',
    ])
  })
})
