import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoredAccount } from '../../server/store/types.ts'
import { type ReceivedRequest, type Simulator, startSimulator } from '../../simulator/index.ts'
import type { ChatFault } from '../../simulator/upstreams/openai/faults.ts'
import { type LocalCulvert, startLocalCulvert } from '../lib/in-process.ts'

let simulator: Simulator
let culvert: LocalCulvert
let anthropic: Anthropic
let openai: OpenAI
let accountId: string

beforeEach(async () => {
  simulator = await startSimulator()
  culvert = await startLocalCulvert({ ...simulator.environment })
  await culvert.foundation.settings.put({ strategy: 'priority', firstByteTimeoutMs: 2_000, idleTimeoutMs: 2_000 })
  anthropic = new Anthropic({ baseURL: culvert.url, apiKey: culvert.apiKey, logLevel: 'off', maxRetries: 0 })
  openai = new OpenAI({ baseURL: `${culvert.url}/v1`, apiKey: culvert.apiKey, maxRetries: 0 })
  const { id } = await culvert.accounts.service.add({
    type: 'openai',
    other: { baseUrl: simulator.openAi.url, apiKey: simulator.openAi.issueKey(), priority: 0 },
  })
  await culvert.accounts.service.refreshDetails(id)
  accountId = id
})
afterEach(async () => {
  await culvert.close()
  await simulator.close()
})

const received = (): readonly ReceivedRequest[] => simulator.received.filter(({ route }) => route === 'chat')
const lastBody = () => received().at(-1)?.body as Record<string, unknown>
const refusals = () =>
  simulator.received.filter(({ route }) => route !== 'profiles').flatMap(({ refusal }) => refusal ?? [])

const tools: Anthropic.Tool[] = ['Write', 'Read'].map((name) => ({
  name,
  input_schema: { type: 'object', properties: { path: { type: 'string' } } },
}))

function ask(text: string, changes: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) {
  return {
    model: 'gpt-sim-large',
    max_tokens: 4_000,
    messages: [{ role: 'user' as const, content: text }],
    ...changes,
  }
}

