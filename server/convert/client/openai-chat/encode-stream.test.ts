import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, FinishReason, Usage } from '../../../canonical/event.ts'
import { type ChatStreamContext, createChatStreamEncoder } from './encode-stream.ts'

const usage: Usage = {
  inputTokens: 10,
  outputTokens: 4,
  cacheReadTokens: 5,
  cacheWriteTokens: 1,
  inputSource: 'provider',
  outputSource: 'provider',
}

const context = (fields: Partial<ChatStreamContext> = {}): ChatStreamContext => ({
  completionId: 'chatcmpl-1',
  created: 1_700_000_000,
  model: 'gpt-4o',
  usesFunctions: false,
  includeUsage: false,
  finalUsage: () => usage,
  ...fields,
})

interface Chunk {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  readonly choices: readonly { readonly index: number; readonly delta: object; readonly finish_reason: string | null }[]
  readonly usage?: object | null
}

function chunksOf(sse: string): (Chunk | '[DONE]')[] {
  return sse
    .split('\n\n')
    .filter((line) => line !== '')
    .map((line) => {
      const data = line.replace(/^data: /u, '')
      return data === '[DONE]' ? data : (JSON.parse(data) as Chunk)
    })
}

const encode = (events: readonly CompletionEvent[], fields: Partial<ChatStreamContext> = {}) =>
  chunksOf(createChatStreamEncoder(context(fields)).encode(events))

const deltasOf = (chunks: readonly (Chunk | '[DONE]')[]) =>
  chunks.flatMap((chunk) => (chunk === '[DONE]' ? [] : chunk.choices.map(({ delta }) => delta)))

const tool = (index: number, name: string, ...json: string[]): CompletionEvent[] => [
  { type: 'tool-start', index, id: `id_${index}`, name },
  ...json.map((part): CompletionEvent => ({ type: 'tool-delta', index, json: part })),
  { type: 'tool-end', index },
]

const finish = (reason: FinishReason): CompletionEvent => ({ type: 'finish', reason })

describe('openai-chat/encode-stream.ts', () => {
  it('encodes reasoning, text and its end', () => {
    const chunks = encode([
      { type: 'message-start' },
      { type: 'reasoning-start', index: 0 },
      { type: 'reasoning-delta', index: 0, text: 'hm' },
      { type: 'reasoning-end', index: 0, signature: { origin: { upstream: 'unknown' }, value: 'secret' } },
      { type: 'text-start', index: 1 },
      { type: 'text-delta', index: 1, text: 'Grüße\n"\u2028' },
      { type: 'text-end', index: 1 },
      { type: 'usage', usage: { outputTokens: 4 } },
      finish('end-turn'),
    ])
    expect(deltasOf(chunks)).toEqual([
      { role: 'assistant', content: '' },
      { reasoning_content: 'hm' },
      { content: 'Grüße\n"\u2028' },
      {},
    ])
    expect(chunks[2]).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'gpt-4o',
      choices: [{ index: 0, delta: { content: 'Grüße\n"\u2028' }, finish_reason: null }],
    })
    expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
    expect(chunks.at(-1)).toBe('[DONE]')
  })

  it('counts calls from 0, whatever stands between, and gives an empty input', () => {
    const text: CompletionEvent = { type: 'text-delta', index: 0, text: 'a' }
    const chunks = encode([text, ...tool(1, 'f', '{"a"', ':1}'), ...tool(2, 'g"'), finish('tool-use')])
    expect(deltasOf(chunks)).toEqual([
      { content: 'a' },
      { tool_calls: [{ index: 0, id: 'id_1', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      { tool_calls: [{ index: 1, id: 'id_2', type: 'function', function: { name: 'g"', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ])
    expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] })
  })

  it('has room for one call in the older form', () => {
    const events = [...tool(0, 'f', '{}'), ...tool(1, 'g', '{}'), finish('tool-use')]
    const chunks = encode(events, { usesFunctions: true })
    expect(deltasOf(chunks)).toEqual([
      { function_call: { name: 'f', arguments: '' } },
      { function_call: { arguments: '{}' } },
      {},
    ])
    expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: 'function_call' }] })
  })

  it.each<[FinishReason, string, string]>([
    ['end-turn', 'stop', 'tool_calls'],
    ['tool-use', 'stop', 'tool_calls'],
    ['stop-sequence', 'stop', 'tool_calls'],
    ['max-tokens', 'length', 'length'],
    ['context-window-exceeded', 'length', 'length'],
    ['refusal', 'content_filter', 'content_filter'],
  ])('%s is %s, with calls %s', (reason, without, withCalls) => {
    expect(encode([finish(reason)]).at(-2)).toMatchObject({ choices: [{ finish_reason: without }] })
    expect(encode([...tool(0, 'f'), finish(reason)]).at(-2)).toMatchObject({ choices: [{ finish_reason: withCalls }] })
  })

  it('tells the usage only when asked', () => {
    const told = encode([{ type: 'message-start' }, finish('end-turn')], { includeUsage: true })
    expect(told.map((chunk) => (chunk === '[DONE]' ? chunk : chunk.usage))).toEqual([
      null,
      null,
      {
        prompt_tokens: 16,
        completion_tokens: 4,
        total_tokens: 20,
        prompt_tokens_details: { cached_tokens: 5 },
      },
      '[DONE]',
    ])
    expect(told.at(-2)).toMatchObject({ choices: [] })
    const untold = encode([{ type: 'message-start' }, finish('end-turn')], {
      finalUsage: () => expect.unreachable('asked for the usage'),
    })
    expect(untold.every((chunk) => chunk === '[DONE]' || !('usage' in chunk))).toBe(true)
  })

  it('ends a failed stream with an error and no [DONE]', () => {
    const encoder = createChatStreamEncoder(context())
    expect(encoder.error(new ProxyError('timeout', 'It was silent.'))).toBe(
      'data: {"error":{"message":"It was silent.","type":"server_error","param":null,"code":"timeout"}}\n\n',
    )
  })
})
