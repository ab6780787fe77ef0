import Anthropic, { APIError } from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ErrorKind } from '../../server/canonical/error.ts'
import type { StoredAccount } from '../../server/store/types.ts'
import { type ReceivedRequest, type Simulator, startSimulator } from '../../simulator/index.ts'
import type { AnthropicFault } from '../../simulator/upstreams/anthropic/faults.ts'
import { type LocalCulvert, startLocalCulvert } from '../lib/in-process.ts'

let simulator: Simulator
let culvert: LocalCulvert
let client: Anthropic
let key: string
let accountId: string

beforeEach(async () => {
  simulator = await startSimulator()
  culvert = await startLocalCulvert({ ...simulator.environment })
  await culvert.foundation.settings.put({ strategy: 'priority', firstByteTimeoutMs: 2_000, idleTimeoutMs: 2_000 })
  client = new Anthropic({ baseURL: culvert.url, apiKey: culvert.apiKey, logLevel: 'off', maxRetries: 0 })
  key = simulator.anthropic.issueKey()
  accountId = await addAnthropic()
})
afterEach(async () => {
  await culvert.close()
  await simulator.close()
})

async function addAnthropic(other: Record<string, string | number | string[]> = {}): Promise<string> {
  const { id } = await culvert.accounts.service.add({
    type: 'anthropic',
    other: { baseUrl: simulator.anthropic.url, apiKey: key, priority: 0, ...other },
  })
  await culvert.accounts.service.refreshDetails(id)
  return id
}

const received = (): readonly ReceivedRequest[] => simulator.received.filter(({ route }) => route === 'messages')
const lastBody = () => received().at(-1)?.body as Record<string, unknown>
/** What the strict services found wrong with the completions that were asked of them. */
const refusals = () =>
  simulator.received.filter(({ route }) => route !== 'profiles').flatMap(({ refusal }) => refusal ?? [])
const account = (id = accountId): StoredAccount | undefined => culvert.accounts.book.get(id)

const tools: Anthropic.Tool[] = ['Write', 'Read'].map((name) => ({
  name,
  description: `${name}s a file.`,
  input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
}))

function ask(text: string, changes: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) {
  return {
    model: 'claude-sonnet-4-6',
    max_tokens: 4_000,
    messages: [{ role: 'user' as const, content: text }],
    ...changes,
  }
}

