import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bash, type MessagesClient, startMessagesClient } from '../lib/messages-client.ts'
import { solidPng } from '../lib/png.ts'

type Headers = Record<string, string>

const tools = [bash]
let client: MessagesClient

beforeAll(async () => {
  client = await startMessagesClient()
})
afterAll(() => client.close())

describe('clients-checklist-content: thinking (lines 14, 15)', () => {
  it.each<[string, readonly object[]]>([
    ['with an empty signature', [{ type: 'thinking', thinking: 'Hm.', signature: '' }]],
    ['with an empty text', [{ type: 'thinking', thinking: '', signature: 'abc' }]],
    ['of another backend', [{ type: 'thinking', thinking: 'Hm.', signature: 'EqQBCgIYAhIM' }]],
    ['redacted', [{ type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3p' }]],
    ['stripped', []],
  ])('14: a history whose thinking is %s', async (_name, thoughts) => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [...thoughts, { type: 'text', text: 'Hello.' }] },
      { role: 'user', content: '[[scenario:text text=on]]' },
    ]
    expect((await client.send(ask('', { messages, thinking: { type: 'adaptive' } }))).status).toBe(200)
    expect(client.last().outcome).toBe('ok')
  })

  it.each<[string, object]>([
    ['adaptive', { thinking: { type: 'adaptive' } }],
    ['adaptive, omitted', { thinking: { type: 'adaptive', display: 'omitted' } }],
    ['adaptive, updates', { thinking: { type: 'adaptive', display: 'updates' } }],
    ['a budget', { thinking: { type: 'enabled', budget_tokens: 31_999 }, max_tokens: 32_000 }],
    ['a mode from the future', { thinking: { type: 'telepathic' } }],
    ['an effort', { output_config: { effort: 'max' } }],
    ['context management', { context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] } }],
    ['more output than there is', { max_tokens: 1_000_000 }],
    ['next to no output', { max_tokens: 1 }],
  ])('15: %s', async (_name, fields) => {
    for (const model of ['claude-sonnet-5', 'claude-sonnet-4-5']) {
      expect((await client.send(ask('[[scenario:text text=fine]]', { ...fields, model }))).status).toBe(200)
      expect(client.last().outcome).toBe('ok')
    }
  })
})

describe('clients-checklist-content: tools (lines 16, 17, 18, 20, 22)', () => {
  const call = (id: string) => ({ type: 'tool_use', id, name: 'Bash', input: { command: 'ls' } })
  const png = solidPng(4, 4, [1, 2, 3]).toString('base64')

  it('16: deferred tools are ordinary ones, the placeholder is none, a reference is a text', async () => {
    const deferred = [...tools, { ...tools[0], name: 'WebSearch', defer_loading: true }]
    const placeholder = {
      name: 'DeferredToolPlaceholder',
      description: '',
      input_schema: { type: 'object', properties: {} },
      defer_loading: true,
    }
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [call('a')] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_reference', tool_name: 'WebSearch' }] },
        ],
      },
    ]
    expect((await client.send(ask('', { messages, tools: [...deferred, placeholder] }))).status).toBe(200)
    expect(client.last().outcome).toBe('ok')
    expect(client.sent()).not.toContain('DeferredToolPlaceholder')
    expect(client.sent()).not.toContain('defer_loading')
    expect(client.sent()).toMatch(/tool \\"WebSearch\\" is now available/u)
  })

  it('17: results in any order, with images, errors, nothing at all, and a text behind them', async () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: ['call_abc|fc_1:x.y', 'b', 'c', 'd'].map(call) },
      {
        role: 'user',
        content: [
          {
            tool_use_id: 'c',
            type: 'tool_result',
            content: [
              { type: 'text', text: 'THIRD' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
            ],
          },
          { type: 'tool_result', tool_use_id: 'call_abc|fc_1:x.y', content: 'FIRST', is_error: true },
          { type: 'tool_result', tool_use_id: 'd' },
          { type: 'tool_result', tool_use_id: 'b', content: [], is_error: false },
          { type: 'text', text: 'BEHIND' },
        ],
      },
    ]
    expect((await client.send(ask('', { messages, tools }))).status).toBe(200)
    expect(client.last().outcome).toBe('ok')
    for (const word of ['FIRST', 'THIRD', 'BEHIND', png]) expect(client.sent()).toContain(word)
  })

  it.each<[string, object]>([
    [
      '2020-12 keywords',
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        additionalProperties: false,
        properties: { n: { type: 'integer', exclusiveMinimum: 0, maximum: 9_007_199_254_740_991 } },
      },
    ],
    [
      'references',
      {
        properties: { a: { $ref: '#/$defs/A' } },
        $defs: { A: { type: 'object', properties: { self: { $ref: '#/$defs/A' } } } },
      },
    ],
    [
      'choices and nulls',
      {
        properties: { a: { oneOf: [{ type: 'string' }, { type: 'null' }] }, b: { type: ['string', 'null'] } },
        required: null,
      },
    ],
    ['properties without a type', { properties: { a: {}, b: { description: 'anything' } } }],
    ['nothing', {}],
  ])('17: a schema with %s', async (_name, schema) => {
    const declared = [{ name: 'mcp__a.b__c', description: 'x', input_schema: { type: 'object', ...schema } }]
    expect((await client.send(ask('[[scenario:text text=fine]]', { tools: declared }))).status).toBe(200)
    expect(client.last().outcome).toBe('ok')
  })

  it('18 and 22: what is for Anthropic only goes no further, and comes back from nobody', async () => {
    const system = [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.329.abc; cc_entrypoint=cli;' },
      { type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } },
    ]
    const safeguards = [{ type: 'dangerous_tool_use', classifier_context: { v: 1, home_dir: '/home/ada' } }]
    const response = await client.send(ask('[[scenario:tool]]', { system, safeguards, tools, stream: true }))
    expect(response.status).toBe(200)
    expect(await response.text()).not.toContain('safeguard')
    expect(client.sent()).toContain('You are an agent.')
    for (const word of ['billing', 'safeguards', '/home/ada']) expect(client.sent()).not.toContain(word)
  })

  it('20: a web search is answered in plain words', async () => {
    const search = [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }]
    const events = await client.stream('[[scenario:text text="No search."]]', {
      tools: search,
      tool_choice: { type: 'auto' },
    })
    expect(events.at(-1)?.name).toBe('message_stop')
    expect(client.last().outcome).toBe('ok')
  })
})

