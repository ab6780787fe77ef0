import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ReceivedRequest, type Simulator, startSimulator } from '../../simulator/index.ts'
import { type LocalCulvert, startLocalCulvert } from '../lib/in-process.ts'

let simulator: Simulator
let culvert: LocalCulvert
let client: Anthropic

beforeEach(async () => {
  simulator = await startSimulator()
  culvert = await startLocalCulvert({ ...simulator.environment })
  client = new Anthropic({ baseURL: culvert.url, apiKey: culvert.apiKey, logLevel: 'off', maxRetries: 0 })
})
afterEach(async () => {
  await culvert.close()
  await simulator.close()
})

/** Adds a Gemini account as the management API does, and waits for its models. */
async function addGemini(apiKey: string, other: Record<string, string | number> = {}): Promise<string> {
  const { id } = await culvert.accounts.service.add({ type: 'gemini', label: apiKey, apiKey, other })
  await culvert.accounts.service.refreshDetails(id)
  return id
}

const generated = (): readonly ReceivedRequest[] =>
  simulator.received.filter((request) => request.route === 'gemini-generate')
const lastBody = () => generated().at(-1)?.body as { contents: { role: string; parts: Record<string, unknown>[] }[] }
const statusOf = (id: string) => culvert.accounts.book.get(id)?.status

const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'Weather of a city',
  input_schema: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: {
      city: { type: 'string', minLength: 1, description: 'The city' },
      days: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
      unit: { enum: ['c', 'f'], default: 'c' },
      near: { $ref: '#/$defs/place' },
    },
    required: ['city', 'days'],
    $defs: { place: { type: 'object', properties: { lat: { type: 'number', exclusiveMinimum: -90 } } } },
  },
}
const time: Anthropic.Tool = {
  name: 'mcp time/now',
  description: 'The time',
  input_schema: { type: 'object', properties: { zone: { type: ['string', 'null'] } } },
}

function ask(
  model: string,
  content: string | Anthropic.MessageParam[],
  more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {},
): Anthropic.MessageCreateParamsNonStreaming {
  const messages = typeof content === 'string' ? [{ role: 'user' as const, content }] : content
  return { model, max_tokens: 4_000, messages, ...more }
}

const thinking = { type: 'enabled' as const, budget_tokens: 2_000 }
const textOf = (message: Anthropic.Message) =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')

function resultsOf(message: Anthropic.Message): Anthropic.ToolResultBlockParam[] {
  return message.content
    .filter((block) => block.type === 'tool_use')
    .map((use) => ({ type: 'tool_result', tool_use_id: use.id, content: `done ${use.name}` }))
}

