import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic, { BadRequestError, RateLimitError } from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, Usage } from '../../../canonical/event.ts'
import { collect } from '../../../proxy/collect.ts'
import { decodeMessagesRequest } from './decode-request.ts'
import { encodeAnthropicError } from './encode-error.ts'
import { encodeMessage } from './encode-message.ts'
import { encodeModelList } from './encode-models.ts'
import { createMessagesStreamEncoder, PING_EVENT } from './encode-stream.ts'

const usage: Usage = {
  inputTokens: 20,
  outputTokens: 30,
  cacheReadTokens: 3,
  cacheWriteTokens: 4,
  inputSource: 'provider',
  outputSource: 'provider',
}
const context = { messageId: 'msg_1', model: 'claude-opus-5-5', initialUsage: () => usage, finalUsage: () => usage }
const origin = { upstream: 'amazon-q', model: 'claude-opus-4.6' } as const

const answer: readonly CompletionEvent[] = [
  { type: 'message-start' },
  { type: 'reasoning-start', index: 0 },
  { type: 'reasoning-delta', index: 0, text: 'Let me ' },
  { type: 'reasoning-delta', index: 0, text: 'think.\u2028' },
  { type: 'reasoning-end', index: 0, signature: { origin, value: 'SIG/+=' } },
  { type: 'reasoning-start', index: 1 },
  { type: 'reasoning-end', index: 1, redacted: { origin, value: 'HIDDEN' } },
  { type: 'text-start', index: 2 },
  { type: 'text-delta', index: 2, text: 'Grüße \ud83d' },
  { type: 'text-delta', index: 2, text: '\ude00 "quoted"\n\u2028日本' },
  { type: 'text-end', index: 2 },
  { type: 'tool-start', index: 3, id: 'toolu_1', name: 'Bash' },
  { type: 'tool-delta', index: 3, json: '{"command":"echo \\"hi' },
  { type: 'tool-delta', index: 3, json: '\\"","n":[1,{"__proto__":2}]}' },
  { type: 'tool-end', index: 3 },
  { type: 'tool-start', index: 4, id: 'toolu_2', name: 'Now' },
  { type: 'tool-end', index: 4 },
  { type: 'finish', reason: 'tool-use' },
]

/** What the server says next. */
let reply: { status: number; headers?: Record<string, string>; body: string } = { status: 404, body: '' }
let server: Server
let client: Anthropic

beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(reply.status, { 'request-id': 'req_1', ...reply.headers }).end(reply.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  client = new Anthropic({ baseURL: `http://127.0.0.1:${port}`, apiKey: 'test', maxRetries: 0 })
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const ask = { model: 'claude-opus-5-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }] }

function streaming(events: readonly CompletionEvent[], tail = ''): void {
  const encoder = createMessagesStreamEncoder(context)
  const body = events.map((event) => encoder.encode([event]) + PING_EVENT).join('') + tail
  reply = { status: 200, headers: { 'content-type': 'text/event-stream' }, body }
}

async function* batchesOf(events: readonly CompletionEvent[]) {
  for (const event of events) yield [event]
}

async function whole() {
  return encodeMessage(await collect(batchesOf(answer)), usage, context)
}

function json(status: number, body: object, headers: Record<string, string> = {}): void {
  reply = { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

describe('sdk-conformance: the official SDK reads', () => {
  it('a stream as the same message that a plain answer holds', async () => {
    streaming(answer)
    const streamed = await client.messages.stream(ask).finalMessage()
    json(200, await whole())
    const plain = await client.messages.create(ask)
    expect(streamed).toMatchObject({ id: 'msg_1', role: 'assistant', model: ask.model, stop_reason: 'tool_use' })
    expect(streamed.usage).toMatchObject({ input_tokens: 20, output_tokens: 30, cache_read_input_tokens: 3 })
    expect(JSON.parse(JSON.stringify(streamed.content))).toEqual(JSON.parse(JSON.stringify(plain.content)))
    expect(streamed.content).toMatchObject([
      { type: 'thinking', thinking: 'Let me think.\u2028' },
      { type: 'redacted_thinking' },
      { type: 'text', text: 'Grüße 😀 "quoted"\n\u2028日本' },
      { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'echo "hi"' } },
      { type: 'tool_use', id: 'toolu_2', name: 'Now', input: {} },
    ])
  })

  it('content that decodes to the same blocks when it is echoed', async () => {
    streaming(answer)
    const streamed = await client.messages.stream(ask).finalMessage()
    const { content } = await collect(batchesOf(answer))
    for (const echoed of [streamed.content, (await whole()).content]) {
      const wire = JSON.parse(JSON.stringify({ ...ask, messages: [{ role: 'assistant', content: echoed }] }))
      expect(decodeMessagesRequest(wire, {}).messages).toEqual([{ role: 'assistant', content }])
    }
  })

  it('an empty answer', async () => {
    streaming([{ type: 'message-start' }, { type: 'finish', reason: 'max-tokens' }])
    await expect(client.messages.stream(ask).finalMessage()).resolves.toMatchObject({
      content: [],
      stop_reason: 'max_tokens',
    })
  })

  it.each([0, 1, 4, 9, 13])('an error after %i events as the error that it is', async (count) => {
    const error = new ProxyError('upstream-error', 'The service failed. Try again.')
    streaming(answer.slice(0, count), createMessagesStreamEncoder(context).error(error))
    const stream = client.messages.stream(ask)
    const partial: string[] = []
    stream.on('contentBlock', (block) => partial.push(block.type))
    await expect(stream.finalMessage()).rejects.toThrow('The service failed. Try again.')
    expect(partial).toHaveLength(answer.slice(0, count).filter((event) => event.type.endsWith('-end')).length)
  })

  it('an HTTP error with its type and request id', async () => {
    const { status, headers, body } = encodeAnthropicError(
      new ProxyError('prompt-too-long', 'prompt is too long: 210000 tokens > 200000 maximum'),
      'req_1',
    )
    json(status, body, headers)
    const error = await client.messages.create(ask).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', requestID: 'req_1' })
  })

  it('x-should-retry: false, although it would try again', async () => {
    const failure = new ProxyError('quota-exhausted', 'The allowance is used up.', { retryAfterMs: 3_600_000 })
    const { status, headers, body } = encodeAnthropicError(failure, 'req_1')
    json(status, body, headers)
    const eager = client.withOptions({ maxRetries: 5 })
    await expect(eager.messages.create(ask)).rejects.toBeInstanceOf(RateLimitError)
  })

  it('a model list', async () => {
    json(200, encodeModelList([{ id: 'claude-sonnet-4-5', displayName: 'Sonnet', contextWindow: 200_000 }], {}))
    const page = await client.models.list()
    expect(page.data[0]).toMatchObject({ id: 'claude-sonnet-4-5', max_input_tokens: 200_000, type: 'model' })
    expect(page.hasNextPage()).toBe(false)
  })
})