describe('an OpenAI-compatible account', () => {
  it('lists its models', () => {
    expect(culvert.accounts.book.get(accountId)?.models).toContainEqual({ id: 'gpt-sim-large', name: 'gpt-sim-large' })
  })

  it.each([
    ['text', 'end_turn', /^You said/u],
    ['utf8', 'end_turn', /^Grüße 你好 👩‍👩‍👧‍👦 𝕬 — “ßs” 🇪🇺$/u],
    ['length', 'max_tokens', /cut/u],
    ['refusal', 'refusal', /^$/u],
    ['reasoning', 'end_turn', /^So it is\.$/u],
  ])('serves a client of the Messages API: %s', async (scenario, reason, words) => {
    let text = ''
    const stream = anthropic.messages.stream(ask(`Go. [[scenario:${scenario}]]`, { system: 'Be short.' }))
    stream.on('text', (delta) => (text += delta))
    const message = await stream.finalMessage()
    expect(message.stop_reason).toBe(reason)
    expect(text).toMatch(words)
    expect(message.usage).toMatchObject({ cache_read_input_tokens: 4 })
    expect(lastBody()).toMatchObject({ max_tokens: 4_000, stream_options: { include_usage: true } })
    expect(refusals()).toEqual([])
  })

  it.each(['tools', 'parallel'])('carries tool calls, results and pictures: %s', async (scenario) => {
    const first = ask(`Go. [[scenario:${scenario}]]`, { tools })
    const called = await anthropic.messages.create(first)
    const calls = called.content.filter((block) => block.type === 'tool_use')
    expect(calls.map(({ name }) => name)).toEqual(scenario === 'tools' ? ['Write'] : ['Write', 'Read'])
    const picture = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } as const
    const done = await anthropic.messages.create({
      ...first,
      messages: [
        ...first.messages,
        { role: 'assistant', content: called.content },
        {
          role: 'user',
          content: [
            ...calls.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'done' })),
            { type: 'image', source: picture },
          ],
        },
      ],
    })
    expect(done.stop_reason).not.toBe('refusal')
    expect(JSON.stringify(lastBody())).toContain('data:image/png;base64,iVBORw0KGgo=')
    expect(refusals()).toEqual([])
  })

  it('passes on what a client of the same dialect wrote', async () => {
    const answer = await openai.chat.completions.create({
      model: 'gpt-sim-small',
      messages: [{ role: 'user', content: 'Hello' }],
      seed: 5,
      user: 'ada',
      reasoning_effort: 'low',
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } },
    })
    expect(answer.choices[0]?.message.content).toBe('You said: Hello')
    expect(lastBody()).toMatchObject({ seed: 5, user: 'ada', reasoning_effort: 'low' })
    expect(refusals()).toEqual([])
  })

  it.each(['truncated', 'error-midstream'])('tells a failure in the middle of an answer: %s', async (scenario) => {
    await expect(anthropic.messages.stream(ask(`Go. [[scenario:${scenario}]]`)).finalMessage()).rejects.toThrow(
      scenario === 'truncated' ? /broke|cut|closed|lost/iu : /overload/iu,
    )
  })

  it.each<[ChatFault, number, RegExp, StoredAccount['status']]>([
    ['invalid-key', 403, /API key: it is wrong, revoked or expired/u, 'sign-in-needed'],
    ['no-quota', 429, /no credit left/u, 'limit-reached'],
    ['no-balance', 429, /no credit left/u, 'limit-reached'],
    ['rate-limited', 429, /rate limit/u, 'resting'],
    ['too-long', 400, /Prompt is too long/u, 'ready'],
    ['unknown-model', 404, /does not offer this model/u, 'ready'],
  ])('%s becomes %i and leaves the account as it should', async (fault, status, words, state) => {
    simulator.openAi.setFault(fault)
    const error = await anthropic.messages.create(ask('Hello')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status })
    expect(String(error)).toMatch(words)
    expect(culvert.accounts.book.get(accountId)?.status).toBe(state)
  })
})

describe('beside accounts of other kinds', () => {
  it.each<ChatFault>(['invalid-key', 'no-quota', 'rate-limited', 'overloaded', 'internal-error'])(
    'a Kiro account serves what %s keeps it from',
    async (fault) => {
      await culvert.add(simulator.issueAccount(), { priority: 1 })
      simulator.openAi.setFault(fault)
      const message = await anthropic.messages.create(ask('Hello', { model: 'claude-sonnet-4-6' }))
      expect(message.stop_reason).toBe('end_turn')
      expect(simulator.received.filter(({ route }) => route === 'generate')).toHaveLength(1)
    },
  )

  it('a conversation moves from Kiro to it, to Anthropic and back', async () => {
    const kiro = await culvert.add(simulator.issueAccount({ plan: 'power' }), { priority: 1 })
    const { id: direct } = await culvert.accounts.service.add({
      type: 'anthropic',
      other: { baseUrl: simulator.anthropic.url, apiKey: simulator.anthropic.issueKey(), priority: 2 },
    })
    await culvert.accounts.service.refreshDetails(direct)
    const messages: Anthropic.MessageParam[] = []
    const model = 'claude-sonnet-4-6'
    const turn = async (id: string, content: Anthropic.MessageParam['content']): Promise<Anthropic.Message> => {
      messages.push({ role: 'user', content })
      const answer = await anthropic.messages.create(
        { ...ask('', { model, tools, thinking: { type: 'adaptive' } }), messages },
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
    await turn(accountId, results(first))
    const third = await turn(accountId, 'More. [[scenario:parallel]]')
    await turn(direct, results(third))
    const fifth = await turn(direct, 'More. [[scenario:tools]]')
    await turn(accountId, results(fifth))
    await turn(accountId, 'Think. [[scenario:reasoning]]')
    simulator.script('text')
    const last = await turn(kiro, 'Thank you.')
    expect(last.stop_reason).toBe('end_turn')
    expect(refusals()).toEqual([])
  })
})
