import { describe, expect, it } from 'vitest'
import { decodeAnswer, event, outline, say, tail, use } from '../../../../tests/support/amazon-q/stream-script.ts'
import type { EventStreamMessage } from '../../../codec/event-stream/index.ts'
import { contentOfPayload } from './event-payload.ts'
import { createAmazonQStreamDecoder, type AmazonQStreamContext } from './decode-stream.ts'

interface Script {
  readonly name: string
  readonly messages: readonly EventStreamMessage[]
  readonly context?: Partial<AmazonQStreamContext>
  readonly lines: readonly string[]
}

const reasoning = (payload: object) => event('reasoningContentEvent', payload)

const scripts: readonly Script[] = [
  { name: 'plain text', messages: [say('Hel'), say('lo'), ...tail], lines: ['text Hello', 'finish end-turn'] },
  {
    name: 'identical frames are all kept',
    messages: [say('.'), say('.'), say('.'), ...tail],
    lines: ['text ...', 'finish end-turn'],
  },
  {
    name: 'frames that say nothing to a client',
    messages: [
      event('initial-response', { conversationId: 'c' }),
      event('messageMetadataEvent', { conversationId: 'c' }),
      event('brandNewEvent', 'not even JSON'),
      say(''),
      say('Hi'),
      event('codeReferenceEvent', { references: [] }),
      ...tail,
    ],
    lines: ['text Hi', 'finish end-turn'],
  },
  {
    name: 'a wrapped payload and extra members',
    messages: [
      event('assistantResponseEvent', { assistantResponseEvent: { content: 'a' } }),
      event('assistantResponseEvent', { content: 'b\n"c"', modelId: 'claude-sonnet-4.5' }),
      event('codeEvent', { content: 'd' }),
      ...tail,
    ],
    lines: ['text ab\n"c"d', 'finish end-turn'],
  },
  {
    name: 'native reasoning, its signature in parts',
    messages: [
      reasoning({ text: 'Hm' }),
      reasoning({ text: '.' }),
      reasoning({ signature: 's1' }),
      reasoning({ signature: 's2' }),
      say('Yes'),
      ...tail,
    ],
    context: { reasoning: 'native' },
    lines: ['reasoning Hm. [s1s2]', 'text Yes', 'finish end-turn'],
  },
  {
    name: 'two reasoning blocks and a redacted one',
    messages: [
      reasoning({ text: 'a', signature: 's1' }),
      reasoning({ text: 'b' }),
      reasoning({ redactedContent: 'eHl6' }),
      say('Yes'),
      ...tail,
    ],
    context: { reasoning: 'native' },
    lines: ['reasoning a [s1]', 'reasoning b', 'reasoning [redacted eHl6]', 'text Yes', 'finish end-turn'],
  },
  {
    name: 'reasoning that nobody asked for is still reasoning',
    messages: [reasoning({ text: 'a' }), say('b'), ...tail],
    lines: ['reasoning a', 'text b', 'finish end-turn'],
  },
  {
    name: 'two tool calls in fragments',
    messages: [
      say('I look.'),
      use({ toolUseId: 't1', name: 'Bash' }),
      use({ toolUseId: 't1', name: 'Bash', input: '{"comm' }),
      use({ input: 'and":"ls"}' }),
      use({ toolUseId: 't1', name: 'Bash', stop: true }),
      use({ toolUseId: 't2', name: 'Read' }),
      use({ toolUseId: 't2', name: 'Read', stop: true }),
      ...tail,
    ],
    lines: ['text I look.', 'tool t1 Bash {"command":"ls"}', 'tool t2 Read {}', 'finish tool-use'],
  },
  {
    name: 'input as an object, a shortened name, a changed case, no id',
    messages: [
      use({ toolUseId: 't1', name: 'short_1', input: { a: 1 }, stop: true }),
      use({ toolUseId: 't2', name: 'bash', input: '{}', stop: true }),
      use({ name: 'Other', input: '{}', stop: true }),
      ...tail,
    ],
    context: { toolNames: new Map([['short_1', 'a very long name']]) },
    lines: ['tool t1 a very long name {"a":1}', 'tool t2 Bash {}', 'tool made-up-id Other {}', 'finish tool-use'],
  },
  {
    name: 'a complete call that is repeated, whole or in fragments',
    messages: [
      use({ toolUseId: 't1', name: 'Bash', input: '{"a":1}', stop: true }),
      use({ toolUseId: 't1', name: 'Bash', input: '{"a":1}', stop: true }),
      use({ toolUseId: 't1', name: 'Bash' }),
      use({ input: '{"a":1}' }),
      use({ stop: true }),
      ...tail,
    ],
    lines: ['tool t1 Bash {"a":1}', 'finish tool-use'],
  },
  {
    name: 'missing stop marks, the input whole: calls keep their order',
    messages: [
      use({ toolUseId: 't1', name: 'Bash', input: '{"a":1}' }),
      use({ toolUseId: 't2', name: 'Read', input: '{}' }),
    ],
    lines: ['tool t1 Bash {"a":1}', 'tool t2 Read {}', 'finish tool-use'],
  },
  {
    name: 'interleaved calls',
    messages: [
      use({ toolUseId: 't1', name: 'Bash', input: '{"a":' }),
      use({ toolUseId: 't2', name: 'Read', input: '{"b":' }),
      use({ toolUseId: 't1', input: '1}', stop: true }),
      use({ toolUseId: 't2', input: '2}', stop: true }),
      ...tail,
    ],
    lines: ['tool t1 Bash {"a":1}', 'tool t2 Read {"b":2}', 'finish tool-use'],
  },
  {
    name: 'a call whose text goes on around it',
    messages: [say('a'), use({ toolUseId: 't1', name: 'Bash', input: '{}', stop: true }), say('b'), ...tail],
    lines: ['text a', 'tool t1 Bash {}', 'text b', 'finish tool-use'],
  },
  {
    name: 'a tool call shown as text stays text',
    messages: [say('[Called Bash with args: {"command":"ls"}]'), ...tail],
    lines: ['text [Called Bash with args: {"command":"ls"}]', 'finish end-turn'],
  },
  {
    name: 'the length exception after content',
    messages: [say('a'), event('ContentLengthExceededException', { message: 'm' }, 'exception')],
    lines: ['text a', 'finish max-tokens'],
  },
  {
    name: 'a full context window',
    messages: [say('a'), event('contextUsageEvent', { contextUsagePercentage: 100 })],
    lines: ['text a', 'finish context-window-exceeded'],
  },
  {
    name: 'a stop reason alone is a tail',
    messages: [say('a'), event('metadataEvent', { stopReason: 'max_tokens' })],
    lines: ['text a', 'finish max-tokens'],
  },
  {
    name: 'the stop reason of a tool call without a call',
    messages: [say('a'), event('metadataEvent', { stopReason: 'TOOL_USE' })],
    lines: ['text a', 'finish end-turn'],
  },
  {
    name: 'a refusal without a word',
    messages: [event('metadataEvent', { stopReason: 'CONTENT_FILTERED' })],
    lines: ['finish refusal'],
  },
  {
    name: 'a stop sequence over three frames; what follows is dropped',
    messages: [say('one EN'), say('D'), say('!two'), use({ toolUseId: 't1', name: 'Bash', stop: true }), say('three')],
    context: { stopSequences: ['END!'] },
    lines: ['text one ', 'finish stop-sequence END!'],
  },
  {
    name: 'the beginning of a stop sequence that never completes',
    messages: [say('one EN'), use({ toolUseId: 't1', name: 'Bash', stop: true }), say('EN'), ...tail],
    context: { stopSequences: ['END!'] },
    lines: ['text one EN', 'tool t1 Bash {}', 'text EN', 'finish tool-use'],
  },
]

