import { describe, expect, it } from 'vitest'
import { type ErrorKind, ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, FinishReason, Usage } from '../../../canonical/event.ts'
import { collect } from '../../../proxy/collect.ts'
import { decodeResponsesRequest } from './decode-request.ts'
import { encodeFailure } from './encode-failure.ts'
import { encodeResponseMessage } from './encode-message.ts'
import { createResponsesStreamEncoder, KEEPALIVE_EVENT, type ResponsesStreamContext } from './encode-stream.ts'

const usage: Usage = {
  inputTokens: 20,
  outputTokens: 30,
  cacheReadTokens: 3,
  cacheWriteTokens: 4,
  inputSource: 'provider',
  outputSource: 'provider',
}
const origin = { upstream: 'amazon-q', model: 'm' } as const
const idBase = '0123456789abcdef0123456789abcdef'
const tools = [
  { type: 'custom', name: 'apply_patch' },
  { type: 'namespace', name: 'crm', tools: [{ type: 'function', name: 'find' }] },
  { type: 'tool_search', execution: 'client' },
]

function contextFor(body: object = {}, changes: Partial<ResponsesStreamContext> = {}) {
  const remembered: string[] = []
  const nothing = { conversation: () => undefined, item: () => undefined }
  const { facts } = decodeResponsesRequest({ model: 'gpt-5.5', input: 'hi', store: false, tools, ...body }, {}, nothing)
  const context: ResponsesStreamContext = {
    idBase,
    model: 'gpt-5.5',
    createdAt: 1_700_000_000,
    facts,
    showsReasoning: true,
    remember: (id, json) => remembered.push(id, json),
    finalUsage: () => usage,
    ...changes,
  }
  return { context, remembered }
}

interface Sent {
  readonly type: string
  readonly sequence_number?: number
  readonly [field: string]: unknown
}

/** The events of an SSE text, each checked to be one `event:` line and one `data:` line of the same type. */
function parse(text: string): Sent[] {
  if (text === '') return []
  expect(text.endsWith('\n\n')).toBe(true)
  const events = text.slice(0, -2).split('\n\n')
  return events.map((part) => {
    const [, name, data] = /^event: ([\w.]+)\ndata: (.*)$/u.exec(part) ?? []
    const event = JSON.parse(String(data)) as Sent
    expect(event.type).toBe(name)
    return event
  })
}

function play(events: readonly CompletionEvent[], context = contextFor().context): Sent[] {
  const encoder = createResponsesStreamEncoder(context)
  return parse(events.map((event) => encoder.encode([event])).join(''))
}

const start: CompletionEvent = { type: 'message-start' }
const finish = (reason: FinishReason = 'end-turn'): CompletionEvent => ({ type: 'finish', reason })
const text = (index: number, ...deltas: string[]): CompletionEvent[] => [
  { type: 'text-start', index },
  ...deltas.map((delta): CompletionEvent => ({ type: 'text-delta', index, text: delta })),
  { type: 'text-end', index },
]
const tool = (index: number, name: string, ...fragments: string[]): CompletionEvent[] => [
  { type: 'tool-start', index, id: `call_${index}`, name },
  ...fragments.map((json): CompletionEvent => ({ type: 'tool-delta', index, json })),
  { type: 'tool-end', index },
]
const thought = (index: number, deltas: readonly string[], end: object = {}): CompletionEvent[] => [
  { type: 'reasoning-start', index },
  ...deltas.map((delta): CompletionEvent => ({ type: 'reasoning-delta', index, text: delta })),
  { type: 'reasoning-end', index, ...end },
]
const signature = { origin, value: 'SIG' }