describe('gemini: the official SDK on an API key', () => {
  beforeEach(async () => {
    await addGemini('AIzaSim-one')
  })

  it('lists the models that hold conversations, from every page', async () => {
    const listed = await client.models.list()
    expect(listed.data.map(({ id }) => id)).toEqual([
      'gemini-2.5-pro',
      'gemini-2.5-flash',
      'gemini-3-pro-preview',
      'gemini-3-flash-preview',
      'gemini-3.1-flash-lite',
    ])
  })

  it('answers in one message, with what was used', async () => {
    const message = await client.messages.create(ask('gemini-2.5-flash', 'Hi', { system: 'Be short.' }))
    expect(message.content).toEqual([{ type: 'text', text: 'Hello from Gemini. ✓' }])
    expect(message.stop_reason).toBe('end_turn')
    expect(message.usage).toMatchObject({ input_tokens: 300, cache_read_input_tokens: 900, output_tokens: 240 })
    expect(generated()[0]?.headers['x-goog-api-key']).toBe('AIzaSim-one')
    expect(generated()[0]?.body).toMatchObject({
      systemInstruction: { role: 'user', parts: [{ text: 'Be short.' }] },
      generationConfig: { maxOutputTokens: 4_000, thinkingConfig: { includeThoughts: false, thinkingBudget: 0 } },
    })
  })

  it.each(['[[crlf]]', '[[bytes]]', '[[crlf]] [[bytes]]', ''])('streams, however it is delivered: %s', async (how) => {
    const stream = client.messages.stream(ask('gemini-2.5-pro', `Hi ${how}`, { thinking }))
    const message = await stream.finalMessage()
    expect(message.content).toEqual([
      {
        type: 'thinking',
        thinking: 'I look at the question first, then I answer.',
        signature: expect.stringMatching(/^cv1\.gemini\./u) as string,
      },
      { type: 'text', text: 'Hello from Gemini. ✓' },
    ])
  })

  it.each(['gemini-2.5-pro', 'gemini-3-pro-preview', 'gemini-3-flash-preview'])(
    '%s: thinking and parallel tools come back accepted, turn after turn',
    async (model) => {
      const tools = [weather, time]
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: '[[gemini:parallel-tools]] What now?' }]
      const first = await client.messages.stream(ask(model, messages, { tools, thinking })).finalMessage()
      expect(first.stop_reason).toBe('tool_use')
      expect(first.content.flatMap((block) => (block.type === 'tool_use' ? [block.name] : []))).toEqual([
        'get_weather',
        'mcp time/now',
      ])
      messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: resultsOf(first) })
      const second = await client.messages.create(ask(model, messages, { tools, thinking }))
      expect(textOf(second)).toContain('done get_weather')
      const calls = lastBody().contents[1]?.parts.filter((part) => part['functionCall'] !== undefined)
      expect(calls?.map((part) => part['thoughtSignature'])).toEqual([expect.any(String), undefined])
      expect(calls?.[0]?.['thoughtSignature']).not.toBe('skip_thought_signature_validator')
      messages.push(
        { role: 'assistant', content: second.content },
        { role: 'user', content: 'And again? [[gemini:tool]]' },
      )
      const third = await client.messages.create(ask(model, messages, { tools, thinking }))
      expect(third.stop_reason).toBe('tool_use')
    },
  )

  it('goes on without signatures where the client keeps none', async () => {
    const model = 'gemini-3-pro-preview'
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: '[[gemini:tool-with-id]]' }]
    const first = await client.messages.create(ask(model, messages, { tools: [weather] }))
    expect(first.content.map((block) => block.type)).toEqual(['text', 'tool_use'])
    messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: resultsOf(first) })
    expect(textOf(await client.messages.create(ask(model, messages, { tools: [weather] })))).toContain('done')
    expect(lastBody().contents[1]?.parts.at(-1)).toMatchObject({
      functionCall: { id: 'gem-1' },
      thoughtSignature: 'skip_thought_signature_validator',
    })
  })

  it('strips refused signatures and asks once more', async () => {
    const first = await client.messages.create(ask('gemini-2.5-pro', 'Hi', { thinking }))
    const spoiled = first.content.map((block) =>
      block.type === 'thinking' ? { ...block, thinking: `${block.thinking} Changed.` } : block,
    )
    const messages: Anthropic.MessageParam[] = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: spoiled },
      { role: 'user', content: 'Go on' },
    ]
    const { data, response } = await client.messages
      .create(ask('gemini-2.5-pro', messages, { thinking }))
      .withResponse()
    expect(textOf(data)).toContain('Hello')
    expect(response.headers.get('x-culvert-repairs')).toContain('reasoning-signature-refused')
  })

  it('asks by budget where the thinking level is refused', async () => {
    const message = await client.messages.create(ask('gemini-3.1-flash-lite', 'Hi', { thinking }))
    expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'text'])
    expect(generated().map(({ status }) => status)).toEqual([400, 200])
    expect(lastBody()).toMatchObject({ generationConfig: { thinkingConfig: { thinkingBudget: 2_000 } } })
  })

  it('passes images, PDFs and results with pictures', async () => {
    const png = { type: 'base64' as const, media_type: 'image/png' as const, data: 'iVBORw0KGgo=' }
    const messages: Anthropic.MessageParam[] = [
      {
        role: 'user',
        content: [
          { type: 'image', source: png },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
          { type: 'text', text: 'Look' },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Rome' } }],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'image', source: png }] }],
      },
    ]
    await client.messages.create(ask('gemini-2.5-pro', messages, { tools: [weather] }))
    const [start, , result] = lastBody().contents
    expect(start?.parts).toEqual([
      { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
      { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
      { text: 'Look' },
    ])
    expect(result?.parts[1]).toEqual({ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } })
    await client.messages.create(ask('gemini-3-pro-preview', messages, { tools: [weather] }))
    expect(lastBody().contents[2]?.parts[0]).toMatchObject({ functionResponse: { parts: [{ inlineData: {} }] } })
  })

  it.each([
    ['blocked', 'refusal'],
    ['safety', 'refusal'],
    ['max-tokens', 'max_tokens'],
  ])('%s ends with %s', async (scenario, reason) => {
    const message = await client.messages.create(ask('gemini-2.5-pro', `[[gemini:${scenario}]]`))
    expect(message.stop_reason).toBe(reason)
  })

  it.each([
    ['too-long', 400, /^.*prompt is too long: 1200000 tokens > 1048576/u],
    ['rate-limited', 429, /requests or tokens a minute/u],
    ['daily-limit', 429, /allowance/u],
    ['internal', 502, /internal error/u],
    ['location', 403, /location/u],
  ])('%s is told with status %d', async (fault, status, message) => {
    const error: unknown = await client.messages
      .create(ask('gemini-2.5-pro', `[[gemini-fault:${fault}]]`))
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ status, message: expect.stringMatching(message) as string })
  })

  it('an error inside the stream is the client’s when the answer has begun', async () => {
    const stream = client.messages.stream(ask('gemini-2.5-pro', '[[gemini:error-later]]'))
    await expect(stream.finalMessage()).rejects.toThrow(/internal error/u)
    const cut = client.messages.stream(ask('gemini-2.5-pro', '[[gemini:no-finish]]'))
    await expect(cut.finalMessage()).rejects.toThrow(/before its answer was complete/u)
  })
})

