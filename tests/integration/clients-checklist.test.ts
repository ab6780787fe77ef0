import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask, bash, type MessagesClient, startMessagesClient } from '../lib/messages-client.ts'

type Headers = Record<string, string>

const tools = [bash]
let client: MessagesClient

beforeAll(async () => {
  client = await startMessagesClient()
  await client.culvert.admin('PUT', '/v2/settings', { pingIntervalMs: 100 })
})
beforeEach(() => client.simulator.setFault(undefined))
afterAll(() => client.close())

describe('clients-checklist: requests (lines 1, 2, 6)', () => {
  it('1: any query, field, beta and header', async () => {
    const unknown = { brand_new: { deeply: [1, null] }, metadata: { user_id: 'x', more: 1 }, inference_geo: null }
    const headers = {
      'anthropic-beta': 'unheard-of-2031-01-01,,x',
      'x-app': 'cli',
      'x-new-header': 'ü'.normalize('NFD').slice(0, 1),
    }
    const response = await client.send(
      ask('[[scenario:text text=fine]]', unknown),
      headers,
      '/v1/messages?a=b&beta=false&c',
    )
    expect(response.status).toBe(200)
    expect(client.last().outcome).toBe('ok')
  })

  it.each<[string, () => Headers]>([
    ['Bearer', () => ({ authorization: `Bearer ${client.culvert.apiKey}`, 'x-api-key': '' })],
    ['x-api-key', () => ({ 'x-api-key': client.culvert.apiKey })],
    ['both', () => ({ authorization: `Bearer ${client.culvert.apiKey}`, 'x-api-key': client.culvert.apiKey })],
    ['the newer version', () => ({ 'anthropic-version': '2026-10-21' })],
    ['the older version', () => ({ 'anthropic-version': '2023-06-01' })],
  ])('2: %s', async (_name, headers) => {
    expect((await client.send(ask('[[scenario:text text=fine]]'), headers())).status).toBe(200)
  })

  it.each<[string, readonly object[]]>([
    [
      'at the end, as a string',
      [
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'REMINDER ONE' },
      ],
    ],
    [
      'at the end, as an array with effort',
      [
        { role: 'user', content: 'Hi' },
        {
          role: 'system',
          content: [{ type: 'text', text: 'REMINDER ONE', cache_control: { type: 'ephemeral' } }],
          output_config: { effort: 'low' },
        },
      ],
    ],
    [
      'in between',
      [
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'REMINDER ONE' },
        { role: 'assistant', content: 'Hello.' },
        { role: 'user', content: 'And?' },
      ],
    ],
    [
      'first',
      [
        { role: 'system', content: 'REMINDER ONE' },
        { role: 'user', content: 'Hi' },
      ],
    ],
  ])('6: system messages %s', async (_name, messages) => {
    expect((await client.send(ask('', { messages }))).status).toBe(200)
    expect(client.sent()).toContain('REMINDER ONE')
    expect(client.last().outcome).toBe('ok')
  })
})

