import type Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readConversation } from '../../simulator/conversation.ts'
import type { Simulator } from '../../simulator/index.ts'
import { solidPng } from '../lib/png.ts'
import { sdkModel as model, sdkRequest, type SdkWorld, startSdkWorld } from '../lib/sdk-world.ts'

let world: SdkWorld
let simulator: Simulator
let client: Anthropic

beforeAll(async () => {
  world = await startSdkWorld()
  ;({ simulator, client } = world)
})
beforeEach(async () => void (await world.begin()))
afterEach(() => world.end())
afterAll(() => world.close())

const tool = {
  name: 'weather',
  description: 'Tells the weather of a city.',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
}

describe('the Anthropic SDK: messages', () => {
  it('reads a plain answer', async () => {
    const message = await client.messages.create(sdkRequest('[[scenario:text text="Grüße 👋"]]'))
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model, stop_reason: 'end_turn' })
    expect(message.content).toEqual([{ type: 'text', text: 'Grüße 👋' }])
    expect(message.usage.input_tokens).toBeGreaterThan(0)
    expect(message.usage.output_tokens).toBeGreaterThan(0)
    expect(message._request_id).toMatch(/^req_/u)
    expect(world.generated().map(({ outcome }) => outcome)).toEqual(['ok'])
  })

  it('reads the same answer as a stream, piece by piece', async () => {
    const stream = client.messages.stream(
      sdkRequest('[[scenario:text text="One two three four five six seven eight."]]'),
    )
    const pieces: string[] = []
    stream.on('text', (piece) => pieces.push(piece))
    const message = await stream.finalMessage()
    expect(pieces.join('')).toBe('One two three four five six seven eight.')
    expect(message.content).toEqual([{ type: 'text', text: 'One two three four five six seven eight.' }])
    expect(message).toMatchObject({ model, stop_reason: 'end_turn' })
    expect(message.usage.output_tokens).toBeGreaterThan(0)
    expect(stream.request_id).toMatch(/^req_/u)
  })

  it('gets the events in the order of the API', async () => {
    const stream = await client.messages.create({ ...sdkRequest('[[scenario:text]]'), stream: true })
    const types: string[] = []
    for await (const event of stream) if (event.type !== types.at(-1)) types.push(event.type)
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  it('works on the beta path and with an older API version', async () => {
    const headers = { 'anthropic-version': '2023-06-01' }
    const message = await client.beta.messages.create(sdkRequest('[[scenario:text text=Hello]]'), { headers })
    expect(message.content).toEqual([{ type: 'text', text: 'Hello' }])
  })

  it('keeps a conversation', async () => {
    const message = await client.messages.create({
      ...sdkRequest(''),
      system: 'Be brief.',
      messages: [
        { role: 'user', content: 'My name is Ada.' },
        { role: 'assistant', content: 'Hello Ada.' },
        { role: 'user', content: '[[scenario:text text=Ada]] Who am I?' },
      ],
    })
    expect(message.content).toEqual([{ type: 'text', text: 'Ada' }])
    const texts = readConversation(world.generated()[0]?.body).turns.map(({ text }) => text)
    expect(texts.join('\n')).toMatch(/Be brief\.[\s\S]*My name is Ada\.[\s\S]*Hello Ada\.[\s\S]*Who am I\?/u)
  })

  it('shows an image', async () => {
    const image = solidPng(8, 8, [0, 0, 200])
    const source = { type: 'base64' as const, media_type: 'image/png' as const, data: image.toString('base64') }
    const message = await client.messages.create({
      ...sdkRequest(''),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source },
            { type: 'text', text: '[[scenario:look-at-image]] What is this?' },
          ],
        },
      ],
    })
    expect(message.content).toEqual([{ type: 'text', text: `I see 1 image(s): png of ${image.length} bytes.` }])
    expect(JSON.stringify(world.generated()[0]?.body)).toContain(source.data)
  })

  it('gets an answer in a schema parsed', async () => {
    simulator.script({ scenario: 'text', parameters: { text: '{"answer": 4}' } })
    const message = await client.messages.parse({
      ...sdkRequest('What is 2 + 2?'),
      output_config: { format: zodOutputFormat(z.object({ answer: z.number() })) },
    })
    expect(message.parsed_output).toEqual({ answer: 4 })
    expect(JSON.stringify(world.generated()[0]?.body)).toContain('JSON Schema')
  })

  it('stops at a stop sequence', async () => {
    const message = await client.messages.create(
      sdkRequest('[[scenario:text text="One two STOP three."]]', { stop_sequences: ['STOP'] }),
    )
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'STOP' })
    expect(message.content).toEqual([{ type: 'text', text: 'One two ' }])
  })
})

