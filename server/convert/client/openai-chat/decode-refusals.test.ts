import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../canonical/error.ts'
import { decodeChatRequest } from './decode-request.ts'

const base = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }
const user = (...content: unknown[]) => ({ ...base, messages: [{ role: 'user', content }] })
const message = (fields: object) => ({ ...base, messages: [fields] })
const calls = (...toolCalls: unknown[]) => message({ role: 'assistant', content: null, tool_calls: toolCalls })
const choice = (tool_choice: unknown) => ({ ...base, tools: [tool], tool_choice })

const refused: readonly (readonly [body: unknown, param: string, words: string])[] = [
  [undefined, 'body', 'but it is missing'],
  [null, 'body', 'got null'],
  ['hi', 'body', 'a JSON object'],
  [[], 'body', 'got an empty array'],
  [{}, 'model', 'but it is missing'],
  [{ messages: base.messages }, 'model', 'the name of a model'],
  [{ ...base, model: '' }, 'model', 'got an empty string'],
  [{ ...base, model: 5 }, 'model', 'got a number (5)'],
  [{ ...base, model: 'm'.repeat(1_001) }, 'model', 'at most 1,000 characters'],
  [{ model: 'm' }, 'messages', 'but it is missing'],
  [{ ...base, messages: [] }, 'messages', 'at least one message'],
  [{ ...base, messages: 'hi' }, 'messages', 'an array of messages'],
  [{ ...base, messages: ['hi'] }, 'messages.0', 'an object with "role" and "content"'],
  [{ ...base, messages: [base.messages[0], null] }, 'messages.1', 'got null'],
  [message({ content: 'hi' }), 'messages.0.role', 'but it is missing'],
  [message({ role: 'robot', content: 'hi' }), 'messages.0.role', 'got "robot"'],
  [message({ role: '__proto__', content: 'hi' }), 'messages.0.role', '"developer"'],
  [message({ role: 'user' }), 'messages.0.content', 'but it is missing'],
  [message({ role: 'user', content: null }), 'messages.0.content', 'got null'],
  [message({ role: 'user', content: 5 }), 'messages.0.content', 'a string or an array of content parts'],
  [message({ role: 'user', content: { type: 'text' } }), 'messages.0.content', 'got an object'],
  [message({ role: 'system', content: 5 }), 'messages.0.content', 'a string or an array of text parts'],
  [message({ role: 'system' }), 'messages.0.content', 'but it is missing'],
  [message({ role: 'developer', content: [{ type: 'image_url' }] }), 'messages.0.content.0.type', 'expected "text"'],
  [message({ role: 'developer', content: ['x'] }), 'messages.0.content.0', 'a content part'],
  [user('hi'), 'messages.0.content.0', 'a content part'],
  [user({ text: 'hi' }), 'messages.0.content.0.type', 'but it is missing'],
  [user({ type: 'text' }), 'messages.0.content.0.text', 'but it is missing'],
  [user({ type: 'text', text: 'a' }, { type: 'text', text: [] }), 'messages.0.content.1.text', 'an empty array'],
  [user({ type: 'image', source: {} }), 'messages.0.content.0.type', '"text", "image_url" or "file"'],
  [user({ type: 'image_url' }), 'messages.0.content.0.image_url', 'an object with "url"'],
  [user({ type: 'image_url', image_url: {} }), 'messages.0.content.0.image_url.url', 'but it is missing'],
  [user({ type: 'image_url', image_url: { url: 'x' } }), 'messages.0.content.0.image_url.url', 'a data URL'],
  [
    user({ type: 'image_url', image_url: { url: 'data:text/html;base64,QQ==' } }),
    'messages.0.content.0.image_url.url',
    'the data URL of an image',
  ],
  [user({ type: 'input_audio', input_audio: {} }), 'messages.0.content.0.type', 'sound can not be passed on'],
  [user({ type: 'file' }), 'messages.0.content.0.file', 'an object with "file_data"'],
  [user({ type: 'file', file: {} }), 'messages.0.content.0.file.file_data', 'but it is missing'],
  [user({ type: 'file', file: { file_id: 'f-1' } }), 'messages.0.content.0.file.file_id', 'Culvert stores no files'],
  [
    user({ type: 'file', file: { file_data: 'QQ==', filename: 5 } }),
    'messages.0.content.0.file.filename',
    'got a number',
  ],
  [message({ role: 'assistant', content: 5 }), 'messages.0.content', 'got a number'],
  [message({ role: 'assistant', content: [{ type: 'image_url' }] }), 'messages.0.content.0.type', '"text"'],
  [message({ role: 'assistant', content: '', refusal: 5 }), 'messages.0.refusal', 'a string'],
  [message({ role: 'assistant', tool_calls: {} }), 'messages.0.tool_calls', 'an array of tool calls'],
  [calls('x'), 'messages.0.tool_calls.0', 'a tool call'],
  [calls({ type: 'function', function: { name: 'f' } }), 'messages.0.tool_calls.0.id', 'but it is missing'],
  [calls({ id: '', function: { name: 'f' } }), 'messages.0.tool_calls.0.id', 'not empty'],
  [calls({ id: 'a', type: 'custom', custom: {} }), 'messages.0.tool_calls.0.type', 'got "custom"'],
  [calls({ id: 'a', type: 'function' }), 'messages.0.tool_calls.0.function', 'an object with "name"'],
  [calls({ id: 'a', function: {} }), 'messages.0.tool_calls.0.function.name', 'but it is missing'],
  [
    calls({ id: 'a', function: { name: 'f', arguments: {} } }),
    'messages.0.tool_calls.0.function.arguments',
    'got an object',
  ],
  [message({ role: 'assistant', function_call: 'f' }), 'messages.0.function_call', 'an object'],
  [message({ role: 'assistant', function_call: {} }), 'messages.0.function_call.name', 'but it is missing'],
  [message({ role: 'tool', content: 'x' }), 'messages.0.tool_call_id', 'but it is missing'],
  [message({ role: 'tool', tool_call_id: 'a', content: 5 }), 'messages.0.content', 'got a number'],
  [message({ role: 'tool', tool_call_id: 'a', content: [{}] }), 'messages.0.content.0.type', 'but it is missing'],
  [message({ role: 'function', content: 'x' }), 'messages.0.name', 'but it is missing'],
  [{ ...base, tools: {} }, 'tools', 'an array of tools'],
  [{ ...base, tools: ['f'] }, 'tools.0', 'an object with "type"'],
  [{ ...base, tools: [{ type: 'web_search' }] }, 'tools.0.type', 'expected "function"'],
  [{ ...base, tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools.0.type', 'free-form input'],
  [{ ...base, tools: [{ type: 'function' }] }, 'tools.0.function', 'an object with "name"'],
  [{ ...base, tools: [{ type: 'function', function: {} }] }, 'tools.0.function.name', 'but it is missing'],
  [
    { ...base, tools: [tool, { ...tool, function: { name: 'g', parameters: 'x' } }] },
    'tools.1.function.parameters',
    'an object',
  ],
  [{ ...base, tools: [{ function: { name: 'g', strict: 'yes' } }] }, 'tools.0.function.strict', 'true or false'],
  [{ ...base, functions: 'f' }, 'functions', 'an array of functions'],
  [{ ...base, functions: [5] }, 'functions.0', 'an object with "name"'],
  [{ ...base, functions: [{}] }, 'functions.0.name', 'but it is missing'],
  [{ ...base, functions: [{ name: 'f' }], function_call: { name: 'g' } }, 'function_call.name', 'no function of this'],
  [{ ...base, functions: [{ name: 'f' }], function_call: 'f' }, 'function_call', '"auto", "none", "required"'],
  [choice('any'), 'tool_choice', 'got "any"'],
  [choice({ type: 'any' }), 'tool_choice.type', '"function" or "allowed_tools"'],
  [choice({ type: 'function' }), 'tool_choice.function.name', 'but it is missing'],
  [choice({ type: 'function', function: { name: 'g' } }), 'tool_choice.function.name', 'no function of this name'],
  [{ ...base, tool_choice: 'required' }, 'tool_choice', 'declares no tools'],
  [choice({ type: 'allowed_tools' }), 'tool_choice.allowed_tools.tools', 'but it is missing'],
  [
    choice({ type: 'allowed_tools', allowed_tools: { mode: 'must', tools: [] } }),
    'tool_choice.allowed_tools.mode',
    '"auto" or "required"',
  ],
  [
    choice({ type: 'allowed_tools', allowed_tools: { tools: [{ type: 'function', function: { name: 'g' } }] } }),
    'tool_choice.allowed_tools.tools.0.function.name',
    'no function of this name',
  ],
  [{ ...base, parallel_tool_calls: 'no' }, 'parallel_tool_calls', 'true or false'],
  [{ ...base, stream: 'true' }, 'stream', 'true or false'],
  [{ ...base, stream_options: true }, 'stream_options', 'an object such as'],
  [{ ...base, stream_options: { include_usage: 1 } }, 'stream_options.include_usage', 'true or false'],
  [{ ...base, max_tokens: 0 }, 'max_tokens', 'got a number (0)'],
  [{ ...base, max_tokens: '5' }, 'max_tokens', 'a whole number'],
  [{ ...base, max_completion_tokens: 1.5 }, 'max_completion_tokens', 'a whole number'],
  [{ ...base, temperature: 3 }, 'temperature', 'a number from 0 to 2'],
  [{ ...base, top_p: -1 }, 'top_p', 'a number from 0 to 1'],
  [{ ...base, stop: 5 }, 'stop', 'a string or an array of strings'],
  [{ ...base, stop: '' }, 'stop', 'a string or an array of strings'],
  [{ ...base, stop: ['a', ''] }, 'stop.1', 'not empty'],
  [{ ...base, stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'at most 4'],
  [{ ...base, n: 2 }, 'n', 'only one answer'],
  [{ ...base, n: 0 }, 'n', 'a whole number of at least 1'],
  [{ ...base, logprobs: true }, 'logprobs', 'probabilities'],
  [{ ...base, top_logprobs: 5 }, 'top_logprobs', 'probabilities'],
  [{ ...base, modalities: ['text', 'audio'] }, 'modalities.1', 'answers are text only'],
  [{ ...base, reasoning_effort: 3 }, 'reasoning_effort', 'a string such as "medium"'],
  [{ ...base, response_format: 'json' }, 'response_format', 'an object such as'],
  [{ ...base, response_format: {} }, 'response_format.type', 'but it is missing'],
  [{ ...base, response_format: { type: 'grammar' } }, 'response_format.type', 'can not be had'],
  [{ ...base, response_format: { type: 'json_schema' } }, 'response_format.json_schema', 'but it is missing'],
  [
    { ...base, response_format: { type: 'json_schema', json_schema: { schema: 'x' } } },
    'response_format.json_schema.schema',
    'an object',
  ],
  [{ ...base, user: 5 }, 'user', 'got a number'],
  [{ ...base, metadata: [] }, 'metadata', 'an object'],
]

function refusal(body: unknown): ProxyError {
  try {
    decodeChatRequest(body, {})
  } catch (error) {
    if (error instanceof ProxyError) return error
    throw error
  }
  throw new Error('the body was accepted')
}

describe('openai-chat/decode-refusals', () => {
  it.each(refused)('%j is refused at %s', (body, param, words) => {
    const error = refusal(body)
    expect({ kind: error.kind, param: error.param }).toEqual({ kind: 'invalid-request', param })
    expect(error.message).toMatch(new RegExp(`^${param.replaceAll('.', '\\.')}: `, 'u'))
    expect(error.message).toContain(words)
    expect(error.message).toMatch(/send it again\.$/u)
  })

  it('never quotes what may be private', () => {
    expect(refusal({ ...base, messages: 'my password is hunter2' }).message).not.toContain('hunter2')
    expect(refusal(user({ type: 'image_url', image_url: { url: 'see hunter2' } })).message).not.toContain('hunter2')
  })
})