describe('gemini: Chat Completions', () => {
  it('calls tools and takes their results, without a place for signatures', async () => {
    await addGemini('AIzaSim-one')
    const openai = new OpenAI({ baseURL: `${culvert.url}/v1`, apiKey: culvert.apiKey, maxRetries: 0 })
    const model = 'gemini-3-pro-preview'
    const parameters = { type: 'object', properties: { path: { type: 'string' } }, additionalProperties: false }
    const tools = [{ type: 'function' as const, function: { name: 'read', strict: true, parameters } }]
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: '[[gemini:parallel-tools]]' }]
    const first = await openai.chat.completions.create({ model, messages, tools, reasoning_effort: 'high' })
    const answer = first.choices[0]?.message
    const calls = answer?.tool_calls ?? []
    expect(first.choices[0]?.finish_reason).toBe('tool_calls')
    expect(calls).toHaveLength(2)
    if (answer !== undefined) messages.push(answer)
    for (const { id } of calls) messages.push({ role: 'tool', tool_call_id: id, content: `read ${id}` })
    const second = await openai.chat.completions.create({ model, messages, tools })
    expect(second.choices[0]?.message.content).toContain(`read ${calls[1]?.id}`)
  })
})

describe('gemini: a key that Google does not accept', () => {
  it('asks for another key in words, and rests the account for good', async () => {
    const id = await addGemini('AIzaSim-fault-key-expired')
    const error: unknown = await client.messages.create(ask('gemini-2.5-pro', 'Hi')).catch((reason: unknown) => reason)
    expect((error as Error).message).toContain('aistudio.google.com')
    expect((error as Error).message).not.toContain('AIzaSim')
    expect(statusOf(id)).toBe('sign-in-needed')
  })
})