describe('encode-stream.ts', () => {
  it('sends every event of a text, counted, in order', () => {
    const events = play([start, ...text(0, 'Hel', 'lo'), finish()])
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
    const id = `msg_${idBase}0000`
    const part = { type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }
    expect(events[0]).toMatchObject({
      response: { id: `resp_${idBase}`, object: 'response', status: 'in_progress', output: [], usage: null },
    })
    expect(events[4]).toEqual({
      type: 'response.output_text.delta',
      sequence_number: 4,
      item_id: id,
      output_index: 0,
      content_index: 0,
      logprobs: [],
      delta: 'Hel',
    })
    expect(events[6]).toMatchObject({ item_id: id, output_index: 0, content_index: 0, text: 'Hello' })
    expect(events[7]).toMatchObject({ part })
    expect(events[8]).toMatchObject({
      output_index: 0,
      item: { id, type: 'message', role: 'assistant', status: 'completed', content: [part] },
    })
    expect(events[9]).toMatchObject({
      response: {
        status: 'completed',
        output: [{ id, content: [part] }],
        usage: {
          input_tokens: 27,
          input_tokens_details: { cached_tokens: 3, cache_write_tokens: 4 },
          output_tokens: 30,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 57,
        },
      },
    })
  })

  it('begins with response.created, before any keep-alive', () => {
    const encoder = createResponsesStreamEncoder(contextFor().context)
    expect(parse(encoder.encode([start]))[0]?.type).toBe('response.created')
    expect(parse(KEEPALIVE_EVENT)).toEqual([{ type: 'keepalive' }])
  })

  it('leaves out what says nothing', () => {
    const events = play([start, ...text(0), ...text(1, ''), ...thought(2, []), ...text(3, 'x'), finish()])
    expect(events.at(-1)).toMatchObject({ response: { output: [{ id: `msg_${idBase}0000` }] } })
    expect(events.filter(({ type }) => type === 'response.output_item.added')).toHaveLength(1)
  })

  it('sends arguments of functions as they come', () => {
    const events = play([start, ...tool(0, 'crm__find', '{"a', '":1}'), finish('tool-use')])
    const item = { type: 'function_call', id: `fc_${idBase}0000`, call_id: 'call_0', name: 'find', namespace: 'crm' }
    expect(events.slice(2, -1)).toMatchObject([
      { type: 'response.output_item.added', item: { ...item, status: 'in_progress', arguments: '' } },
      { type: 'response.function_call_arguments.delta', item_id: item.id, output_index: 0, delta: '{"a' },
      { type: 'response.function_call_arguments.delta', delta: '":1}' },
      { type: 'response.function_call_arguments.done', name: 'find', arguments: '{"a":1}' },
      { type: 'response.output_item.done', item: { ...item, status: 'completed', arguments: '{"a":1}' } },
    ])
    expect(events.at(-1)?.type).toBe('response.completed')
  })

  it('gives a call without input an empty object', () => {
    const events = play([start, ...tool(0, 'f'), finish('tool-use')])
    expect(events.slice(3, 6)).toMatchObject([
      { delta: '{}' },
      { arguments: '{}' },
      { item: { name: 'f', arguments: '{}' } },
    ])
  })

  it('sends the free text of a custom tool', () => {
    const events = play([start, ...tool(0, 'apply_patch', '{"input":"*** Begin', '\\n"}'), finish('tool-use')])
    const item = { type: 'custom_tool_call', id: `ctc_${idBase}0000`, call_id: 'call_0', name: 'apply_patch' }
    expect(events.slice(2, -1)).toMatchObject([
      { type: 'response.output_item.added', item: { ...item, status: 'in_progress', input: '' } },
      { type: 'response.custom_tool_call_input.delta', item_id: item.id, delta: '*** Begin\n' },
      { type: 'response.custom_tool_call_input.done', input: '*** Begin\n' },
      { type: 'response.output_item.done', item: { ...item, status: 'completed', input: '*** Begin\n' } },
    ])
  })

  it("sends a search of the client's own as such", () => {
    const events = play([start, ...tool(0, 'tool_search', '{"query":"x"}'), finish('tool-use')])
    expect(events.slice(2, -1)).toMatchObject([
      { type: 'response.output_item.added', item: { type: 'tool_search_call', status: 'in_progress' } },
      {
        type: 'response.output_item.done',
        item: {
          id: `tsc_${idBase}0000`,
          call_id: 'call_0',
          execution: 'client',
          status: 'completed',
          arguments: { query: 'x' },
        },
      },
    ])
  })

  it('shows reasoning as a summary, with its signature', () => {
    const events = play([start, ...thought(0, ['Let ', 'me.'], { signature }), ...text(1, 'x'), finish()])
    const id = `rs_${idBase}0000`
    const part = { type: 'summary_text', text: 'Let me.' }
    expect(events.slice(2, 9)).toMatchObject([
      { type: 'response.output_item.added', item: { type: 'reasoning', id, summary: [] } },
      {
        type: 'response.reasoning_summary_part.added',
        item_id: id,
        summary_index: 0,
        part: { type: 'summary_text', text: '' },
      },
      { type: 'response.reasoning_summary_text.delta', delta: 'Let ' },
      { type: 'response.reasoning_summary_text.delta', delta: 'me.' },
      { type: 'response.reasoning_summary_text.done', text: 'Let me.' },
      { type: 'response.reasoning_summary_part.done', part },
      {
        type: 'response.output_item.done',
        item: { type: 'reasoning', id, summary: [part], encrypted_content: 'cv1.amazon-q.bQ.SIG' },
      },
    ])
    expect(events.at(-1)).toMatchObject({ response: { output: [{ id }, { id: `msg_${idBase}0001` }] } })
  })

  it.each([
    ['hidden', thought(0, ['secret'], { signature }), false],
    ['redacted', thought(0, [], { redacted: signature }), true],
    ['signed without text', thought(0, [], { signature }), true],
  ] as const)('carries %s reasoning along for the next turn', (_name, events, showsReasoning) => {
    const sent = play([start, ...events, finish()], contextFor({}, { showsReasoning }).context)
    expect(sent.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ])
    const { item } = sent[3] as unknown as { item: { summary: unknown[] } }
    expect(item.summary).toEqual([])
    const nothing = { conversation: () => undefined, item: () => undefined }
    const echoed = decodeResponsesRequest({ model: 'm', input: [item] }, {}, nothing).request.messages[0]?.content
    const [first, middle, last] = events
    const block = { type: 'reasoning', text: middle?.type === 'reasoning-delta' ? middle.text : '' }
    const { type: _type, index: _index, ...end } = (last ?? middle ?? first) as unknown as Record<string, unknown>
    expect(echoed).toEqual([{ ...block, ...end }])
  })

  it.each([
    ['end-turn', 'response.completed', {}],
    ['tool-use', 'response.completed', {}],
    ['stop-sequence', 'response.completed', {}],
    ['max-tokens', 'response.incomplete', { incomplete_details: { reason: 'max_output_tokens' } }],
    ['context-window-exceeded', 'response.incomplete', { incomplete_details: { reason: 'max_output_tokens' } }],
    ['refusal', 'response.failed', { error: { code: 'invalid_prompt', message: expect.stringContaining('refused') } }],
  ] as const)('ends with %s as %s', (reason, type, response) => {
    const last = play([start, ...text(0, 'x'), finish(reason)]).at(-1)
    expect(last).toMatchObject({
      type,
      response: { status: type.slice(9), output: [{ type: 'message' }], ...response },
    })
  })

  it('fails in the middle without finishing what was open', () => {
    const encoder = createResponsesStreamEncoder(contextFor().context)
    const sent = parse(
      encoder.encode([start, ...text(0, 'whole'), { type: 'tool-start', index: 1, id: 'c', name: 'f' }]) +
        encoder.error(new ProxyError('network', 'Gone.')),
    )
    expect(sent.filter(({ type }) => type === 'response.output_item.done')).toHaveLength(1)
    expect(sent.at(-1)).toMatchObject({
      type: 'response.failed',
      sequence_number: sent.length - 1,
      response: {
        status: 'failed',
        error: { code: 'server_error', message: 'Gone.' },
        output: [{ type: 'message' }],
        usage: null,
      },
    })
  })

  it('writes nothing that some clients take for the end of a line', () => {
    const odd = 'a\u2028b\u2029c\u0085d\ud83d'
    const raw = [start, ...text(0, odd), ...tool(1, 'apply_patch', JSON.stringify({ input: odd })), finish()]
    const encoder = createResponsesStreamEncoder(contextFor({ metadata: { odd } }).context)
    const sse = encoder.encode(raw)
    expect(sse).not.toMatch(/[\u2028\u2029\u0085]/u)
    expect(parse(sse).at(-1)).toMatchObject({
      response: { metadata: { odd }, output: [{ content: [{ text: odd }] }, { input: odd }] },
    })
  })

  it('repeats what the request asked for', () => {
    const body = {
      temperature: 0.5,
      top_p: 0.1,
      max_output_tokens: 9,
      metadata: { a: 'b' },
      tool_choice: { type: 'function', name: 'f' },
      tools: [{ type: 'function', name: 'f' }],
      parallel_tool_calls: false,
      prompt_cache_key: 'k',
      reasoning: { effort: 'low', summary: 'auto' },
      text: { format: { type: 'json_object' } },
    }
    const { tools: _tools, ...echoed } = body
    expect(play([start], contextFor(body).context)[0]).toMatchObject({
      response: { ...echoed, store: false, tools: [], instructions: null },
    })
  })

  it('gives the finished answer to be remembered, unless the request forbids it', () => {
    const forbidden = contextFor()
    play([start, ...text(0, 'x'), finish()], forbidden.context)
    expect(forbidden.remembered).toEqual([])
    const { context, remembered } = contextFor({ store: true })
    const last = play([start, ...text(0, 'x'), finish()], context).at(-1)
    expect(remembered[0]).toBe(`resp_${idBase}`)
    expect(JSON.parse(remembered[1] ?? '')).toEqual(last?.['response'])
  })
})