describe('an Anthropic account', () => {
  it('lists its models over all pages, and keeps its key out of what is stored', () => {
    const ids = (account()?.models as { id: string }[] | undefined)?.map(({ id }) => id)
    expect(ids).toContain('claude-haiku-4-5-20251001')
    expect(ids).toHaveLength(4)
    expect(JSON.stringify(account())).not.toContain(key)
    expect(received()).toEqual([])
  })

  it('takes the models that the person lists', async () => {
    const id = await addAnthropic({ models: ['claude-sonnet-4-6'] })
    expect(account(id)?.models).toEqual([{ id: 'claude-sonnet-4-6', name: 'claude-sonnet-4-6' }])
  })

  it.each(['text', 'utf8', 'length', 'stop-sequence', 'refusal'])('streams the scenario %s', async (scenario) => {
    const stream = client.messages.stream(ask(`Say it. [[scenario:${scenario}]]`))
    let text = ''
    stream.on('text', (delta) => (text += delta))
    const message = await stream.finalMessage()
    const reasons: Record<string, string> = {
      length: 'max_tokens',
      'stop-sequence': 'stop_sequence',
      refusal: 'refusal',
    }
    expect(message.stop_reason).toBe(reasons[scenario] ?? 'end_turn')
    const texts: Record<string, RegExp> = { utf8: /^Grüße 你好 👩‍👩‍👧‍👦 𝕬 — “ßs” 🇪🇺$/u, refusal: /^$/u }
    expect(text).toMatch(texts[scenario] ?? /./u)
    expect(message.stop_sequence).toBe(scenario === 'stop-sequence' ? 'three' : null)
    expect(message.usage).toMatchObject({ cache_creation_input_tokens: 3 })
    expect(message.usage.cache_read_input_tokens).toBeGreaterThan(0)
    expect(message.usage.output_tokens).toBeGreaterThan(0)
    expect(refusals()).toEqual([])
  })

  it('answers without a stream too', async () => {
    const message = await client.messages.create(ask('Hello'))
    expect(message.content).toEqual([{ type: 'text', text: 'You said: Hello' }])
    expect(received()[0]?.headers['user-agent']).toMatch(/culvert/iu)
    expect(received()[0]?.headers.authorization).toBeUndefined()
  })

  it.each(['tools', 'parallel'])('carries tool calls and their results: %s', async (scenario) => {
    const first = ask(`Go. [[scenario:${scenario}]]`, { tools, thinking: { type: 'adaptive' } })
    const called = await client.messages.stream(first).finalMessage()
    expect(called.stop_reason).toBe('tool_use')
    const calls = called.content.filter((block) => block.type === 'tool_use')
    expect(calls).toHaveLength(scenario === 'tools' ? 1 : 2)
    expect(calls[0]?.input).toEqual({ path: '/tmp/0.txt', content: 'Grüße 你好 👩‍👩‍👧‍👦 𝕬 — “ßs” 🇪🇺' })
    const done = await client.messages.create({
      ...first,
      messages: [
        ...first.messages,
        { role: 'assistant', content: called.content },
        {
          role: 'user',
          content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: 'written' })),
        },
      ],
    })
    expect(done.content.at(-1)).toMatchObject({ type: 'text', text: `Got ${calls.length} results.` })
    expect(refusals()).toEqual([])
  })

  it.each([
    ['claude-sonnet-4-6', { type: 'adaptive' }],
    ['claude-sonnet-4-6', { type: 'adaptive', display: 'omitted' }],
    ['claude-sonnet-4-5', { type: 'enabled', budget_tokens: 2_000 }],
    ['claude-opus-4-7', { type: 'adaptive' }],
  ] as const)('brings the reasoning of %s back with its signature: %o', async (model, thinking) => {
    const first = ask('Think. [[scenario:thinking]]', { model, thinking })
    const thought = await client.messages.create(first)
    expect(thought.content.map(({ type }) => type)).toEqual(['thinking', 'text'])
    await client.messages.create({
      ...first,
      messages: [
        ...first.messages,
        { role: 'assistant', content: thought.content },
        { role: 'user', content: 'Go on. [[scenario:redacted]]' },
      ],
    })
    const messages = lastBody()['messages'] as { content: { type: string }[] }[]
    expect(messages[1]?.content[0]).toMatchObject({ type: 'thinking', signature: expect.any(String) as string })
    expect(refusals()).toEqual([])
  })

  it('passes on what only Anthropic understands', async () => {
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 } as const
    await client.beta.messages.create({
      ...ask('Hello'),
      betas: ['context-management-2025-06-27'],
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      service_tier: 'auto',
      metadata: { user_id: 'somebody' },
      system: [{ type: 'text', text: 'Be short.', cache_control: { type: 'ephemeral' } }],
      tools: [...tools, search],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    })
    expect(lastBody()).toMatchObject({
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      service_tier: 'auto',
      metadata: { user_id: 'somebody' },
      system: [{ type: 'text', text: 'Be short.', cache_control: { type: 'ephemeral' } }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    })
    expect((lastBody()['tools'] as unknown[]).at(-1)).toEqual(search)
    expect(received()[0]?.headers['anthropic-beta']).toContain('context-management-2025-06-27')
    expect(lastBody()).not.toHaveProperty('anthropic_beta')
  })

  it.each(['web-search', 'web-search-paused'])('carries the tools that Anthropic runs itself: %s', async (scenario) => {
    const search = { type: 'web_search_20250305', name: 'web_search' } as const
    const first = ask(`Search. [[scenario:${scenario}]]`, { tools: [search] })
    const streamed = await client.messages.stream(first).finalMessage()
    const whole = await client.messages.create(first)
    for (const found of [streamed, whole]) {
      expect(found.stop_reason).toBe(scenario === 'web-search' ? 'end_turn' : 'pause_turn')
      expect(found.content).toMatchObject([
        { type: 'server_tool_use', name: 'web_search', input: { query: 'example' } },
        { type: 'web_search_tool_result', content: [{ encrypted_content: 'RW5jcnlwdGVk' }] },
        { type: 'text', text: 'I found an example.' },
      ])
    }
    await client.messages.create({
      ...first,
      messages: [
        ...first.messages,
        { role: 'assistant', content: streamed.content },
        { role: 'user', content: 'More.' },
      ],
    })
    // What paused goes on from the answer itself.
    await client.messages.create({
      ...first,
      messages: [...first.messages, { role: 'assistant', content: streamed.content }],
    })
    const messages = lastBody()['messages'] as { content: unknown[] }[]
    expect(messages).toHaveLength(2)
    expect(messages[1]?.content.slice(0, 2)).toEqual(streamed.content.slice(0, 2))
    expect(refusals()).toEqual([])
  })

  it('asks again without earlier reasoning when the service refuses a signature', async () => {
    const first = ask('Think. [[scenario:thinking]]', { thinking: { type: 'adaptive' } })
    const thought = await client.messages.create(first)
    // The same service under another key of signatures: what it made before it no longer knows.
    const content = thought.content.map((block) =>
      block.type === 'thinking' ? { ...block, thinking: 'Something else.' } : block,
    )
    const again = await client.messages.create({
      ...first,
      messages: [...first.messages, { role: 'assistant', content }, { role: 'user', content: 'Go on.' }],
    })
    expect(again.content).toEqual([{ type: 'text', text: 'You said: Go on.' }])
    expect(refusals()).toEqual([expect.stringContaining('Invalid `signature`') as string])
  })

  it('ends a tool call that the limit of tokens cut without it', async () => {
    const message = await client.messages.create(ask('Go. [[scenario:length-in-tool]]', { tools }))
    expect(message).toMatchObject({ stop_reason: 'max_tokens', content: [{ type: 'text', text: 'I write.' }] })
  })

  it.each(['truncated', 'error-midstream'])('tells a failure in the middle of an answer: %s', async (scenario) => {
    const stream = client.messages.stream(ask(`Go. [[scenario:${scenario}]]`))
    await expect(stream.finalMessage()).rejects.toThrow(
      scenario === 'truncated' ? /broke|cut|closed|lost/iu : /overload/iu,
    )
  })
})