describe('gemini beside kiro', () => {
  beforeEach(async () => {
    await culvert.foundation.settings.put({
      strategy: 'priority',
      unknownModelPolicy: 'default',
      defaultModel: 'gemini-2.5-pro',
    })
  })

  it.each(['rate-limited', 'daily-limit', 'key-expired', 'terms', 'not-in-plan', 'internal', 'service-disabled'])(
    '%s: the next account, of another service, answers',
    async (fault) => {
      await addGemini(`AIzaSim-fault-${fault}`, { priority: 0 })
      await culvert.add(simulator.issueAccount(), { priority: 1 })
      const message = await client.messages.create(ask('claude-sonnet-5', 'hello'))
      expect(textOf(message)).not.toBe('')
      expect(generated()).toHaveLength(1)
      expect(simulator.counts.byRoute['generate']).toBe(1)
    },
  )

  it.each(['empty', 'malformed-call', 'error-list'])(
    '%s: also a fault in the stream before its first event',
    async (name) => {
      await addGemini('AIzaSim-one', { priority: 0 })
      await culvert.add(simulator.issueAccount(), { priority: 1 })
      const message = await client.messages.create(ask('claude-sonnet-5', `hello [[gemini:${name}]]`))
      expect(textOf(message)).not.toContain('Gemini')
      expect([generated().length, simulator.counts.byRoute['generate']]).toEqual([1, 1])
    },
  )

  it('hands a conversation with thinking and tools from Kiro to Gemini and back', async () => {
    const kiro = await culvert.add(simulator.issueAccount())
    const gemini = await addGemini('AIzaSim-one')
    const tools = [weather]
    const messages: Anthropic.MessageParam[] = []
    const turn = async (account: string, model: string, content: Anthropic.MessageParam['content']) => {
      messages.push({ role: 'user', content })
      const answer = await client.messages.create(ask(model, messages, { tools, thinking }), {
        headers: { 'x-account-id': account },
      })
      messages.push({ role: 'assistant', content: answer.content })
      return answer
    }
    const fromKiro = await turn(kiro, 'claude-sonnet-5', '[[scenario:think-and-call tool=get_weather city=Rome]]')
    expect(fromKiro.content.map(({ type }) => type)).toEqual(expect.arrayContaining(['thinking', 'tool_use']))
    const fromGemini = await turn(gemini, 'gemini-3-pro-preview', [
      ...resultsOf(fromKiro),
      { type: 'text', text: 'Now you. [[gemini:tool]]' },
    ])
    expect(fromGemini.stop_reason).toBe('tool_use')
    expect(fromGemini.content.some((block) => block.type === 'thinking')).toBe(true)
    const back = await turn(kiro, 'claude-sonnet-5', resultsOf(fromGemini))
    expect(back.stop_reason).toBeTruthy()
    const again = await turn(gemini, 'gemini-3-pro-preview', 'And once more you.')
    expect(textOf(again)).toContain('Hello from Gemini')
    const calls = simulator.received.filter(({ route }) => route === 'generate' || route === 'gemini-generate')
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })
})

describe('gemini: POST /v1/gemini/messages', () => {
  const post = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${culvert.url}/v1/gemini/messages`, {
      method: 'POST',
      headers: { 'x-api-key': culvert.apiKey, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  it('uses Gemini accounts only, and the one that X-Account-ID names', async () => {
    const kiro = await culvert.add(simulator.issueAccount())
    const alone = await post(ask('gemini-2.5-pro', 'Hi'))
    expect(alone.status).toBe(403)
    expect(await alone.text()).toContain('accounts of type gemini only')
    await addGemini('AIzaSim-one')
    const second = await addGemini('AIzaSim-two')
    expect((await post(ask('gemini-2.5-pro', 'Hi'))).status).toBe(200)
    expect((await post(ask('gemini-2.5-pro', 'Hi'), { 'x-account-id': second })).status).toBe(200)
    expect(generated().at(-1)?.accountId).toBe('AIzaSim-two')
    expect((await post(ask('gemini-2.5-pro', 'Hi'), { 'x-account-id': kiro })).status).not.toBe(200)
    expect((await post(ask('claude-sonnet-4.5', 'Hi'))).status).toBe(404)
  })
})