describe('decode-stream', () => {
  it.each(scripts)('$name', ({ messages, context, lines }) => {
    expect(outline(decodeAnswer(messages, context))).toEqual(lines)
  })

  it('binds signatures to the service and the model', () => {
    const events = decodeAnswer([reasoning({ text: 'a', signature: 's' }), say('b'), ...tail], { model: 'm' })
    expect(events).toContainEqual({
      type: 'reasoning-end',
      index: 0,
      signature: { origin: { upstream: 'amazon-q', model: 'm' }, value: 's' },
    })
  })

  it('reports usage as the service told it', () => {
    const usage = { uncachedInputTokens: 101, outputTokens: 23, cacheReadInputTokens: 300, cacheWriteInputTokens: 40 }
    const events = decodeAnswer([
      event('meteringEvent', { usage: 0.5, unit: 'credit' }),
      say('a'),
      event('meteringEvent', { usage: 0.25, unit: 'credit' }),
      event('contextUsageEvent', { contextUsagePercentage: 12.75 }),
      event('metadataEvent', { tokenUsage: usage }),
    ])
    expect(events.filter((item) => item.type === 'usage').map((item) => item.usage)).toEqual([
      { credits: 0.5 },
      { credits: 0.75 },
      { contextUsagePercentage: 12.75 },
      { inputTokens: 101, outputTokens: 23, cacheReadTokens: 300, cacheWriteTokens: 40 },
    ])
  })

  it('says nothing before the first content, so that another account can still be tried', () => {
    const decoder = createAmazonQStreamDecoder({
      model: 'm',
      toolNames: new Map(),
      reasoning: 'none',
      stopSequences: [],
      declaredTools: new Set(),
    })
    const out: never[] = []
    for (const message of [event('messageMetadataEvent', {}), say(''), ...tail]) decoder.push(message, out)
    expect(out).toEqual([])
  })
})

describe('event-payload', () => {
  it.each(['', 'plain', 'a"b', 'back\\slash', 'ünï 𝒳 \u2028', '"}', '{"content":"', 'line\nbreak\u0001'])(
    'reads content %j the same way on the short path and by parsing',
    (content) => {
      expect(contentOfPayload(JSON.stringify({ content }))).toBe(content)
      expect(contentOfPayload(JSON.stringify({ content, modelId: 'm' }))).toBe(content)
      expect(contentOfPayload(JSON.stringify({ modelId: 'm', content }, null, 1))).toBe(content)
    },
  )
})
