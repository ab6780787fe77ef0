import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../canonical/error.ts'
import { decodeResponsesRequest } from './decode-request.ts'
import type { ResponseMemory } from './gather-items.ts'

const nothing: ResponseMemory = { conversation: () => undefined, item: () => undefined }
const base = { model: 'gpt-5.5', input: 'hi' }
const items = (...input: unknown[]) => ({ ...base, input })
const user = (...content: unknown[]) => items({ role: 'user', content })
const tools = (...declared: unknown[]) => ({ ...base, tools: declared })
const f = { type: 'function', name: 'f', parameters: { type: 'object' } }
const choice = (tool_choice: unknown) => ({ ...base, tools: [f], tool_choice })

const refused: readonly (readonly [body: unknown, param: string, words: string])[] = [
  [undefined, 'body', 'but it is missing'],
  [null, 'body', 'got null'],
  ['hi', 'body', 'a JSON object'],
  [[], 'body', 'got an empty array'],
  [{}, 'model', 'but it is missing'],
  [{ input: 'hi' }, 'model', 'the name of a model'],
  [{ ...base, model: '' }, 'model', 'got an empty string'],
  [{ ...base, model: 5 }, 'model', 'got a number (5)'],
  [{ ...base, model: 'm'.repeat(1_001) }, 'model', 'at most 1,000 characters'],
  [{ model: 'm' }, 'input', 'but it is missing'],
  [{ ...base, input: null }, 'input', 'but it is missing'],
  [{ ...base, input: '' }, 'input', 'got an empty string'],
  [{ ...base, input: 5 }, 'input', 'a string that is not empty or an array of items'],
  [{ ...base, input: { role: 'user' } }, 'input', 'got an object'],
  [{ ...base, input: [] }, 'input', 'at least one message'],
  [items({ role: 'user', content: '' }), 'input', 'at least one message'],
  [items('hi'), 'input.0', 'an item, an object with a "type"'],
  [items({ role: 'user', content: 'a' }, null), 'input.1', 'got null'],
  [items({ content: 'hi' }), 'input.0.type', 'but it is missing'],
  [items({ type: 5, role: 'user' }), 'input.0.type', 'the type of an item'],
  [items({ type: 'message', content: 'hi' }), 'input.0.role', 'but it is missing'],
  [items({ role: 'robot', content: 'hi' }), 'input.0.role', 'got "robot"'],
  [items({ role: '__proto__', content: 'hi' }), 'input.0.role', '"developer"'],
  [items({ role: 'user' }), 'input.0.content', 'but it is missing'],
  [items({ role: 'user', content: 5 }), 'input.0.content', 'a string or an array of content parts'],
  [items({ role: 'user', content: { type: 'input_text' } }), 'input.0.content', 'got an object'],
  [user('hi'), 'input.0.content.0', 'a content part'],
  [user({ text: 'hi' }), 'input.0.content.0.type', 'but it is missing'],
  [user({ type: 'input_text' }), 'input.0.content.0.text', 'but it is missing'],
  [
    user({ type: 'input_text', text: 'a' }, { type: 'output_text', text: [] }),
    'input.0.content.1.text',
    'an empty array',
  ],
  [user({ type: 'refusal' }), 'input.0.content.0.refusal', 'a string'],
  [user({ type: 'input_image' }), 'input.0.content.0.image_url', 'a data URL or a link'],
  [user({ type: 'input_image', image_url: 5 }), 'input.0.content.0.image_url', 'got a number (5)'],
  [user({ type: 'input_image', image_url: 'x' }), 'input.0.content.0.image_url', 'a data URL'],
  [user({ type: 'input_image', image_url: {} }), 'input.0.content.0.image_url.url', 'but it is missing'],
  [
    user({ type: 'input_image', image_url: 'data:text/html;base64,QQ==' }),
    'input.0.content.0.image_url',
    'of an image',
  ],
  [user({ type: 'input_file' }), 'input.0.content.0.file_data', '"file_url"'],
  [user({ type: 'input_file', file_url: 'ftp://x' }), 'input.0.content.0.file_url', 'https://'],
  [user({ type: 'input_file', file_data: 'data:x;base64,' }), 'input.0.content.0.file_data', 'the data URL is empty'],
  [items({ type: 'function_call', name: 'f', arguments: '{}' }), 'input.0.call_id', 'the id of the call'],
  [items({ type: 'function_call', call_id: 'c', arguments: '{}' }), 'input.0.name', 'the name of the tool'],
  [items({ type: 'function_call', call_id: 'c', name: 'f' }), 'input.0.arguments', 'but it is missing'],
  [items({ type: 'function_call', call_id: 'c', name: 'f', arguments: {} }), 'input.0.arguments', 'got an object'],
  [
    items({ type: 'function_call', call_id: 'c', name: 'f', arguments: '', namespace: 5 }),
    'input.0.namespace',
    'a string',
  ],
  [items({ type: 'function_call_output', output: 'x' }), 'input.0.call_id', 'but it is missing'],
  [items({ type: 'function_call_output', call_id: '', output: 'x' }), 'input.0.call_id', 'got an empty string'],
  [items({ type: 'function_call_output', call_id: 'c', output: ['x'] }), 'input.0.output.0', 'a content part'],
  [items({ type: 'custom_tool_call', call_id: 'c', name: 'f' }), 'input.0.input', 'a string'],
  [items({ type: 'local_shell_call', call_id: 'c' }), 'input.0.action', 'an object'],
  [items({ type: 'local_shell_call_output', output: 'x' }), 'input.0.id', 'the id of the call'],
  [items({ type: 'shell_call', call_id: 'c', action: [] }), 'input.0.action', 'got an empty array'],
  [items({ type: 'shell_call_output', call_id: 'c', output: 5 }), 'input.0.output', 'an array of command outputs'],
  [items({ type: 'apply_patch_call', call_id: 'c', operation: 'x' }), 'input.0.operation', 'an object'],
  [items({ type: 'tool_search_output', call_id: 'c', tools: {} }), 'input.0.tools', 'an array of tools'],
  [items({ type: 'additional_tools', role: 'developer' }), 'input.0.tools', 'but it is missing'],
  [
    items({ type: 'additional_tools', tools: [{ type: 'function' }] }),
    'input.0.tools.0.name',
    'the name of the function',
  ],
  [items({ type: 'reasoning', summary: [5] }), 'input.0.summary.0', 'a content part'],
  [items({ type: 'reasoning', summary: [], encrypted_content: {} }), 'input.0.encrypted_content', 'a string'],
  [items({ type: 'item_reference' }), 'input.0.id', 'the id of an item'],
  [items({ type: 'item_reference', id: 'msg_gone' }), 'input.0.id', 'does not remember an item'],
  [tools('x'), 'tools.0', 'a tool, an object with a "type"'],
  [{ ...base, tools: {} }, 'tools', 'an array of tools'],
  [tools(f, {}), 'tools.1.type', 'the type of a tool'],
  [tools({ type: 'function' }), 'tools.0.name', 'but it is missing'],
  [tools({ ...f, parameters: [] }), 'tools.0.parameters', 'an object'],
  [tools({ ...f, strict: 'yes' }), 'tools.0.strict', 'true or false'],
  [tools({ type: 'custom' }), 'tools.0.name', 'the name of the tool'],
  [tools({ type: 'custom', name: 'x', format: 'lark' }), 'tools.0.format', 'an object'],
  [
    tools({ type: 'custom', name: 'x', format: { type: 'grammar' } }),
    'tools.0.format.definition',
    'the text of a grammar',
  ],
  [tools({ type: 'namespace', tools: [] }), 'tools.0.name', 'the name of the namespace'],
  [tools({ type: 'namespace', name: 'n' }), 'tools.0.tools', 'an array of tools'],
  [tools({ type: 'namespace', name: 'n', tools: [{ type: 'web_search' }] }), 'tools.0.tools.0.type', '"custom"'],
  [choice('sometimes'), 'tool_choice', '"required"'],
  [choice(5), 'tool_choice', 'got a number (5)'],
  [choice({}), 'tool_choice.type', 'the type of a tool'],
  [choice({ type: 'function' }), 'tool_choice.name', 'the name of a tool'],
  [choice({ type: 'function', name: 'g' }), 'tool_choice.name', 'no tool of this name'],
  [choice({ type: 'apply_patch' }), 'tool_choice.name', 'no tool of this name'],
  [choice({ type: 'allowed_tools' }), 'tool_choice.tools', 'an array of tools'],
  [choice({ type: 'allowed_tools', tools: [5] }), 'tool_choice.tools.0', 'an object with a "type"'],
  [{ ...base, instructions: [] }, 'instructions', 'a string'],
  [{ ...base, stream: 'true' }, 'stream', 'true or false'],
  [{ ...base, store: 1 }, 'store', 'true or false'],
  [{ ...base, parallel_tool_calls: 'no' }, 'parallel_tool_calls', 'true or false'],
  [{ ...base, max_output_tokens: 0 }, 'max_output_tokens', 'a whole number of at least 1'],
  [{ ...base, max_output_tokens: 1.5 }, 'max_output_tokens', 'a whole number'],
  [{ ...base, temperature: 2.1 }, 'temperature', 'a number from 0 to 2'],
  [{ ...base, top_p: -1 }, 'top_p', 'a number from 0 to 1'],
  [{ ...base, reasoning: 'high' }, 'reasoning', '{"effort":"medium"}'],
  [{ ...base, reasoning: { effort: 5 } }, 'reasoning.effort', 'a string'],
  [{ ...base, text: 'json' }, 'text', '{"format":{"type":"text"}}'],
  [{ ...base, text: { format: 'json' } }, 'text.format', '{"type":"text"}'],
  [{ ...base, text: { format: {} } }, 'text.format.type', 'the name of a format'],
  [{ ...base, text: { format: { type: 'json_schema', schema: 'x' } } }, 'text.format.schema', 'an object'],
  [{ ...base, include: 'reasoning' }, 'include', 'an array of strings'],
  [{ ...base, metadata: [] }, 'metadata', 'an object'],
  [{ ...base, previous_response_id: '' }, 'previous_response_id', 'the id of a response'],
  [{ ...base, previous_response_id: 'resp_gone' }, 'previous_response_id', 'does not remember a response'],
  [{ ...base, background: true }, 'background', 'while the client waits'],
  [{ ...base, conversation: 'conv_1' }, 'conversation', 'keeps no conversations'],
  [{ ...base, prompt: { id: 'p' } }, 'prompt', 'keeps no prompt templates'],
]

function refusalOf(body: unknown): unknown {
  try {
    return decodeResponsesRequest(body, {}, nothing)
  } catch (error) {
    return error
  }
}

describe('decode-request.ts refuses', () => {
  it.each(refused)('%j: %s', (body, param, words) => {
    const thrown = refusalOf(body)
    expect(thrown).toBeInstanceOf(ProxyError)
    const { kind, param: found, message } = thrown as ProxyError
    expect({ kind, found }).toEqual({ kind: 'invalid-request', found: param })
    expect(message).toContain(words)
    expect(message).toMatch(/^\S+: .*\.$/su)
  })

  it.each([
    user({ type: 'my password is hunter2', text: 5 }, 5),
    items({ role: 'my password is hunter2', content: 'x' }),
    choice('my password is hunter2'),
  ])('%j without repeating what may be private', (body) => {
    const thrown = refusalOf(body)
    expect(thrown).toBeInstanceOf(ProxyError)
    expect(String(thrown)).not.toContain('hunter2')
  })
})
