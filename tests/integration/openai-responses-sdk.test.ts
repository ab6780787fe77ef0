import OpenAI, { APIError, BadRequestError, NotFoundError, PermissionDeniedError, RateLimitError } from 'openai'
import type { ResponseStreamEvent } from 'openai/resources/responses/responses'
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

type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming

const model = 'claude-sonnet-5'
const ask = (input: Body['input'], fields: Partial<Body> = {}) =>
  client.responses.create({ model, input: input ?? '', ...fields })
const generated = () => simulator.received.filter((request) => request.route === 'generate')
const conversations = () => generated().map(({ body }) => readConversation(body))

const bash: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'Bash',
  description: 'Runs a command.',
  parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
  strict: true,
}

/** Streams through the SDK's helper; resolves with all events and the answer that it put together. */
async function stream(input: Body['input'], fields: Partial<Omit<Body, 'stream'>> = {}) {
  const runner = client.responses.stream({ model, input: input ?? '', ...fields })
  const events: ResponseStreamEvent[] = []
  runner.on('event', (event) => events.push(event))
  return { response: await runner.finalResponse(), events }
}

describe('the official OpenAI SDK on Responses', () => {
  it('gets a whole answer with its usage', async () => {
    const { data, request_id: requestId } = await client.responses
      .create({ model, input: '[[scenario:utf8]]' })
      .withResponse()
    expect(requestId).toMatch(/^req_/u)
    expect(data).toMatchObject({
      object: 'response',
      status: 'completed',
      model,
      error: null,
      incomplete_details: null,
    })
    expect(data.id).toMatch(/^resp_/u)
    expect(data.output_text).toContain('日本語')
    expect(Math.abs(data.created_at - Date.now() / 1_000)).toBeLessThan(60)
    const { input_tokens: input = 0, output_tokens: output = 0, total_tokens: total } = data.usage ?? {}
    expect(input).toBeGreaterThan(0)
    expect(output).toBeGreaterThan(10)
    expect(total).toBe(input + output)
  })

  it('gets the same through its stream helper', async () => {
    const whole = await ask('[[scenario:utf8]]')
    const { response, events } = await stream('[[scenario:utf8]]')
    expect(response.output_text).toBe(whole.output_text)
    expect(response.status).toBe('completed')
    expect(events[0]?.type).toBe('response.created')
    expect(events.at(-1)?.type).toBe('response.completed')
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
    const deltas = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
    expect(deltas.join('')).toBe(whole.output_text)
  })

  it('is kept alive by events that it knows', async () => {
    await culvert.foundation.settings.put({ pingIntervalMs: 100 })
    const raw = await client.responses.create({
      model,
      input: '[[scenario:long-text frames=8]] [[fault:stall-midstream ms=900]]',
      stream: true,
    })
    const types: string[] = []
    for await (const event of raw) types.push(event.type)
    expect(types[0]).toBe('response.created')
    expect(types.filter((type) => type === 'keepalive').length).toBeGreaterThanOrEqual(3)
    const { response, events } = await stream('[[scenario:long-text frames=8]] [[fault:stall-midstream ms=900]]')
    expect(response.output_text).toMatch(/^0 lorem[\s\S]*7 lorem ipsum dolor\n$/u)
    expect(events.some((event) => (event.type as string) === 'keepalive')).toBe(true)
  })

  it('calls functions, and goes on with their outputs in every way there is', async () => {
    const input = '[[scenario:tool tool=Bash command="ls"]]'
    const { response, events } = await stream(input, { tools: [bash] })
    const call = response.output.find((item) => item.type === 'function_call')
    expect(call).toMatchObject({ name: 'Bash', arguments: '{"command":"ls"}', status: 'completed' })
    expect(events.map(({ type }) => type)).toContain('response.function_call_arguments.done')
    const output = { type: 'function_call_output' as const, call_id: call?.call_id ?? '', output: 'a.txt' }
    const whole = await ask([{ role: 'user', content: input }, ...(response.output as []), output], { tools: [bash] })
    expect(whole.output_text).toBe('Done. Bash answered: a.txt')
    const chained = await ask([output], { tools: [bash], previous_response_id: response.id })
    expect(chained.output_text).toBe('Done. Bash answered: a.txt')
    expect(chained.previous_response_id).toBe(response.id)
    const references = response.output.map((item) => ({ type: 'item_reference' as const, id: item.id ?? '' }))
    const referred = await ask([{ role: 'user', content: input }, ...references, output], { tools: [bash] })
    expect(referred.output_text).toBe('Done. Bash answered: a.txt')
    const [first, ...others] = conversations().slice(1)
    for (const other of others) expect(other.turns).toEqual(first?.turns)
  })

  it('calls custom tools with free text, and tools of namespaces', async () => {
    const tools: OpenAI.Responses.Tool[] = [
      {
        type: 'custom',
        name: 'note',
        description: 'Takes a note.',
        format: { type: 'grammar', syntax: 'regex', definition: '.*' },
      },
      {
        type: 'namespace',
        name: 'crm',
        description: 'Customers.',
        tools: [
          { type: 'function', name: 'find', parameters: { type: 'object', properties: { id: { type: 'string' } } } },
        ],
      },
    ]
    simulator.script({ scenario: 'tool', parameters: { tool: 'note', input: '{"input":"line 1\\nline 2"}' } })
    const { response } = await stream('x', { tools })
    expect(response.output).toMatchObject([{ type: 'custom_tool_call', name: 'note', input: 'line 1\nline 2' }])
    const found = await ask('[[scenario:tool tool=crm__find id=7]]', { tools })
    expect(found.output).toMatchObject([
      { type: 'function_call', name: 'find', namespace: 'crm', arguments: '{"id":"7"}' },
    ])
  })

  it('gets reasoning as a summary, and brings it back unchanged', async () => {
    const { response } = await stream('[[scenario:think-and-call tool=Bash]]', {
      tools: [bash],
      reasoning: { effort: 'high', summary: 'auto' },
    })
    const [thought, , call] = response.output
    expect(thought).toMatchObject({
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: expect.stringContaining('I compare two ways') }],
    })
    const output = {
      type: 'function_call_output' as const,
      call_id: call?.type === 'function_call' ? call.call_id : '',
      output: 'ok',
    }
    await ask([output], { tools: [bash], previous_response_id: response.id, reasoning: { effort: 'high' } })
    expect(JSON.stringify(generated().at(-1)?.body)).toMatch(
      /"reasoningText":\{"text":"[^"]*I compare two ways[^"]*","signature":"[^"]{100,}"/u,
    )
    expect(generated().at(-1)).toMatchObject({ outcome: 'ok' })
  })

  it('brings reasoning back that was never shown', async () => {
    const { response } = await stream('[[scenario:think-and-call tool=Bash]]', {
      tools: [bash],
      reasoning: { effort: 'high' },
      store: false,
    })
    expect(response.output[0]).toMatchObject({ type: 'reasoning', summary: [] })
    const call = response.output.find((item) => item.type === 'function_call')
    await ask(
      [
        { role: 'user', content: 'x' },
        ...(response.output as []),
        { type: 'function_call_output', call_id: call?.call_id ?? '', output: 'ok' },
      ],
      { tools: [bash] },
    )
    expect(JSON.stringify(generated().at(-1)?.body)).toMatch(/"text":"[^"]*I compare two ways[^"]*","signature"/u)
  })

  it('sends pictures', async () => {
    const image_url = `data:image/png;base64,${solidPng(4, 4, [1, 2, 3]).toString('base64')}`
    const content = [
      { type: 'input_text' as const, text: '[[scenario:look-at-image]]' },
      { type: 'input_image' as const, image_url, detail: 'auto' as const },
    ]
    expect((await ask([{ role: 'user', content }])).output_text).toMatch(/^I see 1 image\(s\): png/u)
  })

  it('parses structured output', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    }
    simulator.script({ scenario: 'text', parameters: { text: '{"city":"Bern"}' } })
    const format = { type: 'json_schema' as const, name: 'place', schema, strict: true }
    const response = await client.responses.parse({ model, input: 'Where?', text: { format } })
    expect(JSON.parse(response.output_text)).toEqual({ city: 'Bern' })
    expect(conversations().at(-1)?.turns.at(-1)?.text).toContain('"city"')
  })

  it.each([
    ['length', 'incomplete', { incomplete_details: { reason: 'max_output_tokens' } }],
    ['refusal', 'failed', { error: { code: 'invalid_prompt' } }],
  ])('is told of an ending by %s', async (scenario, status, fields) => {
    expect(await ask(`[[scenario:${scenario}]]`)).toMatchObject({ status, ...fields })
    expect((await stream(`[[scenario:${scenario}]]`)).response).toMatchObject({ status, ...fields })
  })

  it('reads and deletes an answer that is remembered', async () => {
    const kept = await ask('[[scenario:text text="Kept."]]')
    expect((await client.responses.retrieve(kept.id)).output_text).toBe('Kept.')
    await client.responses.delete(kept.id)
    await expect(client.responses.retrieve(kept.id)).rejects.toThrow(NotFoundError)
    await expect(client.responses.delete(kept.id)).rejects.toThrow(NotFoundError)
    const unkept = await ask('hi', { store: false })
    await expect(client.responses.retrieve(unkept.id)).rejects.toThrow(/does not remember a response/u)
    const streamed = await stream('[[scenario:text text="Kept too."]]')
    expect((await client.responses.retrieve(streamed.response.id)).output_text).toBe('Kept too.')
    await expect(client.responses.retrieve(kept.id, { stream: true })).rejects.toThrow(BadRequestError)
  })

  it('is refused what an answer of somebody else says', async () => {
    const kept = await ask('secret')
    const { key } = await culvert.foundation.keys.create({ name: 'other' })
    const other = client.withOptions({ apiKey: key })
    await expect(other.responses.retrieve(kept.id)).rejects.toThrow(NotFoundError)
    await expect(other.responses.create({ model, input: 'and?', previous_response_id: kept.id })).rejects.toMatchObject(
      { code: 'previous_response_not_found' },
    )
  })
})

