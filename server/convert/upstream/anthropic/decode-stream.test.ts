import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent } from '../../../canonical/event.ts'
import { createAnthropicStreamDecoder } from './decode-stream.ts'

const sse = (...events: readonly object[]): Uint8Array =>
  Buffer.from(
    events.map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  )

const start = {
  type: 'message_start',
  message: { usage: { input_tokens: 9, cache_read_input_tokens: 5, output_tokens: 1 } },
}
const open = (index: number, block: object) => ({ type: 'content_block_start', index, content_block: block })
const delta = (index: number, change: object) => ({ type: 'content_block_delta', index, delta: change })
const close = (index: number) => ({ type: 'content_block_stop', index })
const ending = (reason: string, sequence: string | null = null) => ({
  type: 'message_delta',
  delta: { stop_reason: reason, stop_sequence: sequence },
  usage: { output_tokens: 42 },
})
const stop = { type: 'message_stop' }
const origin = { upstream: 'anthropic', model: 'claude-x' }

/** Feeds the bytes in pieces of `size`. */
function decode(bytes: Uint8Array, size = bytes.length): CompletionEvent[] {
  const decoder = createAnthropicStreamDecoder('claude-x')
  const out: CompletionEvent[] = []
  for (let at = 0; at < bytes.length && !decoder.stopped; at += size) decoder.push(bytes.subarray(at, at + size), out)
  decoder.end(out)
  return out
}

function kinds(events: readonly CompletionEvent[]): readonly string[] {
  return events.map((event) => event.type)
}

/** The last event's type, or the name of what was thrown. */
function outcome(bytes: Uint8Array): string {
  try {
    return decode(bytes).at(-1)?.type ?? ''
  } catch (error) {
    return error instanceof Error ? error.name : ''
  }
}

function failure(bytes: Uint8Array): ProxyError {
  try {
    decode(bytes)
  } catch (error) {
    if (error instanceof ProxyError) return error
    throw error
  }
  throw new Error('It was decoded.')
}

