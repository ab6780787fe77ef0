import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI, {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConversation } from '../../simulator/conversation.ts'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { type LocalCulvert, startLocalCulvert } from '../lib/in-process.ts'
import { solidPng } from '../lib/png.ts'

let simulator: Simulator
let culvert: LocalCulvert
let client: OpenAI

beforeEach(async () => {
  simulator = await startSimulator()
  culvert = await startLocalCulvert({ ...simulator.environment })
  await culvert.add(simulator.issueAccount())
  client = new OpenAI({ baseURL: `${culvert.url}/v1`, apiKey: culvert.apiKey })
})
afterEach(async () => {
  await culvert.close()
  await simulator.close()
})

type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam

const say = (content: string): Message[] => [{ role: 'user', content }]
const ask = (content: string, fields: object = {}) =>
  client.chat.completions.create({ model: 'gpt-4o', messages: say(content), ...fields, stream: false })
const generated = () => simulator.received.filter((request) => request.route === 'generate')
const conversations = () => generated().map(({ body }) => readConversation(body))
const newestTurn = () => conversations().at(-1)?.turns.at(-1)

const bash: OpenAI.Chat.Completions.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'Bash',
    description: 'Runs a command.',
    parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
    strict: true,
  },
}

describe('the official OpenAI SDK on Chat Completions', () => {
  it('gets a whole answer with its usage', async () => {
    const { data, request_id: requestId } = await client.chat.completions
      .create({ model: 'gpt-4o', messages: say('[[scenario:utf8]]') })
      .withResponse()
    expect(requestId).toMatch(/^req_/u)
    expect(data).toMatchObject({ object: 'chat.completion', model: 'gpt-4o' })
    expect(data.id).toMatch(/^chatcmpl-/u)
    expect(Math.abs(data.created - Date.now() / 1_000)).toBeLessThan(60)
    expect(data.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', refusal: null } })
    const { prompt_tokens: prompt = 0, completion_tokens: completion = 0, total_tokens: total } = data.usage ?? {}
    expect(prompt).toBeGreaterThan(0)
    expect(completion).toBeGreaterThan(10)
    expect(total).toBe(prompt + completion)
    expect(conversations()[0]?.modelId).toBe('claude-sonnet-4.5')
  })

  it('gets the same through its stream helper, with events and the usage asked for', async () => {
    const whole = await ask('[[scenario:utf8]]')
    const stream = client.chat.completions.stream({
      model: 'gpt-4o',
      messages: say('[[scenario:utf8]]'),
      stream_options: { include_usage: true },
    })
    let text = ''
    stream.on('content', (delta) => (text += delta))
    const final = await stream.finalChatCompletion()
    expect(text).toBe(whole.choices[0]?.message.content)
    expect(final.choices[0]?.message.content).toBe(text)
    expect(final.choices[0]?.finish_reason).toBe('stop')
    expect((await stream.totalUsage()).completion_tokens).toBe(whole.usage?.completion_tokens)
  })

  it('gets chunks one by one, without usage when it does not ask', async () => {
    const stream = await client.chat.completions.create({ model: 'gpt-4o', messages: say('hi'), stream: true })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' })
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.every((chunk) => chunk.choices.length === 1 && chunk.usage === undefined)).toBe(true)
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
  })

  it('passes reasoning on, and takes it back', async () => {
    const asked = say('[[scenario:think]]')
    const answer = await ask('[[scenario:think]]', { model: 'claude-sonnet-4.6', reasoning_effort: 'high' })
    const message = answer.choices[0]?.message
    if (message === undefined) throw new Error('There is no answer.')
    expect(message).toMatchObject({ reasoning_content: expect.stringMatching(/\w{3}/u) as string })
    expect(JSON.stringify(generated()[0]?.body)).toContain('"effort":"high"')
    const messages: Message[] = [...asked, message, { role: 'user', content: '[[scenario:text text="Go on."]]' }]
    const next = await client.chat.completions.create({
      model: 'claude-sonnet-4.6',
      messages,
      reasoning_effort: 'high',
    })
    expect(next.choices[0]?.message.content).toBe('Go on.')
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it('calls two tools at once, streamed, and hands their results back', async () => {
    const messages: Message[] = say('[[scenario:parallel-tools command="echo one" command2="echo two"]]')
    const stream = client.chat.completions.stream({ model: 'gpt-4o', messages, tools: [bash] })
    const answer = (await stream.finalChatCompletion()).choices[0]
    if (answer === undefined) throw new Error('There is no answer.')
    expect(answer.finish_reason).toBe('tool_calls')
    const calls = answer.message.tool_calls ?? []
    expect(calls.map((call) => call.type === 'function' && call.function.parsed_arguments)).toEqual([
      { command: 'echo one' },
      { command: 'echo two' },
    ])
    messages.push(
      answer.message,
      ...calls.map(({ id }, index): Message => ({ role: 'tool', tool_call_id: id, content: `result ${index}` })),
    )
    const last = await client.chat.completions.create({ model: 'gpt-4o', messages, tools: [bash] })
    expect(last.choices[0]?.message.content).toBe(
      'Both results are here. Bash answered: result 0 Bash answered: result 1',
    )
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    expect(new Set(conversations().map(({ id }) => id)).size).toBe(1)
  })

  it('runs tools by its helper to the end', async () => {
    const commands: string[] = []
    const run = (input: { command: string }) => {
      commands.push(input.command)
      return 'done'
    }
    const runner = client.chat.completions.runTools({
      model: 'gpt-4o',
      messages: say('[[scenario:tool-loop turns=3 command="make it"]]'),
      stream: true,
      tools: [
        {
          type: 'function',
          function: {
            name: 'Bash',
            description: 'Runs a command.',
            parameters: { type: 'object', properties: { command: { type: 'string' } } },
            parse: (text: string) => JSON.parse(text) as { command: string },
            function: run,
          },
        },
      ],
    })
    expect(await runner.finalContent()).toMatch(/^I made 3 calls\./u)
    expect(commands).toEqual(Array(3).fill('make it'))
    expect(generated().map(({ outcome }) => outcome)).toEqual(Array(4).fill('ok'))
  })

  it('calls functions in the older form', async () => {
    const messages: Message[] = say('[[scenario:tool tool=Bash command="echo old"]]')
    const functions = [{ name: 'Bash', parameters: bash.function.parameters ?? {} }]
    const first = await client.chat.completions.create({ model: 'gpt-4', messages, functions })
    const message = first.choices[0]?.message
    expect(first.choices[0]?.finish_reason).toBe('function_call')
    expect(message).toMatchObject({
      content: null,
      function_call: { name: 'Bash', arguments: '{"command":"echo old"}' },
    })
    if (message === undefined) throw new Error('There is no answer.')
    messages.push(message, { role: 'function', name: 'Bash', content: 'old' })
    const last = await client.chat.completions.create({ model: 'gpt-4', messages, functions })
    expect(last.choices[0]?.message.content).toBe('Done. Bash answered: old')
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it('shows an image and a text file', async () => {
    const image = solidPng(32, 16, [200, 30, 30])
    const answer = await client.chat.completions.create({
      model: 'gpt-4o',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '[[scenario:look-at-image]] What is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${image.toString('base64')}` } },
            { type: 'file', file: { filename: 'a.txt', file_data: `data:text/plain;base64,${btoa('forty-two')}` } },
          ],
        },
      ],
    })
    expect(answer.choices[0]?.message.content).toBe(`I see 1 image(s): png of ${image.length} bytes.`)
    expect(newestTurn()?.images).toEqual([{ format: 'png', bytes: image.length }])
    expect(newestTurn()?.text).toContain('<document title="a.txt">\nforty-two\n</document>')
  })

  it('asks for JSON, and for a stop', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } }
    await ask('[[scenario:text text="{}"]]', {
      response_format: { type: 'json_schema', json_schema: { name: 'place', strict: true, schema } },
    })
    expect(newestTurn()?.text).toContain(JSON.stringify(schema))
    await ask('[[scenario:text text="{}"]]', { response_format: { type: 'json_object' } })
    expect(newestTurn()?.text).toContain('{"type":"object"}')
    const stopped = await ask('[[scenario:text text="one two three"]]', { stop: ['two'] })
    expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'one ' } })
  })

  it.each([
    ['length', 'length'],
    ['refusal', 'content_filter'],
  ])('is told of the ending %s', async (scenario, reason) => {
    expect((await ask(`[[scenario:${scenario}]]`)).choices[0]?.finish_reason).toBe(reason)
  })

  it('forgives a base URL with /v1 too many', async () => {
    const doubled = new OpenAI({ baseURL: `${culvert.url}/v1/v1`, apiKey: culvert.apiKey })
    const answer = await doubled.chat.completions.create({
      model: 'gpt-4o',
      messages: say('[[scenario:text text=Hi]]'),
    })
    expect(answer.choices[0]?.message.content).toBe('Hi')
  })

  it('finds the models, and the ones that answer for a name', async () => {
    const ids: string[] = []
    for await (const model of client.models.list()) ids.push(model.id)
    expect(ids).toContain('claude-sonnet-4.5')
    expect(await client.models.retrieve('gpt-4o')).toMatchObject({ id: 'gpt-4o', object: 'model' })
  })

  it('gets a model by its own name where any account has it, and a stand-in where none has', async () => {
    await culvert.foundation.settings.put({ strategy: 'round-robin' })
    await culvert.add(simulator.issueAccount({ plan: 'free' }))
    for (let turn = 0; turn < 4; turn += 1) await ask('hi', { model: 'gpt-5.6-sol' })
    expect(conversations().map(({ modelId }) => modelId)).toEqual(Array(4).fill('gpt-5.6-sol'))
    // The turn is the newcomer's, which has neither that nor an Opus.
    await ask('hi', { model: 'gpt-5' })
    expect(conversations().at(-1)?.modelId).toBe('claude-sonnet-4.5')
  })
})