describe('a refusal of an Anthropic account', () => {
  it.each<[AnthropicFault, number, RegExp, StoredAccount['status'], ErrorKind]>([
    ['invalid-key', 403, /API key: it is wrong, revoked or expired/u, 'sign-in-needed', 'sign-in-needed'],
    ['forbidden', 403, /may not make this call/u, 'ready', 'feature-not-supported'],
    ['billing', 429, /no credit left/u, 'limit-reached', 'quota-exhausted'],
    ['credit-too-low', 429, /no credit left/u, 'limit-reached', 'quota-exhausted'],
    ['disabled', 403, /disabled this account/u, 'suspended', 'suspended'],
    ['rate-limited', 429, /rate limit/u, 'resting', 'rate-limited'],
    ['too-long', 400, /prompt is too long: 210000 tokens > 200000 maximum/u, 'ready', 'prompt-too-long'],
    ['too-large', 413, /more bytes/u, 'ready', 'request-too-large'],
    ['unknown-model', 404, /does not offer this model/u, 'ready', 'model-not-found'],
    ['signature-refused', 400, /Invalid `signature` in `thinking` block/u, 'ready', 'signature-invalid'],
  ])('%s becomes %i and leaves the account as it should', async (fault, status, message, state) => {
    simulator.anthropic.setFault(fault)
    const error = await client.messages.create(ask('Hello')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ status })
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toContain(key)
    expect(account()?.status).toBe(state)
    const retryAfter = (error as { headers: Headers }).headers.get('retry-after')
    expect(retryAfter === '7').toBe(fault === 'rate-limited')
  })
})