describe('the official OpenAI SDK on Responses: errors', () => {
  /** What the SDK throws, after its own tries. */
  async function failure(input: Body['input'], fields: object = {}): Promise<APIError> {
    const error: unknown = await client.responses.create({ model, input: input ?? '', ...fields, stream: false }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(APIError)
    return error as APIError
  }

  it.each([
    [{ input: [] }, 'input', null],
    [{ background: true }, 'background', null],
    [{ previous_response_id: 'resp_0' }, 'previous_response_id', 'previous_response_not_found'],
    [{ temperature: 3 }, 'temperature', null],
  ])('%j is a 400 for %s', async (fields, param, code) => {
    const error = await failure('hi', fields)
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({ status: 400, param, code, type: 'invalid_request_error' })
    expect(error.requestID).toMatch(/^req_/u)
    expect(generated()).toHaveLength(0)
  })

  it('a conversation that is too long', async () => {
    const error = await failure('hi [[fault:content-too-long]]')
    expect(error).toMatchObject({ status: 400, code: 'context_length_exceeded' })
    expect(generated()).toHaveLength(1)
  })

  it('an account that is suspended, told once', async () => {
    const error = await failure('hi [[fault:suspended]]')
    expect(error).toBeInstanceOf(PermissionDeniedError)
    expect(error).toMatchObject({ code: 'account_unavailable' })
    expect(generated()).toHaveLength(1)
  })

  it('an allowance that is used up, told once', async () => {
    const error = await failure('hi [[fault:monthly-limit]]')
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ code: 'insufficient_quota' })
    expect(generated()).toHaveLength(1)
  })

  it('a throttled account is waited for', async () => {
    const answer = await ask('[[scenario:text text=fine]] [[fault:throttled retryAfter=1 times=1]]')
    expect(answer.output_text).toBe('fine')
    expect(generated().map(({ outcome }) => outcome)).toEqual(['fault', 'ok'])
  })

  it.each(['cut-midstream', 'corrupt-crc', 'error-midstream'])('%s ends a stream as failed', async (fault) => {
    const { response } = await stream(`[[scenario:long-text frames=40]] [[fault:${fault} afterFrames=12]]`)
    expect(response.status).toBe('failed')
    expect(response.error).toMatchObject({
      code: 'server_error',
      message: expect.stringMatching(/^[A-Z].{20,}\.["”]?$/u),
    })
  })

  it('silence ends a stream as failed', async () => {
    await culvert.foundation.settings.put({ idleTimeoutMs: 1_000 })
    const { response } = await stream('[[scenario:long-text frames=8]] [[fault:stall-midstream]]')
    expect(response).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
  })
})
