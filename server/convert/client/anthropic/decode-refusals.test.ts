import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../canonical/error.ts'
import { decodeCountTokensRequest } from './decode-count-tokens.ts'
import { decodeMessagesRequest } from './decode-request.ts'

const base = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }
const user = (...content: unknown[]) => ({ ...base, messages: [{ role: 'user', content }] })
const assistant = (...content: unknown[]) => ({ ...base, messages: [{ role: 'assistant', content }] })
const without = (key: keyof typeof base) => ({ ...base, [key]: undefined })

/** Body, the field that must be named, and words that must be in the message. */
const refused: readonly (readonly [unknown, string, string])[] = [
  [undefined, 'body', 'it is missing'],
  [null, 'body', 'got null'],
  ['{}', 'body', 'got a string'],
  [7, 'body', 'got a number'],
  [true, 'body', 'got a boolean'],
  [[], 'body', 'got an empty array'],
  [[base], 'body', 'got an array'],
  [{}, 'model', 'max_tokens: expected a whole number of at least 1, but it is missing'],
  [{ messages: 'no' }, 'messages', 'expected an array of messages, got "no"'],
  [without('model'), 'model', 'expected the name of a model, but it is missing'],
  [{ ...base, model: '' }, 'model', 'got an empty string'],
  [{ ...base, model: 5 }, 'model', 'got a number (5)'],
  [{ ...base, model: 'x'.repeat(1_001) }, 'model', 'at most 1,000 characters'],
  [without('max_tokens'), 'max_tokens', 'but it is missing'],
  [{ ...base, max_tokens: null }, 'max_tokens', 'got null'],
  [{ ...base, max_tokens: 0 }, 'max_tokens', 'got a number (0)'],
  [{ ...base, max_tokens: -5 }, 'max_tokens', 'a whole number of at least 1'],
  [{ ...base, max_tokens: 1.5 }, 'max_tokens', 'a whole number'],
  [{ ...base, max_tokens: '4096' }, 'max_tokens', 'got a string'],
  [{ ...base, max_tokens: 1e300 }, 'max_tokens', 'a whole number'],
  [without('messages'), 'messages', 'but it is missing'],
  [{ ...base, messages: [] }, 'messages', 'at least one message'],
  [{ ...base, messages: {} }, 'messages', 'got an object'],
  [{ ...base, messages: ['hi'] }, 'messages.0', 'an object with "role" and "content"'],
  [{ ...base, messages: [base.messages[0], null] }, 'messages.1', 'got null'],
  [{ ...base, messages: [{ content: 'hi' }] }, 'messages.0.role', 'but it is missing'],
  [{ ...base, messages: [{ role: 'tool', content: 'hi' }] }, 'messages.0.role', 'got "tool"'],
  [{ ...base, messages: [{ role: '__proto__', content: 'hi' }] }, 'messages.0.role', '"user", "assistant" or "system"'],
  [{ ...base, messages: [{ role: 'user' }] }, 'messages.0.content', 'a string or an array of content blocks'],
  [{ ...base, messages: [{ role: 'user', content: null }] }, 'messages.0.content', 'got null'],
  [{ ...base, messages: [{ role: 'user', content: 5 }] }, 'messages.0.content', 'got a number'],
  [{ ...base, messages: [{ role: 'user', content: { type: 'text' } }] }, 'messages.0.content', 'got an object'],
  [{ ...base, messages: [{ role: 'system', content: 5 }] }, 'messages.0.content', 'got a number'],
  [
    { ...base, messages: [{ role: 'system', content: 'x', output_config: 'high' }] },
    'messages.0.output_config',
    'an object',
  ],
  [
    { ...base, messages: [{ role: 'system', content: 'x', output_config: { effort: 3 } }] },
    'messages.0.output_config.effort',
    'got a number',
  ],
  [user('hi'), 'messages.0.content.0', 'a content block'],
  [user(null), 'messages.0.content.0', 'got null'],
  [user([]), 'messages.0.content.0', 'got an empty array'],
  [user({ text: 'hi' }), 'messages.0.content.0.type', 'but it is missing'],
  [user({ type: 5 }), 'messages.0.content.0.type', 'got a number'],
  [user({ type: 'text' }), 'messages.0.content.0.text', 'but it is missing'],
  [user({ type: 'text', text: 'a' }, { type: 'text', text: {} }), 'messages.0.content.1.text', 'got an object'],
  [user({ type: 'text', text: 'a', cache_control: 'yes' }), 'messages.0.content.0.cache_control', 'an object'],
  [user({ type: 'image' }), 'messages.0.content.0.source', 'but it is missing'],
  [user({ type: 'image', source: 'x' }), 'messages.0.content.0.source', 'an object with a "type"'],
  [user({ type: 'image', source: {} }), 'messages.0.content.0.source.type', 'a source type'],
  [
    user({ type: 'image', source: { type: 'base64', data: 'QQ==' } }),
    'messages.0.content.0.source.media_type',
    'a media type',
  ],
  [
    user({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: '' } }),
    'messages.0.content.0.source.data',
    'base64 data that is not empty',
  ],
  [user({ type: 'image', source: { type: 'url', url: 5 } }), 'messages.0.content.0.source.url', 'a URL'],
  [user({ type: 'document', source: { type: 'text' } }), 'messages.0.content.0.source.data', 'but it is missing'],
  [
    user({ type: 'document', source: { type: 'content', content: 5 } }),
    'messages.0.content.0.source.content',
    'a string or an array',
  ],
  [
    user({ type: 'document', source: { type: 'content', content: [{ type: 'text' }] } }),
    'messages.0.content.0.source.content.0.text',
    'but it is missing',
  ],
  [
    user({ type: 'document', source: { type: 'url', url: 'u' }, title: 5 }),
    'messages.0.content.0.title',
    'got a number',
  ],
  [user({ type: 'tool_use', id: 'a', name: 'b', input: {} }), 'messages.0.content.0.type', 'role "assistant"'],
  [user({ type: 'thinking', thinking: '' }), 'messages.0.content.0.type', 'role "assistant"'],
  [user({ type: 'redacted_thinking', data: 'x' }), 'messages.0.content.0.type', 'role "assistant"'],
  [assistant({ type: 'tool_result', tool_use_id: 'a' }), 'messages.0.content.0.type', 'role "user"'],
  [assistant({ type: 'tool_use', name: 'b', input: {} }), 'messages.0.content.0.id', 'but it is missing'],
  [assistant({ type: 'tool_use', id: '', name: 'b', input: {} }), 'messages.0.content.0.id', 'not empty'],
  [assistant({ type: 'tool_use', id: 'a', input: {} }), 'messages.0.content.0.name', 'but it is missing'],
  [assistant({ type: 'tool_use', id: 'a', name: 'b', input: '{}' }), 'messages.0.content.0.input', 'an object'],
  [assistant({ type: 'tool_use', id: 'a', name: 'b', input: [] }), 'messages.0.content.0.input', 'an empty array'],
  [assistant({ type: 'thinking', thinking: 5 }), 'messages.0.content.0.thinking', 'got a number'],
  [assistant({ type: 'thinking', thinking: '', signature: {} }), 'messages.0.content.0.signature', 'got an object'],
  [assistant({ type: 'redacted_thinking' }), 'messages.0.content.0.data', 'but it is missing'],
  [user({ type: 'tool_result' }), 'messages.0.content.0.tool_use_id', 'but it is missing'],
  [user({ type: 'tool_result', tool_use_id: 'a', is_error: 'no' }), 'messages.0.content.0.is_error', 'true or false'],
  [user({ type: 'tool_result', tool_use_id: 'a', content: 5 }), 'messages.0.content.0.content', 'got a number'],
  [
    user({ type: 'tool_result', tool_use_id: 'a', content: ['x'] }),
    'messages.0.content.0.content.0',
    'a content block',
  ],
  [
    user({ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_result', tool_use_id: 'b' }] }),
    'messages.0.content.0.content.0.type',
    'inside a tool_result',
  ],
  [{ ...base, system: 5 }, 'system', 'a string or an array of text blocks'],
  [{ ...base, system: {} }, 'system', 'got an object'],
  [{ ...base, system: ['x'] }, 'system.0', 'a content block'],
  [{ ...base, system: [{ type: 'text' }] }, 'system.0.text', 'but it is missing'],
  [{ ...base, tools: {} }, 'tools', 'an array of tools'],
  [{ ...base, tools: ['Bash'] }, 'tools.0', 'an object with "name"'],
  [{ ...base, tools: [{ input_schema: {} }] }, 'tools.0.name', 'but it is missing'],
  [{ ...base, tools: [{ name: 'a' }] }, 'tools.0.input_schema', 'but it is missing'],
  [{ ...base, tools: [{ name: 'a', input_schema: 'x' }] }, 'tools.0.input_schema', 'an object'],
  [{ ...base, tools: [{ name: 'a', description: 5, input_schema: {} }] }, 'tools.0.description', 'got a number'],
  [{ ...base, tools: [{ name: 'a', type: 5, input_schema: {} }] }, 'tools.0.type', 'got a number'],
  [{ ...base, tool_choice: 'auto' }, 'tool_choice', 'an object such as {"type":"auto"}'],
  [{ ...base, tool_choice: { type: 'required' } }, 'tool_choice.type', 'got "required"'],
  [{ ...base, tool_choice: { type: 'tool' } }, 'tool_choice.name', 'but it is missing'],
  [{ ...base, tool_choice: { type: 'tool', name: 'x' } }, 'tool_choice.name', 'no tool of this name'],
  [
    { ...base, tool_choice: { type: 'auto', disable_parallel_tool_use: 1 } },
    'tool_choice.disable_parallel_tool_use',
    'true or false',
  ],
  [{ ...base, stream: 'true' }, 'stream', 'true or false'],
  [{ ...base, temperature: '1' }, 'temperature', 'a number of at least 0'],
  [{ ...base, temperature: -1 }, 'temperature', 'got a number (-1)'],
  [{ ...base, top_p: 2 }, 'top_p', 'a number from 0 to 1'],
  [{ ...base, top_k: 1.5 }, 'top_k', 'a whole number'],
  [{ ...base, stop_sequences: 'STOP' }, 'stop_sequences', 'an array of strings'],
  [{ ...base, stop_sequences: ['a', ''] }, 'stop_sequences.1', 'not empty'],
  [{ ...base, thinking: true }, 'thinking', 'an object such as'],
  [{ ...base, thinking: {} }, 'thinking.type', 'but it is missing'],
  [{ ...base, thinking: { type: 'enabled', budget_tokens: '5' } }, 'thinking.budget_tokens', 'a whole number'],
  [{ ...base, thinking: { type: 'adaptive', display: 1 } }, 'thinking.display', 'a string'],
  [{ ...base, output_config: 'high' }, 'output_config', 'an object such as'],
  [{ ...base, output_config: { effort: 3 } }, 'output_config.effort', 'a string such as "medium"'],
  [{ ...base, output_config: { format: 'json' } }, 'output_config.format', 'an object such as'],
  [{ ...base, output_config: { format: { type: 'json_schema' } } }, 'output_config.format.schema', 'a JSON Schema'],
  [{ ...base, output_format: { type: 'json_schema', schema: [] } }, 'output_format.schema', 'an object'],
  [{ ...base, metadata: 'x' }, 'metadata', 'an object'],
  [{ ...base, metadata: { user_id: 5 } }, 'metadata.user_id', 'got a number'],
]

function refusal(decode: () => unknown): ProxyError {
  try {
    decode()
  } catch (error) {
    if (error instanceof ProxyError) return error
    throw error
  }
  throw new Error('the body was accepted')
}

describe('decode-refusals', () => {
  it.each(refused)('%j is refused at %s', (body, param, words) => {
    const error = refusal(() => decodeMessagesRequest(body, {}))
    expect({ kind: error.kind, param: error.param }).toEqual({ kind: 'invalid-request', param })
    expect(error.message).toMatch(new RegExp(`^${param.replaceAll('.', '\\.')}: `, 'u'))
    expect(error.message).toContain(words)
    expect(error.message).toMatch(/send it again\.$/u)
  })

  it('count_tokens refuses the same, but needs no max_tokens', () => {
    expect(decodeCountTokensRequest(without('max_tokens')).sampling).toEqual({})
    expect(refusal(() => decodeCountTokensRequest({ ...base, max_tokens: '5' })).param).toBe('max_tokens')
    expect(refusal(() => decodeCountTokensRequest({ model: 'm' })).param).toBe('messages')
  })

  it('never quotes what may be private', () => {
    const error = refusal(() => decodeMessagesRequest({ ...base, messages: 'my password is hunter2' }, {}))
    expect(error.message).not.toContain('hunter2')
  })
})
