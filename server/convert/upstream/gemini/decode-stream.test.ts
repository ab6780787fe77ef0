import { describe, expect, it } from 'vitest'
import { createSseDecoder } from '../../../codec/sse/index.ts'
import type { CompletionEvent } from '../../../canonical/event.ts'
import { createGeminiStreamDecoder } from './decode-stream.ts'

interface Part {
  readonly [member: string]: unknown
}

function chunk(parts: readonly Part[], finishReason?: string, usageMetadata?: object): object {
  return { candidates: [{ content: { role: 'model', parts }, finishReason, index: 0 }], usageMetadata }
}

/** All events of an answer whose bytes arrive cut into pieces of `size`. */
function decode(chunks: readonly unknown[], size: number, options: { newline?: string; reasoning?: boolean } = {}) {
  const { newline = '\n', reasoning = true } = options
  const text = chunks.map((each) => `data: ${JSON.stringify(each)}${newline}${newline}`).join('')
  const bytes = new TextEncoder().encode(text)
  const sse = createSseDecoder()
  let ids = 0
  const decoder = createGeminiStreamDecoder({
    model: 'gemini-3-pro-preview',
    toolNames: new Map([['mcp_read_file', 'mcp read/file']]),
    reasoning,
    newId: () => `id${++ids}`,
  })
  const out: CompletionEvent[] = []
  for (let at = 0; at < bytes.length; at += size) {
    for (const { data } of sse.decode(bytes.subarray(at, at + size))) decoder.push(data, out)
  }
  for (const { data } of sse.end()) decoder.push(data, out)
  decoder.end(out)
  return out
}

const usage = { promptTokenCount: 100, cachedContentTokenCount: 40, candidatesTokenCount: 5, thoughtsTokenCount: 7 }
const seal = (value: string) => ({ origin: { upstream: 'gemini', model: 'gemini-3-pro-preview' }, value })
const finish = (reason: string, raw: string) => ({ type: 'finish', reason, raw })

const whole = [
  chunk([{ text: 'Think ✓', thought: true }], undefined, { promptTokenCount: 100 }),
  chunk([{ functionCall: { name: 'mcp_read_file', args: { path: 'ü' } }, thoughtSignature: 'SIG' }]),
  chunk([{ functionCall: { id: 'own-1', name: 'two' } }]),
  chunk([{ text: '', thoughtSignature: 'LAST' }], 'STOP', usage),
]
const wholeEvents = [
  { type: 'message-start' },
  { type: 'reasoning-start', index: 0 },
  { type: 'reasoning-delta', index: 0, text: 'Think ✓' },
  { type: 'usage', usage: { inputTokens: 100, cacheReadTokens: 0, outputTokens: 0 } },
  { type: 'reasoning-end', index: 0, signature: seal('call.SIG') },
  { type: 'tool-start', index: 1, id: 'id1', name: 'mcp read/file' },
  { type: 'tool-delta', index: 1, json: '{"path":"ü"}' },
  { type: 'tool-end', index: 1 },
  { type: 'tool-start', index: 2, id: 'own-1', name: 'two' },
  { type: 'tool-delta', index: 2, json: '{}' },
  { type: 'tool-end', index: 2 },
  { type: 'usage', usage: { inputTokens: 60, cacheReadTokens: 40, outputTokens: 12, reasoningTokens: 7 } },
  finish('tool-use', 'STOP'),
]

describe('gemini/decode-stream', () => {
  it.each([1, 2, 3, 7, 64, 100_000])('is the same however the bytes are cut: %d', (size) => {
    expect(decode(whole, size)).toEqual(wholeEvents)
    expect(decode(whole, size, { newline: '\r\n' })).toEqual(wholeEvents)
  })

  it('shows no reasoning and no signature to a client that did not ask', () => {
    const kinds = decode(whole, 1_000, { reasoning: false }).map(({ type }) => type)
    expect(kinds.some((kind) => kind.startsWith('reasoning'))).toBe(false)
    expect(kinds.slice(0, 2)).toEqual(['message-start', 'tool-start'])
  })

  it('puts the signature of a call after text into an empty reasoning block', () => {
    const events = decode(
      [chunk([{ text: 'Now' }, { functionCall: { name: 'a', args: {} }, thoughtSignature: 'S' }], 'STOP')],
      50,
    )
    expect(events.map(({ type }) => type)).toEqual(
      'message-start text-start text-delta text-end reasoning-start reasoning-end tool-start tool-delta tool-end finish'.split(
        ' ',
      ),
    )
    expect(events[5]).toEqual({ type: 'reasoning-end', index: 1, signature: seal('call.S') })
  })

  it('gives a repeated id of the service a new one', () => {
    const call = { functionCall: { id: 'x', name: 'a', args: {} } }
    const ids = decode([chunk([call, call], 'STOP')], 99).flatMap((event) =>
      event.type === 'tool-start' ? [event.id] : [],
    )
    expect(ids).toEqual(['x', 'id1'])
  })

  it.each([
    ['STOP', 'end-turn'],
    ['FINISH_REASON_UNSPECIFIED', 'end-turn'],
    ['OTHER', 'end-turn'],
    ['MAX_TOKENS', 'max-tokens'],
    ['SAFETY', 'refusal'],
    ['RECITATION', 'refusal'],
    ['BLOCKLIST', 'refusal'],
    ['PROHIBITED_CONTENT', 'refusal'],
    ['SPII', 'refusal'],
  ])('%s is %s', (raw, reason) => {
    expect(decode([chunk([{ text: 'Hi' }], raw)], 10).at(-1)).toEqual(finish(reason, raw))
  })

  it('answers a blocked prompt with a refusal', () => {
    expect(decode([{ promptFeedback: { blockReason: 'SAFETY' } }], 10)).toEqual([
      { type: 'message-start' },
      finish('refusal', 'SAFETY'),
    ])
  })

  const overloaded = { error: { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded.' } }
  it.each<[string, readonly unknown[], string]>([
    ['an end without a reason', [chunk([{ text: 'Hi' }])], 'upstream-invalid'],
    ['nothing at all', [], 'empty-response'],
    ['an end without a word', [chunk([], 'STOP')], 'empty-response'],
    ['thoughts alone', [chunk([{ text: 'Hm', thought: true }], 'STOP')], 'empty-response'],
    ['a broken call', [chunk([], 'MALFORMED_FUNCTION_CALL')], 'upstream-invalid'],
    ['an error as first chunk', [overloaded], 'overloaded'],
    ['an error in a list', [[overloaded]], 'overloaded'],
    ['an error after text', [chunk([{ text: 'Hi' }]), overloaded], 'overloaded'],
  ])('%s fails', (_name, chunks, kind) => {
    expect(() => decode(chunks, 5)).toThrow(expect.objectContaining({ name: 'ProxyError', kind }))
  })

  it.each(['{', 'null', '[]', '7', '"x"', '{"candidates":7}', '{"candidates":[null,{"content":{"parts":[0]}}]}'])(
    'survives any data: %s',
    (data) => {
      const decoder = createGeminiStreamDecoder({ model: 'm', toolNames: new Map(), reasoning: true })
      const out: CompletionEvent[] = []
      expect(() => {
        decoder.push(data, out)
        decoder.end(out)
      }).toThrow(expect.objectContaining({ name: 'ProxyError' }))
    },
  )
})