describe('the Anthropic SDK: tools', () => {
  it.each([true, false])('calls one and answers with the result (streamed: %s)', async (streamed) => {
    const prompt = { role: 'user' as const, content: '[[scenario:tool tool=weather city=Rome]]' }
    const send = async (messages: Anthropic.MessageParam[]) => {
      const body = { ...sdkRequest(''), messages, tools: [tool] }
      return streamed ? client.messages.stream(body).finalMessage() : client.messages.create(body)
    }
    const first = await send([prompt])
    expect(first.stop_reason).toBe('tool_use')
    const call = first.content.find((block) => block.type === 'tool_use')
    expect(call).toMatchObject({ name: 'weather', input: { city: 'Rome' } })
    const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'It rains.' }
    const second = await send([
      prompt,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ])
    expect(second.content).toEqual([{ type: 'text', text: 'Done. weather answered: It rains.' }])
    expect(world.generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it.each([true, false])('lets its tool runner do the loop (streamed: %s)', async (stream) => {
    const asked: string[] = []
    const weather = betaZodTool({
      name: 'weather',
      description: 'Tells the weather of a city.',
      inputSchema: z.object({ city: z.string() }),
      run: ({ city }) => {
        asked.push(city)
        return `It rains in ${city}.`
      },
    })
    const runner = client.beta.messages.toolRunner({
      ...sdkRequest('[[scenario:tool tool=weather city="New York"]]'),
      tools: [weather],
      stream,
    })
    const message = await runner.runUntilDone()
    expect(message.content).toEqual([{ type: 'text', text: 'Done. weather answered: It rains in New York.' }])
    expect(asked).toEqual(['New York'])
    expect(world.generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    expect(readConversation(world.generated().at(-1)?.body).turns).toHaveLength(3)
  })

  it('makes two calls at once, each with an id of its own', async () => {
    const message = await client.messages.create(sdkRequest('[[scenario:tool-between-texts]]', { tools: [tool] }))
    const calls = message.content.filter((block) => block.type === 'tool_use')
    expect(calls).toHaveLength(2)
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
  })
})

describe('the Anthropic SDK: thinking', () => {
  it.each([
    ['adaptive, summarized', { type: 'adaptive', display: 'summarized' }],
    ['a budget', { type: 'enabled', budget_tokens: 2_000 }],
  ] as const)('%s: is read, signed, and accepted when it comes back', async (_name, thinking) => {
    const prompt = { role: 'user' as const, content: '[[scenario:think]]' }
    const first = await client.messages.stream({ ...sdkRequest(''), thinking, messages: [prompt] }).finalMessage()
    const [thought] = first.content
    if (thought?.type !== 'thinking') throw new Error('There is no thinking.')
    expect(thought.thinking).toContain('I compare two ways')
    expect(thought.signature.length).toBeGreaterThan(100)
    const second = await client.messages.create({
      ...sdkRequest(''),
      thinking,
      messages: [
        prompt,
        { role: 'assistant', content: first.content },
        { role: 'user', content: '[[scenario:text text="And on."]]' },
      ],
    })
    expect(second.content).toEqual([{ type: 'text', text: 'And on.' }])
    expect(JSON.stringify(world.generated()[1]?.body)).toContain('"signature"')
    expect(world.generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it('omitted: no text, but a signature', async () => {
    const thinking = { type: 'adaptive' as const, display: 'omitted' as const }
    const message = await client.messages.stream(sdkRequest('[[scenario:think]]', { thinking })).finalMessage()
    expect(message.content[0]).toMatchObject({
      type: 'thinking',
      thinking: '',
      signature: expect.stringMatching(/.{100}/u),
    })
  })

  it('disabled: there is none', async () => {
    const message = await client.messages.create(
      sdkRequest('[[scenario:text text=Plain]]', { thinking: { type: 'disabled' } }),
    )
    expect(message.content).toEqual([{ type: 'text', text: 'Plain' }])
  })
})
