import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, FinishReason, Usage } from '../../../canonical/event.ts'
import { createMessagesStreamEncoder, type MessagesEncodeContext, PING_EVENT } from './encode-stream.ts'

function usage(inputTokens: number, outputTokens: number): Usage {
  return {
    inputTokens,
    outputTokens,
    cacheReadTokens: 3,
    cacheWriteTokens: 4,
    inputSource: 'estimated',
    outputSource: 'estimated',
  }
}

function encoder(changes: Partial<MessagesEncodeContext> = {}) {
  return createMessagesStreamEncoder({
    messageId: 'msg_1',
    model: 'claude-opus-5-5',
    initialUsage: () => usage(10, 1),
    finalUsage: () => usage(20, 30),
    ...changes,
  })
}

/** The events of an SSE text, each checked to be one `event:` line and one `data:` line of the same type. */
function parse(text: string): { type: string; [key: string]: unknown }[] {
  if (text === '') return []
  expect(text.endsWith('\n\n')).toBe(true)
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((part) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/u.exec(part) ?? []
      const event = JSON.parse(String(data))
      expect(event.type).toBe(name)
      return event
    })
}

const signature = { origin: { upstream: 'amazon-q' as const, model: 'm' }, value: 'SIG' }
const finish: CompletionEvent = { type: 'finish', reason: 'end-turn' }