describe('accounts of several kinds', () => {
  const kiroCalls = () => simulator.received.filter(({ route }) => route === 'generate')

  it.each<AnthropicFault>([
    'invalid-key',
    'forbidden',
    'billing',
    'disabled',
    'rate-limited',
    'overloaded',
    'internal-error',
    'gateway-timeout',
    'unknown-model',
    'html-200',
    'cut-before-headers',
  ])('a Kiro account serves what %s keeps the Anthropic account from', async (fault) => {
    await culvert.add(simulator.issueAccount(), { priority: 1 })
    simulator.anthropic.setFault(fault)
    const message = await client.messages.create(ask('Hello'))
    expect(message.stop_reason).toBe('end_turn')
    expect(kiroCalls()).toHaveLength(1)
  })

  it('the Anthropic account serves what a fault keeps the Kiro account from', async () => {
    await culvert.add(simulator.issueAccount(), { priority: -1 })
    simulator.setFault('throttled')
    const message = await client.messages.create(ask('Hello'))
    expect(message.content).toEqual([{ type: 'text', text: 'You said: Hello' }])
    expect(kiroCalls()).toHaveLength(1)
  })

  it.each([
    ['claude-sonnet-4-6', { type: 'adaptive' }],
    ['claude-sonnet-4-5', { type: 'enabled', budget_tokens: 2_000 }],
  ] as const)('a conversation moves from Kiro to Anthropic and back: %s', async (model, thinking) => {
    const kiro = await culvert.add(simulator.issueAccount({ plan: 'power' }), { priority: 1 })
    const messages: Anthropic.MessageParam[] = []
    const turn = async (id: string, content: Anthropic.MessageParam['content']): Promise<Anthropic.Message> => {
      messages.push({ role: 'user', content })
      const answer = await client.messages.create(
        { ...ask('', { model, thinking, tools }), messages },
        { headers: { 'x-account-id': id } },
      )
      messages.push({ role: 'assistant', content: answer.content })
      return answer
    }
    const results = (answer: Anthropic.Message): Anthropic.ToolResultBlockParam[] =>
      answer.content
        .filter((block) => block.type === 'tool_use')
        .map((block) => ({ type: 'tool_result', tool_use_id: block.id, content: 'done' }))

    const first = await turn(kiro, 'Go. [[scenario:think-and-call tool=Write path=/tmp/x content=y]]')
    expect(first.stop_reason).toBe('tool_use')
    // In the middle of Kiro's tool loop.
    const second = await turn(accountId, results(first))
    expect(second.content.at(-1)).toMatchObject({ type: 'text', text: 'Got 1 results.' })
    const third = await turn(accountId, 'And now? [[scenario:parallel]]')
    expect(third.content[0]?.type).toBe('thinking')
    // In the middle of Anthropic's.
    simulator.script('text')
    const fourth = await turn(kiro, results(third))
    expect(fourth.stop_reason).toBe('end_turn')
    await turn(accountId, 'Thank you. [[scenario:text]]')
    expect(refusals()).toEqual([])
    const last = lastBody()['messages'] as { content: { type: string }[] }[]
    expect(last.flatMap(({ content }) => content).filter(({ type }) => type === 'thinking').length).toBeGreaterThan(0)
  })

  it('an OpenAI client is served by the Anthropic account', async () => {
    const response = await fetch(`${culvert.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${culvert.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'claude-opus-4-7',
        temperature: 1.4,
        reasoning_effort: 'high',
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'Hello' },
        ],
        tools: [{ type: 'function', function: { name: 'now' } }],
      }),
    })
    expect(refusals()).toEqual([])
    const body = (await response.json()) as { choices: { message: { content: string } }[] }
    expect(body.choices[0]?.message.content).toBe('You said: Hello')
  })
})