const whole = sse(
  start,
  { type: 'ping' },
  open(0, { type: 'thinking', thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta', thinking: 'Hm 你好' }),
  delta(0, { type: 'signature_delta', signature: 'c2ln' }),
  close(0),
  open(1, { type: 'redacted_thinking', data: 'eHg=' }),
  close(1),
  open(2, { type: 'text', text: '' }),
  delta(2, { type: 'text_delta', text: 'Grüße 👩‍👩‍👧‍👦' }),
  delta(2, { type: 'citations_delta', citation: {} }),
  close(2),
  open(3, { type: 'tool_use', id: 'toolu_1', name: 'Write', input: {} }),
  delta(3, { type: 'input_json_delta', partial_json: '' }),
  delta(3, { type: 'input_json_delta', partial_json: '{"a":' }),
  delta(3, { type: 'input_json_delta', partial_json: '"ß"}' }),
  close(3),
  open(4, { type: 'tool_use', id: 'toolu_2', name: 'Now', input: {} }),
  close(4),
  { type: 'something_new', data: 1 },
  ending('tool_use'),
  stop,
)

const expected: readonly CompletionEvent[] = [
  { type: 'message-start' },
  { type: 'usage', usage: { inputTokens: 9, cacheReadTokens: 5, outputTokens: 1 } },
  { type: 'reasoning-start', index: 0 },
  { type: 'reasoning-delta', index: 0, text: 'Hm 你好' },
  { type: 'reasoning-end', index: 0, signature: { origin, value: 'c2ln' } } as CompletionEvent,
  { type: 'reasoning-start', index: 1 },
  { type: 'reasoning-end', index: 1, redacted: { origin, value: 'eHg=' } } as CompletionEvent,
  { type: 'text-start', index: 2 },
  { type: 'text-delta', index: 2, text: 'Grüße 👩‍👩‍👧‍👦' },
  { type: 'text-end', index: 2 },
  { type: 'tool-start', index: 3, id: 'toolu_1', name: 'Write' },
  { type: 'tool-delta', index: 3, json: '{"a":"ß"}' },
  { type: 'tool-end', index: 3 },
  { type: 'tool-start', index: 4, id: 'toolu_2', name: 'Now' },
  { type: 'tool-delta', index: 4, json: '{}' },
  { type: 'tool-end', index: 4 },
  { type: 'usage', usage: { outputTokens: 42 } },
  { type: 'finish', reason: 'tool-use', raw: 'tool_use' },
]

describe('decode-stream', () => {
  it('decodes every kind of block, wherever the bytes are cut', () => {
    for (let size = 1; size <= 40; size += 1) expect(decode(whole, size)).toEqual(expected)
    expect(decode(whole)).toEqual(expected)
    const windows = Buffer.from(Buffer.from(whole).toString('utf8').replaceAll('\n', '\r\n'))
    for (const size of [1, 2, 3, 7]) expect(decode(windows, size)).toEqual(expected)
  })

  it('fails at every cut, or is whole', () => {
    const tail = Buffer.from(whole).indexOf('event: message_delta')
    for (let length = 0; length < tail; length += 1) {
      expect(failure(whole.subarray(0, length)).kind).toBe('upstream-invalid')
    }
  })

  it.each([
    ['end_turn', 'end-turn'],
    ['max_tokens', 'max-tokens'],
    ['stop_sequence', 'stop-sequence'],
    ['refusal', 'refusal'],
    ['model_context_window_exceeded', 'context-window-exceeded'],
    ['pause_turn', 'paused'],
  ])('maps %s to %s', (raw, reason) => {
    const events = decode(
      sse(
        start,
        open(0, { type: 'text', text: 'Hi' }),
        close(0),
        ending(raw, raw === 'stop_sequence' ? '!' : null),
        stop,
      ),
    )
    const sequence = raw === 'stop_sequence' ? { stopSequence: '!' } : {}
    expect(events.at(-1)).toEqual({ type: 'finish', reason, raw, ...sequence })
  })

  it('lets a refusal and a limit stand without content, and nothing else', () => {
    expect(kinds(decode(sse(start, ending('refusal'), stop)))).toEqual(['message-start', 'usage', 'usage', 'finish'])
    expect(kinds(decode(sse(start, ending('max_tokens'), stop))).at(-1)).toBe('finish')
    expect(failure(sse(start, ending('end_turn'), stop)).kind).toBe('empty-response')
  })

  it('leaves out a tool call that the limit cut, and refuses one that nothing explains', () => {
    const cut = [
      open(0, { type: 'tool_use', id: 't', name: 'Write', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"a' }),
    ]
    expect(kinds(decode(sse(start, ...cut, close(0), ending('max_tokens'), stop)))).not.toContain('tool-start')
    expect(failure(sse(start, ...cut, close(0), ending('tool_use'), stop)).kind).toBe('upstream-invalid')
    expect(failure(sse(start, ...cut, ending('tool_use'), stop)).kind).toBe('upstream-invalid')
  })

  it('tells tool calls apart that a compatible service gave one id or none', () => {
    const call = (index: number, id: string) => [
      open(index, { type: 'tool_use', id, name: 'A', input: { x: 1 } }),
      close(index),
    ]
    const events = decode(sse(start, ...call(0, 'a'), ...call(1, 'a'), ...call(2, ''), ending('tool_use'), stop))
    const ids = events.flatMap((event) => (event.type === 'tool-start' ? [event.id] : []))
    expect(new Set(ids).size).toBe(3)
    expect(events).toContainEqual({ type: 'tool-delta', index: 0, json: '{"x":1}' })
  })

  it('is content with a stop reason where message_stop is missing', () => {
    const events = decode(sse(start, open(0, { type: 'text', text: 'Hi' }), close(0), ending('end_turn')))
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'end-turn' })
  })

  it.each([
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'rate-limited'],
    ['api_error', 'upstream-error'],
    ['invalid_request_error', 'invalid-request'],
  ])('throws an error event of type %s as %s', (type, kind) => {
    const error = failure(sse(start, { type: 'error', error: { type, message: 'No.' } }))
    expect(error).toMatchObject({ kind, upstreamStatus: 200, upstream: { code: type, message: 'No.' } })
  })

  it.each(['data: {"type":\n\n', 'data: [1]\n\n', 'data: null\n\n', 'event: x\ndata: text\n\n'])(
    'refuses %j',
    (text) => {
      expect(failure(Buffer.from(text)).kind).toBe('upstream-invalid')
    },
  )

  it('takes members of any type without failing otherwise than by a ProxyError', () => {
    const odd = [null, 0, 'x', [], {}, true]
    for (const value of odd) {
      for (const event of [
        { type: 'message_start', message: value },
        { type: 'content_block_start', index: value, content_block: value },
        { type: 'content_block_delta', index: value, delta: value },
        { type: 'message_delta', delta: value, usage: value },
        { type: 'error', error: value },
        { type: value },
      ]) {
        const text = sse(start, event, open(0, { type: 'text', text: 'Hi' }), close(0), ending('end_turn'), stop)
        expect(outcome(text)).toMatch(/^(?:finish|ProxyError)$/u)
      }
    }
  })
})