describe('clients-checklist: answers (lines 3, 4, 5, 7, 10, 25, 27)', () => {
  it('3: a complete stream, in order, with usage at both ends', async () => {
    const events = await client.stream('[[scenario:text text="A few words in pieces."]]')
    expect([...new Set(events.map(({ name }) => name))]).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(events.every(({ name, data }) => data['type'] === name)).toBe(true)
    expect(events[0]?.data['message']).toMatchObject({
      id: expect.stringMatching(/^msg_/u),
      role: 'assistant',
      model: 'claude-sonnet-5',
      content: [],
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    })
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    })
  })

  it('3: each event at once, not compressed', async () => {
    const response = await client.send(ask('[[scenario:long-text frames=2000 delay=20]]', { stream: true }), {
      'accept-encoding': 'gzip, deflate, br, zstd',
    })
    expect(response.headers.get('content-encoding')).toBeNull()
    const reader = response.body?.getReader()
    let text = ''
    while (!text.includes('content_block_delta')) text += new TextDecoder().decode((await reader?.read())?.value)
    // The upstream has 40 s of words left: nothing waited for them.
    expect(client.last()).toMatchObject({ outcome: 'open' })
    await reader?.cancel()
    await client.simulator.when(({ outcome }) => outcome === 'aborted')
  })

  it.each(['text', 'think', 'tool', 'tool-between-texts', 'think-and-call'])(
    '4: the same without a stream: %s',
    async (scenario) => {
      const body = { tools, thinking: { type: 'adaptive', display: 'summarized' } }
      const events = await client.stream(`[[scenario:${scenario}]]`, body)
      const whole = (await (await client.send(ask(`[[scenario:${scenario}]]`, body))).json()) as {
        content: { type: string }[]
        stop_reason: string
      }
      const blocks = events
        .filter(({ name }) => name === 'content_block_start')
        .map(({ data }) => data['content_block'] as { type: string })
      expect(whole.content.map(({ type }) => type)).toEqual(blocks.map(({ type }) => type))
      const delta = events.at(-2)?.data['delta'] as { stop_reason: string }
      expect(whole.stop_reason).toBe(delta.stop_reason)
    },
  )

  it('5: tool input in deltas only, valid JSON; ids never twice', async () => {
    const ids: string[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      const events = await client.stream('[[scenario:tool-between-texts command="say \\"hi\\""]]', { tools })
      const starts = events.filter(({ name }) => name === 'content_block_start').map(({ data }) => data)
      for (const start of starts) {
        const block = start['content_block'] as { type: string; id: string; input: unknown }
        if (block.type !== 'tool_use') continue
        expect(block.input).toEqual({})
        ids.push(block.id)
        const pieces = events
          .filter(({ name, data }) => name === 'content_block_delta' && data['index'] === start['index'])
          .map(({ data }) => data['delta'] as { type: string; partial_json: string })
        expect(pieces.every(({ type }) => type === 'input_json_delta')).toBe(true)
        expect(JSON.parse(pieces.map((piece) => piece.partial_json).join(''))).toHaveProperty('command')
      }
    }
    expect(ids).toHaveLength(6)
    expect(new Set(ids).size).toBe(6)
    expect(ids).not.toContain('')
  })

  it("7: the service's own figures, cache included", async () => {
    const events = await client.stream(
      '[[scenario:text usage=tokens inputTokens=1000 outputTokens=50 cacheRead=600 cacheWrite=300]]',
    )
    expect(events.at(-2)?.data['usage']).toEqual({
      input_tokens: 100,
      cache_read_input_tokens: 600,
      cache_creation_input_tokens: 300,
      output_tokens: 50,
    })
  })

  it('10: pings while the upstream is silent, and the answer after that', async () => {
    const events = await client.stream(
      '[[scenario:text text="One two three four five six."]] [[fault:stall-midstream ms=600 afterFrames=3]]',
    )
    const names = events.map(({ name }) => name)
    expect(names.filter((name) => name === 'ping').length).toBeGreaterThanOrEqual(2)
    expect(names.at(-1)).toBe('message_stop')
  })

  it.each([
    ['an answer', '[[scenario:text]]', 200],
    ['an error', '[[fault:monthly-limit]]', 429],
  ])('25 and 27: %s has a request id of its own, and nothing of the upstream', async (_name, text, status) => {
    const response = await client.send(ask(text))
    expect(response.status).toBe(status)
    expect(response.headers.get('request-id')).toMatch(/^req_/u)
    const names = [...response.headers.keys()]
    expect(names.filter((name) => /^(?:anthropic-ratelimit|x-amz|x-ratelimit)/u.test(name))).toEqual([])
    await client.culvert.admin('POST', `/v2/accounts/${client.accountId}/refresh`)
  })
})

describe('clients-checklist: faults (lines 8, 9, 11, 13)', () => {
  it.each(['content-too-long', 'context-window-full', 'too-large', 'buffer-limit'])(
    '8: %s is "prompt is too long"',
    async (fault) => {
      client.simulator.setFault({ name: fault as 'too-large' })
      const response = await client.send(ask('hello', { stream: true }))
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.stringMatching(/^prompt is too long/iu) },
      })
    },
  )

  it('9: a cut before the first byte is not told', async () => {
    client.simulator.setFault({ name: 'cut-before-first-byte', times: 1 })
    const events = await client.stream('[[scenario:text text=whole]]')
    expect(events.at(-1)?.name).toBe('message_stop')
  })

  it('9: a cut after that ends in an error event, and no block is closed that is not complete', async () => {
    const events = await client.stream('[[scenario:long-text frames=50]] [[fault:cut-midstream afterFrames=20]]')
    expect(events.at(-1)).toMatchObject({ name: 'error', data: { type: 'error', error: { type: 'api_error' } } })
    expect(events.map(({ name }) => name)).not.toContain('content_block_stop')
  })

  it('11: what only a person can mend is told once', async () => {
    const wrongKey = await client.send(ask('hello'), { 'x-api-key': 'wrong' })
    expect(wrongKey.status).toBe(401)
    expect(wrongKey.headers.get('x-should-retry')).toBe('false')
  })

  it('13: a refused signature is told in the words that a client understands, after Culvert tried without it', async () => {
    client.simulator.setFault('thinking-signature-invalid')
    const response = await client.send(ask('hello'))
    expect(response.status).toBe(400)
    expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(
      /Invalid `signature` in `thinking` block/u,
    )
  })
})
