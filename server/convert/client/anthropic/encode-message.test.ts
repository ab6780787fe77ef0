import { describe, expect, it } from 'vitest'
import type { Usage } from '../../../canonical/event.ts'
import type { CompletionMessage } from '../../../canonical/message.ts'
import { encodeMessage } from './encode-message.ts'

const usage: Usage = {
  inputTokens: 1,
  outputTokens: 2,
  cacheReadTokens: 3,
  cacheWriteTokens: 4,
  inputSource: 'provider',
  outputSource: 'provider',
}
const signature = { origin: { upstream: 'amazon-q' as const, model: 'm' }, value: 'S' }
const message: CompletionMessage = {
  content: [
    { type: 'reasoning', text: 'hm', signature },
    { type: 'reasoning', text: 'unsigned' },
    { type: 'reasoning', text: '', redacted: signature },
    { type: 'text', text: 'Hello' },
    { type: 'tool-use', id: 'a', name: 'Bash', input: { command: 'ls' } },
  ],
  finish: { reason: 'stop-sequence', stopSequence: 'STOP' },
}
const context = { messageId: 'msg_1', model: 'm' }

describe('encode-message.ts', () => {
  it('writes the whole message', () => {
    expect(encodeMessage(message, usage, context)).toEqual({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'cv1.amazon-q.bQ.S' },
        { type: 'thinking', thinking: 'unsigned', signature: '' },
        { type: 'redacted_thinking', data: 'cv1.amazon-q.bQ.S' },
        { type: 'text', text: 'Hello' },
        { type: 'tool_use', id: 'a', name: 'Bash', input: { command: 'ls' } },
      ],
      stop_reason: 'stop_sequence',
      stop_sequence: 'STOP',
      usage: { input_tokens: 1, cache_creation_input_tokens: 4, cache_read_input_tokens: 3, output_tokens: 2 },
    })
  })

  it('leaves out the text of omitted thinking', () => {
    const { content } = encodeMessage(message, usage, { ...context, reasoningDisplay: 'omitted' })
    expect(content.slice(0, 2)).toEqual([
      { type: 'thinking', thinking: '', signature: 'cv1.amazon-q.bQ.S' },
      { type: 'thinking', thinking: '', signature: '' },
    ])
  })
})
