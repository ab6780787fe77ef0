import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator, type IssuedAccount, type Simulator } from '../index.ts'
import { generate, join, message, post, textOf, type Got } from '../test-client.ts'
import { assistant, conversation, tool, use, user, withSchema } from '../validate/request-builders.ts'
import { scenarioNames } from './index.ts'

let simulator: Simulator
let account: IssuedAccount

beforeAll(async () => {
  simulator = await startSimulator({ seed: 7 })
  account = simulator.issueAccount({ plan: 'power' })
})

afterAll(() => simulator.close())

function ask(content: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Got> {
  return generate(simulator, account, message(content, { userInputMessageContext: { tools: [tool()] }, ...changes }))
}

function names(got: Got): readonly string[] {
  return got.events.map((event) => event.name)
}

describe('scenarios', () => {
  it.each(scenarioNames)('%s is a stream of whole frames', async (name) => {
    const got = await ask(`[[scenario:${name} frames=3 bytes=1000]]`)
    expect(got.status).toBe(200)
    expect(simulator.received.at(-1)).toMatchObject({ scenario: name, outcome: 'ok' })
  })

  it('says by default what it saw', async () => {
    const text = textOf(await ask('Hello', { images: [{ format: 'png', source: { bytes: 'aGk=' } }] }))
    expect(text).toContain('1 message, 1 tool and 1 image')
  })

  it('keeps the order of the service', async () => {
    const json = names(await ask('[[scenario:text text="one two"]]'))
    expect(json.slice(0, 3)).toEqual(['initial-response', 'messageMetadataEvent', 'assistantResponseEvent'])
    expect(json.slice(-3)).toEqual(['contextUsageEvent', 'meteringEvent', 'metadataEvent'])
    const rest = await generate(simulator, account, message('[[scenario:text]]'), { endpoint: 'E2' })
    expect(names(rest)[0]).toBe('messageMetadataEvent')
    expect(rest.headers.get('x-amzn-codewhisperer-conversation-id')).toBe('5b0c1a52-8f3d-4a51-9a57-0c6d6f5f1e11')
  })

  it('tells usage as a percentage, as tokens, or not at all', async () => {
    simulator.setContextDenominator('claude-sonnet-4.5', 2)
    const percentage = await ask('[[scenario:text inputTokens=99990 outputTokens=10]]')
    expect(percentage.events.find(({ name }) => name === 'contextUsageEvent')?.payload).toEqual({
      contextUsagePercentage: 25,
    })
    expect(percentage.events.at(-1)?.payload).toEqual({ stopReason: 'END_TURN' })
    const tokens = await ask('[[scenario:text usage=tokens inputTokens=100 outputTokens=5 cacheRead=40 cacheWrite=10]]')
    expect(tokens.events.at(-1)?.payload['tokenUsage']).toMatchObject({
      uncachedInputTokens: 50,
      outputTokens: 5,
      totalTokens: 105,
      cacheReadInputTokens: 40,
      cacheWriteInputTokens: 10,
    })
    expect(names(await ask('[[scenario:text usage=none]]'))).not.toContain('contextUsageEvent')
  })

  it('can turn the tail around and name another stop reason', async () => {
    const got = await ask('[[scenario:text tail=reversed stopReason=end_turn]]')
    expect(names(got).slice(-3)).toEqual(['metadataEvent', 'meteringEvent', 'contextUsageEvent'])
    expect(got.events.at(-3)?.payload).toEqual({ stopReason: 'end_turn' })
  })

  it('gives a title to a side call that asks for one', async () => {
    const asked = message('Answer as JSON by the schema {"properties":{"title":{"type":"string"}}}.')
    expect(JSON.parse(textOf(await generate(simulator, account, asked)))).toHaveProperty('title')
  })

  it('spends credits by what was said', async () => {
    const before = simulator.creditsUsed(account.id)
    const got = await ask('[[scenario:text]]')
    const { usage } = got.events.find(({ name }) => name === 'meteringEvent')?.payload ?? {}
    expect(simulator.creditsUsed(account.id) - before).toBeCloseTo(Number(usage), 6)
  })

  it.each([
    ['refusal', 'REFUSAL'],
    ['length', 'MAX_TOKENS'],
    ['tool', 'TOOL_USE'],
  ])('%s ends with %s', async (name, stopReason) => {
    expect((await ask(`[[scenario:${name}]]`)).events.at(-1)?.payload).toMatchObject({ stopReason })
  })

  it('splits characters only over network chunks, never over frames', async () => {
    const text = textOf(await ask('[[scenario:utf8]]'))
    expect(textOf(await ask('[[scenario:utf8 chunk=1]]'))).toBe(text)
    expect(text).toContain('👩‍💻🎉')
  })

  it('sends a surrogate pair in two frames', async () => {
    expect(textOf(await ask('[[scenario:utf8-split-frames]]'))).toBe('before 🎉 after')
  })

  it('sends nothing at all when empty', async () => {
    expect((await ask('[[scenario:empty]]')).events).toEqual([])
  })

  it('numbers the frames of a long text', async () => {
    const lines = textOf(await ask('[[scenario:long-text frames=500 bytes=30]]'))
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(500)
    expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(lines.map((_line, index) => index))
  })

  it('reasons with a signature, and without text when it is to be omitted', async () => {
    const got = await ask('[[scenario:think]]')
    expect(join(got, 'reasoningContentEvent', 'text')).not.toBe('')
    expect(join(got, 'reasoningContentEvent', 'signature').length).toBeGreaterThan(100)
    const body = message('[[scenario:think]]', { modelId: 'claude-opus-5' })
    const omitted = await generate(simulator, account, {
      ...body,
      additionalModelRequestFields: { thinking: { type: 'adaptive', display: 'omitted' } },
    })
    expect(join(omitted, 'reasoningContentEvent', 'text')).toBe('')
    expect(join(omitted, 'reasoningContentEvent', 'signature')).not.toBe('')
  })

  it('makes tool inputs whole, and breaks those that are to be broken', async () => {
    const inputOf = async (name: string): Promise<string> =>
      join(await ask(`[[scenario:${name}]]`), 'toolUseEvent', 'input')
    expect(JSON.parse(await inputOf('tool'))).toEqual({ path: 'simulated path' })
    expect((await inputOf('tool-large-input')).length).toBeGreaterThan(199_000)
    const truncated = await inputOf('tool-truncated')
    expect(() => JSON.parse(truncated) as unknown).toThrow(SyntaxError)
    const stops = (await ask('[[scenario:tool-missing-stop]]')).events.filter(({ payload }) => payload['stop'] === true)
    expect(stops).toEqual([])
  })

  it('calls a tool once, or whenever a script says again', async () => {
    const history = [user('[[scenario:tool]]'), assistant('', [use('tooluse_a1')])]
    const answered = await generate(simulator, account, conversation({ history }))
    expect(textOf(answered)).toMatch(/^Done\. list_dir answered:/u)
    simulator.script({ scenario: 'tool', parameters: { again: true, path: '/b' } })
    const called = await generate(simulator, account, conversation({ history }))
    expect(JSON.parse(join(called, 'toolUseEvent', 'input'))).toEqual({ path: '/b' })
  })

  it('takes arguments with underscores from a marker', async () => {
    const declared = [withSchema({ type: 'object', properties: { file_path: { type: 'string' } } })]
    const got = await ask('[[scenario:tool file_path="/a b"]]', { userInputMessageContext: { tools: declared } })
    expect(JSON.parse(join(got, 'toolUseEvent', 'input'))).toEqual({ file_path: '/a b' })
  })

  it('helps when a marker names no scenario', async () => {
    expect(textOf(await ask('[[scenario:nothing]]'))).toContain('I know no scenario "nothing"')
  })

  it('obeys a header and a script before a marker', async () => {
    const headers = { 'x-simulator-scenario': 'text text=header' }
    const byHeader = await generate(simulator, account, message('[[scenario:text text=marker]]'), { headers })
    expect(textOf(byHeader)).toBe('header')
    simulator.script({ scenario: 'text', parameters: { text: 'script' } })
    simulator.script([{ frames: [{ event: 'assistantResponseEvent', payload: { content: 'own' } }] }], {
      accountId: account.id,
    })
    expect(textOf(await ask('[[scenario:text text=marker]]'))).toBe('own')
    expect(textOf(await ask('[[scenario:text text=marker]]'))).toBe('script')
    expect(textOf(await ask('[[scenario:text text=marker]]'))).toBe('marker')
  })

  it('refuses a script that it cannot play', () => {
    expect(() => simulator.script('nothing')).toThrow('no scenario')
    expect(() => simulator.script({ fault: 'invalid-grant' })).toThrow('cannot strike')
  })

  it('answers the same on every run with the same seed', async () => {
    const run = async (): Promise<readonly unknown[]> => {
      const other = await startSimulator({ seed: 3 })
      const issued = other.issueAccount()
      const response = await post(other, issued, message('[[scenario:think]]'))
      const bytes = Buffer.from(await response.arrayBuffer()).toString('base64')
      await other.close()
      return [issued, bytes]
    }
    expect(await run()).toEqual(await run())
  })
})