describe('encode-message.ts', () => {
  it.each([true, false])('is what the stream ends with (reasoning shown: %s)', async (showsReasoning) => {
    const events = [
      start,
      ...thought(0, ['Let me.'], { signature }),
      ...thought(1, [], { redacted: signature }),
      ...thought(2, ['Unsigned.']),
      ...text(3),
      ...text(4, 'Hello'),
      ...tool(5, 'crm__find', '{"a":1}'),
      ...tool(6, 'apply_patch', '{"input":"x"}'),
      ...tool(7, 'tool_search', '{"query":"x"}'),
      finish('tool-use'),
    ]
    const { context } = contextFor({}, { showsReasoning })
    const streamed = play(events, context).at(-1)?.['response'] as object
    async function* batches() {
      yield events
    }
    const whole = encodeResponseMessage(await collect(batches()), usage, context)
    expect({ ...whole, completed_at: 0 }).toEqual({ ...streamed, completed_at: 0 })
    expect(whole.output).toHaveLength(showsReasoning ? 7 : 6)
  })
})

describe('encode-failure.ts', () => {
  it.each<[ErrorKind, number | undefined, string]>([
    ['prompt-too-long', undefined, 'context_length_exceeded'],
    ['overloaded', undefined, 'server_is_overloaded'],
    ['quota-exhausted', 3_600_000, 'insufficient_quota'],
    ['rate-limited', undefined, 'rate_limit_exceeded'],
    ['rate-limited', 1_200, 'rate_limit_exceeded'],
    ['rate-limited', 61_000, 'insufficient_quota'],
    ['no-account', 5_000, 'rate_limit_exceeded'],
    ['no-account', undefined, 'invalid_prompt'],
    ['suspended', undefined, 'invalid_prompt'],
    ['suspicious-activity', undefined, 'invalid_prompt'],
    ['invalid-request', undefined, 'invalid_prompt'],
    ['network', undefined, 'server_error'],
    ['timeout', undefined, 'server_error'],
    ['internal', undefined, 'server_error'],
  ])('%s (after %s ms) is %s', (kind, retryAfterMs, code) => {
    const error = new ProxyError(kind, 'It failed.', retryAfterMs === undefined ? {} : { retryAfterMs })
    expect(encodeFailure(error)).toMatchObject({ code, message: expect.stringContaining('It failed.') })
  })

  it('says how long to wait in the words that Codex reads', () => {
    expect(encodeFailure(new ProxyError('rate-limited', 'Slow down.', { retryAfterMs: 1_234 })).message).toBe(
      'Slow down. Please try again in 1.2s.',
    )
  })
})
