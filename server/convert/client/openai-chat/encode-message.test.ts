import { describe, expect, it } from 'vitest'
import type { Usage } from '../../../canonical/event.ts'
import type { CompletionMessage } from '../../../canonical/message.ts'
import { encodeChatMessage } from './encode-message.ts'

const usage: Usage = {
  inputTokens: 10,
  outputTokens: 4,
  cacheReadTokens: 5,
  cacheWriteTokens: 0,
  inputSource: 'provider',
  outputSource: 'estimated',
}
const context = { completionId: 'chatcmpl-1', created: 1_700_000_000, model: 'gpt-4o', usesFunctions: false }
const call = (id: string) => ({ type: 'tool-use', id, name: 'f', input: { a: [1] } }) as const

const encode = (content: CompletionMessage['content'], usesFunctions = false) =>
  encodeChatMessage({ content, finish: { reason: 'end-turn' } }, usage, { ...context, usesFunctions })

describe('openai-chat/encode-message.ts', () => {
  it('is a completion with one choice', () => {
    const content: CompletionMessage['content'] = [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]
    expect(encode(content)).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'gpt-4o',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'ab', refusal: null, reasoning_content: 'hm' },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 15,
        completion_tokens: 4,
        total_tokens: 19,
        prompt_tokens_details: { cached_tokens: 5 },
      },
    })
  })

  it.each([
    [[], '', 'stop', {}],
    [[call('a')], null, 'tool_calls', { tool_calls: [{ id: 'a' }] }],
    [
      [{ type: 'text', text: 'x' } as const, call('a'), call('b')],
      'x',
      'tool_calls',
      { tool_calls: [{}, { id: 'b' }] },
    ],
  ])('%j', (content, text, reason, more) => {
    const [choice] = encode(content).choices
    expect(choice.finish_reason).toBe(reason)
    expect(choice.message).toMatchObject({ content: text, ...more })
  })

  it('writes the input of a call as JSON text', () => {
    expect(encode([call('a')]).choices[0].message.tool_calls?.[0]).toEqual({
      id: 'a',
      type: 'function',
      function: { name: 'f', arguments: '{"a":[1]}' },
    })
  })

  it('has room for one call in the older form', () => {
    const [choice] = encode([call('a'), call('b')], true).choices
    expect(choice.finish_reason).toBe('function_call')
    expect(choice.message).toMatchObject({ content: null, function_call: { name: 'f', arguments: '{"a":[1]}' } })
    expect(choice.message).not.toHaveProperty('tool_calls')
  })
})