describe('clients-checklist-content: other paths (lines 19, 21, 24, 26)', () => {
  it.each([
    ['claude-haiku-4-5-20251001', 'claude-haiku-4.5'],
    ['claude-opus-4-8', 'claude-opus-4.8'],
    ['claude-3-5-haiku-20241022', 'claude-haiku-4.5'],
    ['claude-sonnet-5-5[1m]', 'claude-sonnet-5'],
    ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4.5'],
  ])('19: %s is answered by %s', async (model, served) => {
    expect((await client.send(ask('[[scenario:text text=fine]]', { model }))).status).toBe(200)
    expect(client.sent()).toContain(`"modelId":"${served}"`)
  })

  it('21: 25 counts at once, and no upstream call', async () => {
    const before = client.simulator.received.length
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        client.send(
          { model: 'claude-opus-5-5', messages: [{ role: 'user', content: 'word '.repeat(index + 1) }], tools: [] },
          {},
          '/v1/messages/count_tokens?beta=true',
        ),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(25).fill(200))
    const counts = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { input_tokens: number }).input_tokens),
    )
    expect(counts).toEqual(counts.toSorted((left, right) => left - right))
    expect(client.simulator.received.length).toBe(before)
  })

  it("24: the model list, in each client's shape", async () => {
    const list = async (headers: Headers) =>
      (await (
        await fetch(`${client.culvert.url}/v1/models?limit=1000`, {
          headers: { 'x-api-key': client.culvert.apiKey, ...headers },
        })
      ).json()) as {
        object?: string
        has_more?: boolean
        data: { id: string; type?: string; object?: string }[]
      }
    const anthropic = await list({ 'anthropic-version': '2023-06-01' })
    expect(anthropic.has_more).toBe(false)
    expect(anthropic.data.every(({ type }) => type === 'model')).toBe(true)
    expect(anthropic.data.filter(({ id }) => id.includes('claude')).length).toBeGreaterThan(5)
    const openAi = await list({})
    expect(openAi.object).toBe('list')
    expect(openAi.data.every(({ object }) => object === 'model')).toBe(true)
  })

  it.each([
    ['HEAD', '/api/hello'],
    ['GET', '/v1/organizations'],
    ['POST', '/api/event_logging/batch'],
  ])('26: %s %s is answered', async (method, path) => {
    const response = await fetch(client.culvert.url + path, { method, headers: { 'x-api-key': client.culvert.apiKey } })
    expect(response.status).toBe(404)
  })
})
