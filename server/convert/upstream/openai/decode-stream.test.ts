import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent } from '../../../canonical/event.ts'
import { createChatStreamDecoder } from './decode-stream.ts'

const chunk = (delta: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
})
const stream = (...chunks: readonly object[]): Uint8Array =>
  Buffer.from(chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('') + 'data: [DONE]\n\n')

function decode(bytes: Uint8Array, size = bytes.length): CompletionEvent[] {
  const decoder = createChatStreamDecoder('gpt-x')
  const out: CompletionEvent[] = []
  for (let at = 0; at < bytes.length && !decoder.stopped; at += size) decoder.push(bytes.subarray(at, at + size), out)
  decoder.end(out)
  return out
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

const piece = (index: number, rest: object) => chunk({ tool_calls: [{ index, ...rest }] })

const whole = stream(
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'Hm 你好' }),
  chunk({ content: 'Grüße ' }),
  chunk({ content: '👩‍👩‍👧‍👦' }),
  piece(0, { id: 'a', type: 'function', function: { name: 'Write', arguments: '' } }),
  piece(1, { id: 'b', type: 'function', function: { name: 'Now' } }),
  piece(0, { function: { arguments: '{"x":' } }),
  piece(0, { function: { arguments: '"ß"}' } }),
  chunk({}, 'tool_calls'),
  {
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 4 } },
  },
)

const expected: readonly CompletionEvent[] = [
  { type: 'message-start' },
  { type: 'reasoning-start', index: 0 },
  { type: 'reasoning-delta', index: 0, text: 'Hm 你好' },
  { type: 'reasoning-end', index: 0 },
  { type: 'text-start', index: 1 },
  { type: 'text-delta', index: 1, text: 'Grüße ' },
  { type: 'text-delta', index: 1, text: '👩‍👩‍👧‍👦' },
  { type: 'usage', usage: { inputTokens: 5, cacheReadTokens: 4, outputTokens: 7 } },
  { type: 'text-end', index: 1 },
  { type: 'tool-start', index: 2, id: 'a', name: 'Write' },
  { type: 'tool-delta', index: 2, json: '{"x":"ß"}' },
  { type: 'tool-end', index: 2 },
  { type: 'tool-start', index: 3, id: 'b', name: 'Now' },
  { type: 'tool-delta', index: 3, json: '{}' },
  { type: 'tool-end', index: 3 },
  { type: 'finish', reason: 'tool-use', raw: 'tool_calls' },
]

describe('decode-stream', () => {
  it('decodes every kind of delta, wherever the bytes are cut', () => {
    for (let size = 1; size <= 40; size += 1) expect(decode(whole, size)).toEqual(expected)
    expect(decode(whole)).toEqual(expected)
  })

  it('fails at every cut before it says how it ends', () => {
    const tail = Buffer.from(whole).indexOf('"finish_reason":"tool_calls"')
    for (let length = 0; length < tail; length += 1) {
      expect(failure(whole.subarray(0, length)).kind).toBe('upstream-invalid')
    }
  })

  it.each([
    ['stop', 'end-turn'],
    ['length', 'max-tokens'],
    ['content_filter', 'refusal'],
  ])('maps %s to %s', (raw, reason) => {
    expect(decode(stream(chunk({ content: 'Hi' }), chunk({}, raw))).at(-1)).toEqual({ type: 'finish', reason, raw })
  })

  it('leaves out a tool call that the limit cut, and refuses one that nothing explains', () => {
    const cut = piece(0, { id: 'a', function: { name: 'Write', arguments: '{"x' } })
    expect(decode(stream(cut, chunk({}, 'length'))).map(({ type }) => type)).toEqual(['message-start', 'finish'])
    expect(failure(stream(cut, chunk({}, 'tool_calls'))).kind).toBe('upstream-invalid')
  })

  it('takes calls without numbers, whole, with objects as arguments, ended by stop, and tells equal ids apart', () => {
    const call = (id: string) => chunk({ tool_calls: [{ id, function: { name: 'A', arguments: { x: 1 } } }] })
    const events = decode(
      stream(call('a'), call('b'), piece(7, { id: 'a', function: { name: 'B' } }), chunk({}, 'stop')),
    )
    const started = events.filter((event) => event.type === 'tool-start')
    expect(started.map(({ name }) => name)).toEqual(['A', 'A', 'B'])
    expect(new Set(started.map(({ id }) => id)).size).toBe(3)
    expect(events.at(-1)).toMatchObject({ reason: 'tool-use' })
  })

  it.each([
    ['server_is_overloaded', 'overloaded'],
    ['rate_limit_exceeded', 'rate-limited'],
    ['insufficient_quota', 'quota-exhausted'],
    ['context_length_exceeded', 'prompt-too-long'],
    ['other', 'upstream-error'],
  ])('throws an error chunk with the code %s as %s', (code, kind) => {
    expect(failure(stream({ error: { code, message: 'No.' } }))).toMatchObject({
      kind,
      upstream: { upstream: 'openai' },
    })
  })

  it('says that an answer without a word is empty', () => {
    expect(failure(stream(chunk({}, 'stop'))).kind).toBe('empty-response')
  })

  it.each(['data: {"a":\n\n', 'data: [1]\n\n', 'data: null\n\n'])('refuses %j', (text) => {
    expect(failure(Buffer.from(text)).kind).toBe('upstream-invalid')
  })
})