describe('encode-stream.ts', () => {
  it('begins with the whole shape of a message', () => {
    expect(encoder().encode([{ type: 'message-start' }])).toBe(
      'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",' +
        '"model":"claude-opus-5-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,' +
        '"cache_creation_input_tokens":4,"cache_read_input_tokens":3,"output_tokens":1}}}\n\n',
    )
  })

  it('writes a batch as one text, in order', () => {
    const text = encoder().encode([
      { type: 'text-start', index: 0 },
      { type: 'text-delta', index: 0, text: 'Hello' },
      { type: 'usage', usage: { credits: 1 } },
      { type: 'text-end', index: 0 },
      finish,
    ])
    expect(text).toBe(
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n' +
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}\n\n' +
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n' +
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},' +
        '"usage":{"input_tokens":20,"cache_creation_input_tokens":4,"cache_read_input_tokens":3,"output_tokens":30}}\n\n' +
        'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    )
  })

  it('asks for the final usage when it encodes the end and not before', () => {
    let asked = 0
    const counting = encoder({ finalUsage: () => usage(0, ++asked) })
    counting.encode([{ type: 'message-start' }, { type: 'text-start', index: 0 }, { type: 'text-end', index: 0 }])
    expect(asked).toBe(0)
    counting.encode([finish])
    expect(asked).toBe(1)
  })

  it('gives a tool its input in deltas only', () => {
    const events = parse(
      encoder().encode([
        { type: 'tool-start', index: 1, id: 'call "1"', name: 'Bash' },
        { type: 'tool-delta', index: 1, json: '{"command":' },
        { type: 'tool-delta', index: 1, json: '"ls\\n"}' },
        { type: 'tool-end', index: 1 },
      ]),
    )
    expect(events[0]).toMatchObject({ content_block: { type: 'tool_use', id: 'call "1"', name: 'Bash', input: {} } })
    expect(events[1]).toMatchObject({ delta: { type: 'input_json_delta', partial_json: '{"command":' } })
    expect(events[2]).toMatchObject({ delta: { type: 'input_json_delta', partial_json: '"ls\\n"}' } })
    expect(events[3]).toEqual({ type: 'content_block_stop', index: 1 })
  })

  it('gives a tool without input an empty object', () => {
    const events = parse(
      encoder().encode([
        { type: 'tool-start', index: 0, id: 'a', name: 'Now' },
        { type: 'tool-end', index: 0 },
        { type: 'tool-start', index: 1, id: 'b', name: 'Now' },
        { type: 'tool-delta', index: 1, json: '{}' },
        { type: 'tool-end', index: 1 },
      ]),
    )
    const deltas = events.filter((event) => event.type === 'content_block_delta')
    expect(deltas.map((event) => event['delta'])).toEqual([
      { type: 'input_json_delta', partial_json: '{}' },
      { type: 'input_json_delta', partial_json: '{}' },
    ])
  })

  it('signs thinking before its block ends', () => {
    const events = parse(
      encoder().encode([
        { type: 'reasoning-start', index: 0 },
        { type: 'reasoning-delta', index: 0, text: 'hm' },
        { type: 'reasoning-end', index: 0, signature },
      ]),
    )
    expect(events).toEqual([
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'cv1.amazon-q.bQ.SIG' } },
      { type: 'content_block_stop', index: 0 },
    ])
  })

  it('omitted thinking keeps its block and its signature', () => {
    const events = parse(
      encoder({ reasoningDisplay: 'omitted' }).encode([
        { type: 'reasoning-start', index: 0 },
        { type: 'reasoning-delta', index: 0, text: 'secret' },
        { type: 'reasoning-end', index: 0, signature },
        { type: 'reasoning-start', index: 1 },
        { type: 'reasoning-end', index: 1 },
      ]),
    )
    expect(JSON.stringify(events)).not.toContain('secret')
    expect(events.map((event) => event.type.replace('content_block_', '')).join(' ')).toBe(
      'start delta stop start stop',
    )
  })

  it('redacted thinking is a block of its own kind, over batches too', () => {
    const redacting = encoder()
    expect(redacting.encode([{ type: 'reasoning-start', index: 0 }])).toBe('')
    expect(parse(redacting.encode([{ type: 'reasoning-end', index: 0, redacted: signature }]))).toEqual([
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'redacted_thinking', data: 'cv1.amazon-q.bQ.SIG' },
      },
      { type: 'content_block_stop', index: 0 },
    ])
  })

  it.each<[FinishReason, string]>([
    ['end-turn', 'end_turn'],
    ['tool-use', 'tool_use'],
    ['max-tokens', 'max_tokens'],
    ['stop-sequence', 'stop_sequence'],
    ['refusal', 'refusal'],
    ['context-window-exceeded', 'model_context_window_exceeded'],
  ])('%s ends with %s', (reason, expected) => {
    const [delta] = parse(encoder().encode([{ type: 'finish', reason, stopSequence: '</x>' }]))
    expect(delta?.['delta']).toEqual({ stop_reason: expected, stop_sequence: '</x>' })
  })

  it('an error says what happened and closes nothing', () => {
    const failing = encoder()
    failing.encode([{ type: 'message-start' }, { type: 'text-start', index: 0 }])
    const error = new ProxyError('overloaded', 'The model is busy.\nTry again in a minute.')
    expect(parse(failing.error(error))).toEqual([
      { type: 'error', error: { type: 'overloaded_error', message: 'The model is busy.\nTry again in a minute.' } },
    ])
  })

  it.each([
    'plain',
    '"quoted" and \\ back',
    'line\nand\r\nmore\u0000\u0007\u001f',
    'U+0085 \u0085, U+2028 \u2028, U+2029 \u2029',
    'æøå 日本語 😀 👩‍👩‍👧',
    'half a pair \ud83d',
    '\ude00 the other half',
    '\u007f\ufeff\uffff\u{10ffff}',
  ])('text %j stays on its line and comes out as it went in', (text) => {
    const sse = encoder().encode([{ type: 'text-delta', index: 0, text }])
    expect(sse.trimEnd().split(/\r\n|[\n\r\u0085\u2028\u2029]/u)).toHaveLength(2)
    const [event] = parse(Buffer.from(sse, 'utf8').toString('utf8'))
    expect(event?.['delta']).toEqual({ type: 'text_delta', text })
  })

  it('a ping is a real event', () => expect(parse(PING_EVENT)).toEqual([{ type: 'ping' }]))
})