describe('its errors', () => {
  const failing = async (request: Promise<unknown>): Promise<APIError> => {
    const error: unknown = await request.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error instanceof APIError) return error
    throw new Error('It did not fail.', { cause: error })
  }

  it.each([
    ['improperly-formed', BadRequestError, { status: 400, type: 'invalid_request_error' }, 1],
    ['content-too-long', BadRequestError, { status: 400, code: 'context_length_exceeded', param: 'messages' }, 1],
    ['suspended', PermissionDeniedError, { status: 403, code: 'account_unavailable' }, 1],
    ['monthly-limit', RateLimitError, { status: 429, code: 'insufficient_quota' }, 1],
  ] as const)('%s ends it at once', async (fault, type, shape, calls) => {
    const error = await failing(ask(`[[fault:${fault} times=20]]`))
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject(shape)
    expect(error.requestID).toMatch(/^req_/u)
    expect(error.message).toMatch(/\. ?/u)
    expect(generated()).toHaveLength(calls)
  })

  it('a wrong key, an unknown model, a missing page', async () => {
    const stranger = new OpenAI({ baseURL: `${culvert.url}/v1`, apiKey: 'wrong' })
    const refused = await failing(stranger.chat.completions.create({ model: 'gpt-4o', messages: say('hi') }))
    expect(refused).toBeInstanceOf(AuthenticationError)
    expect(refused).toMatchObject({ code: 'invalid_api_key' })
    const unknown = await failing(ask('hi', { model: 'my-model' }))
    expect(unknown).toBeInstanceOf(NotFoundError)
    expect(unknown).toMatchObject({ code: 'model_not_found', param: 'model' })
    const missing = await failing(client.embeddings.create({ model: 'text-embedding-3-small', input: 'hi' }))
    expect(missing).toBeInstanceOf(NotFoundError)
    expect(missing).toMatchObject({ type: 'invalid_request_error' })
    expect(missing.requestID).toMatch(/^req_/u)
  })

  it('asks for two answers', async () => {
    const error = await failing(ask('hi', { n: 2 }))
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({ param: 'n' })
    expect(generated()).toHaveLength(0)
  })

  it('tries a passing failure again, and tells the last one', async () => {
    const quick = new OpenAI({ baseURL: `${culvert.url}/v1`, apiKey: culvert.apiKey, maxRetries: 1 })
    await culvert.foundation.settings.put({ maxAttempts: 1 })
    const error = await failing(
      quick.chat.completions.create({ model: 'gpt-4o', messages: say('[[fault:internal-error times=20]]') }),
    )
    expect(error).toBeInstanceOf(InternalServerError)
    expect(error).toMatchObject({ status: 502, code: 'upstream_error' })
    expect(generated()).toHaveLength(2)
  })

  it('a stream that breaks throws what happened', async () => {
    await culvert.foundation.settings.put({ idleTimeoutMs: 1_000 })
    const stream = await client.chat.completions.create({
      model: 'gpt-4o',
      messages: say('[[scenario:long-text frames=8]] [[fault:stall-midstream]]'),
      stream: true,
    })
    let text = ''
    const error = await failing(
      (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      })(),
    )
    expect(text).not.toBe('')
    expect(error).toMatchObject({ type: 'server_error', code: 'timeout' })
  })

  it('takes comments for life while the upstream is silent', async () => {
    await culvert.foundation.settings.put({ pingIntervalMs: 100 })
    const messages = say('[[scenario:long-text frames=8]] [[fault:stall-midstream ms=800]]')
    const body = { model: 'gpt-4o', messages, stream: true } as const
    const raw = await (await client.chat.completions.create(body).asResponse()).text()
    expect(raw.split(': ping\n\n').length - 1).toBeGreaterThanOrEqual(3)
    expect(raw).toMatch(/data: \[DONE\]\n\n$/u)
    const final = await client.chat.completions.stream({ model: 'gpt-4o', messages }).finalChatCompletion()
    expect(final.choices[0]?.finish_reason).toBe('stop')
  })

  it('an abort reaches the upstream', async () => {
    const stream = client.chat.completions.stream({
      model: 'gpt-4o',
      messages: say('[[scenario:long-text delay=50 frames=500]]'),
    })
    stream.on('content', () => stream.abort())
    await expect(stream.done()).rejects.toBeInstanceOf(APIUserAbortError)
    await simulator.when((request) => request.outcome === 'aborted')
  })
})

describe('a recorded request of opencode', () => {
  it('is accepted by the strict service', async () => {
    const file = join(import.meta.dirname, '../fixtures/clients/opencode-1.18.33-chat-completions.json')
    const { body } = JSON.parse(await readFile(file, 'utf8')) as { body: object }
    const response = await fetch(`${culvert.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${culvert.apiKey}`, 'x-session-id': 'ses_1' },
      body: JSON.stringify({ ...body, model: 'gpt-4o' }),
    })
    expect(response.status).toBe(200)
    expect(await response.text()).toMatch(
      /"finish_reason":"stop"\}\],"usage":null\}\n\ndata: .*"choices":\[\],"usage":\{/u,
    )
    expect(generated().map(({ outcome, refusal }) => ({ outcome, refusal }))).toEqual([
      { outcome: 'ok', refusal: undefined },
    ])
    expect(response.headers.get('x-culvert-repairs') ?? '').not.toContain('alternation')
  })
})
