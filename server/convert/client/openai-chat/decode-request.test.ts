import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CompletionRequest, Message } from '../../../canonical/request.ts'
import { decodeChatRequest } from './decode-request.ts'

const base = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }
const decode = (fields: object): CompletionRequest => decodeChatRequest({ ...base, ...fields }, {}).request
const messagesOf = (...messages: object[]): readonly Message[] => decode({ messages }).messages
const text = (value: string) => ({ type: 'text', text: value })
const declared = (name: string, extra: object = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} }, ...extra },
})

describe('openai-chat/decode-request.ts', () => {
  it('reads the least there can be', () => {
    expect(decodeChatRequest(base, {})).toEqual({
      request: {
        model: 'gpt-4o',
        system: [],
        messages: [{ role: 'user', content: [text('hi')] }],
        tools: [],
        toolChoice: { type: 'auto' },
        sampling: {},
        stream: false,
        extras: {},
      },
      options: { includeUsage: false, usesFunctions: false },
    })
  })

  it.each<[object, Partial<CompletionRequest>]>([
    [{ stream: true }, { stream: true }],
    [{ max_tokens: 5 }, { sampling: { maxOutputTokens: 5 } }],
    [{ max_tokens: 5, max_completion_tokens: 7 }, { sampling: { maxOutputTokens: 7 } }],
    [{ max_tokens: 5, max_completion_tokens: null }, { sampling: { maxOutputTokens: 5 } }],
    [{ temperature: 0, top_p: 1 }, { sampling: { temperature: 0, topP: 1 } }],
    [{ stop: 'END' }, { sampling: { stopSequences: ['END'] } }],
    [{ stop: ['a', 'b', 'c', 'd'] }, { sampling: { stopSequences: ['a', 'b', 'c', 'd'] } }],
    [{ stop: null }, { sampling: {} }],
    [{ stop: [] }, { sampling: {} }],
    [{ reasoning_effort: 'xhigh' }, { reasoning: { mode: 'adaptive', effort: 'xhigh' } }],
    [{ reasoning_effort: 'minimal' }, { reasoning: { mode: 'adaptive', effort: 'minimal' } }],
    [{ reasoning_effort: 'none' }, { reasoning: { mode: 'off' } }],
    [{ n: 1, logprobs: false, top_logprobs: 0, modalities: ['text'] }, { sampling: {} }],
    [
      { response_format: { type: 'json_object' } },
      { outputFormat: { type: 'json-schema', schema: { type: 'object' } } },
    ],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema: { type: 'array' } } } },
      { outputFormat: { type: 'json-schema', name: 'a', schema: { type: 'array' } } },
    ],
    [{ parallel_tool_calls: false }, { toolChoice: { type: 'auto', parallel: false } }],
    [
      { web_search_options: { search_context_size: 'low' } },
      {
        tools: [
          {
            name: 'web_search',
            description: '',
            server: { dialect: 'openai-chat', value: { search_context_size: 'low' } },
          },
        ],
      },
    ],
  ])('%j', (fields, expected) => {
    expect(decode(fields)).toMatchObject(expected)
  })

  it.each(['text', undefined])('takes the format %s as free text', (type) => {
    expect(decode({ response_format: type === undefined ? null : { type } }).outputFormat).toBeUndefined()
    expect(decode({ reasoning_effort: 'enormous' }).reasoning).toBeUndefined()
  })

  it('keeps what it does not know, and nothing of a prototype', () => {
    const raw: unknown = JSON.parse(
      JSON.stringify({ ...base, seed: 5, user: 'ada', stream_options: { include_usage: true } }).replace(
        '"seed":5',
        '"seed":5,"__proto__":{"model":"x"}',
      ),
    )
    const { request, options } = decodeChatRequest(raw, {})
    expect(request.extras).toEqual({ 'openai-chat': { seed: 5, user: 'ada' } })
    expect(options.includeUsage).toBe(true)
    expect(request.model).toBe('gpt-4o')
  })

  it('takes every null for an option that is not set', () => {
    const names =
      'tools tool_choice functions function_call max_tokens temperature top_p stop stream stream_options n user'
    const nulls = Object.fromEntries(names.split(' ').map((name) => [name, null]))
    expect(decode(nulls)).toEqual({ ...decode({}), extras: { 'openai-chat': { n: null, user: null } } })
  })

  it.each([
    [{ sessionId: 's1', sessionAffinity: 's2' }, {}, 's1'],
    [{ sessionAffinity: 's2' }, { metadata: { session_id: 's3' } }, 's2'],
    [{}, { metadata: { session_id: 's3' }, prompt_cache_key: 'k' }, 's3'],
    [{}, { prompt_cache_key: 'k', user: 'u' }, expect.stringMatching(/^k\/[0-9a-f]{16}$/u)],
    [{}, { user: 'u' }, expect.stringMatching(/^u\/[0-9a-f]{16}$/u)],
    [{}, {}, undefined],
  ])('knows the conversation by %j %j', (headers, fields, key) => {
    expect(decodeChatRequest({ ...base, ...fields }, headers).request.conversationKey).toEqual(key)
  })
})

describe('openai-chat/decode-messages.ts', () => {
  it('takes the system texts at the beginning for the system prompt, later ones where they stand', () => {
    const { system, messages } = decode({
      messages: [
        { role: 'system', content: 'one' },
        { role: 'developer', content: [text('two'), text('')] },
        { role: 'user', content: 'hi' },
        { role: 'system', content: 'three' },
      ],
    })
    expect(system).toEqual([text('one'), text('two')])
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ['user', [text('hi')]],
      ['system', [text('three')]],
    ])
  })

  it('leaves a message to answer when there is nothing but system texts', () => {
    expect(messagesOf({ role: 'system', content: 'Say hi.' })).toEqual([{ role: 'system', content: [text('Say hi.')] }])
  })

  it('reads parts', () => {
    const [message] = messagesOf({
      role: 'user',
      name: 'ada',
      content: [
        text('see'),
        { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD', detail: 'high' } },
        { type: 'image_url', image_url: 'https://example.com/a.png' },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,QUJD' } },
      ],
    })
    expect(message?.content).toEqual([
      text('see'),
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'QUJD' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      {
        type: 'document',
        title: 'a.pdf',
        source: { type: 'base64', mediaType: 'application/pdf', data: 'QUJD' },
      },
    ])
  })

  it('pairs calls and results, and what is said right after them', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } })
    const decoded = messagesOf(
      { role: 'user', content: 'go' },
      { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'b', content: 'second' },
      { role: 'tool', tool_call_id: 'a', content: [text('first')] },
      { role: 'user', content: 'and?' },
      { role: 'user', content: 'well?' },
    )
    const use = (id: string) => ({ type: 'tool-use', id, name: 'f', input: { a: 1 } })
    const result = (id: string, value: string) => ({
      type: 'tool-result',
      toolUseId: id,
      content: [text(value)],
      isError: false,
    })
    expect(decoded.slice(1)).toEqual([
      { role: 'assistant', content: [use('a'), use('b')] },
      { role: 'user', content: [result('b', 'second'), result('a', 'first'), text('and?')] },
      { role: 'user', content: [text('well?')] },
    ])
  })

  it.each([
    [{ content: '' }, []],
    [{ content: null }, []],
    [{}, []],
    [{ content: 'a', refusal: 'b' }, [text('a'), text('b')]],
    [{ content: [{ type: 'refusal', refusal: 'no' }] }, [text('no')]],
    [{ content: 'a', reasoning_content: 'hm' }, [{ type: 'reasoning', text: 'hm' }, text('a')]],
    [{ content: 'a', reasoning: 'hm' }, [{ type: 'reasoning', text: 'hm' }, text('a')]],
    [{ tool_calls: [{ id: 'a', function: { name: 'f' } }] }, [{ type: 'tool-use', id: 'a', name: 'f', input: {} }]],
    [
      { tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{"x":' } }] },
      [{ type: 'tool-use', id: 'a', name: 'f', input: { unparsed_arguments: '{"x":' } }],
    ],
  ])('assistant %j', (fields, content) => {
    expect(messagesOf({ role: 'assistant', ...fields })).toEqual([{ role: 'assistant', content }])
  })

  it('gives the older calls ids by which their results find them', () => {
    const asked = (name: string) => ({ role: 'assistant', content: null, function_call: { name, arguments: '{}' } })
    const answered = (name: string, content: string | null) => ({ role: 'function', name, content })
    const decoded = messagesOf(asked('f'), answered('f', '1'), asked('f'), answered('f', null), answered('g', '3'))
    const ids = decoded.flatMap(({ content }) =>
      content.map((block) =>
        block.type === 'tool-use' ? block.id : block.type === 'tool-result' ? block.toolUseId : '',
      ),
    )
    expect(ids).toEqual(['call_function_1', 'call_function_1', 'call_function_2', 'call_function_2', 'call_function_3'])
    expect(decoded.map(({ role }) => role)).toEqual(['assistant', 'user', 'assistant', 'user'])
  })
})

describe('openai-chat/decode-tools.ts', () => {
  const tools = [declared('f', { description: 'does f', strict: true }), declared('g', { parameters: null })]

  it('reads functions in both forms', () => {
    const schema = { type: 'object', properties: {} }
    expect(decode({ tools }).tools).toEqual([
      { name: 'f', description: 'does f', inputSchema: schema, extras: { strict: true } },
      { name: 'g', description: '', inputSchema: schema },
    ])
    const older = decodeChatRequest({ ...base, functions: [{ name: 'f' }], function_call: { name: 'f' } }, {})
    expect(older.options.usesFunctions).toBe(true)
    expect(older.request.tools).toEqual([{ name: 'f', description: '', inputSchema: schema }])
    expect(older.request.toolChoice).toEqual({ type: 'tool', name: 'f', parallel: false })
  })

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [
      { type: 'function', function: { name: 'g' } },
      { type: 'tool', name: 'g' },
    ],
  ])('tool_choice %j', (tool_choice, expected) => {
    expect(decode({ tools, tool_choice }).toolChoice).toEqual(expected)
  })

  it.each([
    ['auto', 'auto'],
    ['required', 'any'],
  ])('leaves out what allowed_tools does not name (%s)', (mode, type) => {
    const allowed_tools = { mode, tools: [{ type: 'function', function: { name: 'g' } }] }
    const decoded = decode({ tools, tool_choice: { type: 'allowed_tools', allowed_tools }, parallel_tool_calls: true })
    expect(decoded.tools.map(({ name }) => name)).toEqual(['g'])
    expect(decoded.toolChoice).toEqual({ type, parallel: true })
  })
})

describe('a real request of opencode', () => {
  it('is read whole', () => {
    const file = join(import.meta.dirname, '../../../../tests/fixtures/clients/opencode-1.18.33-chat-completions.json')
    const { body } = JSON.parse(readFileSync(file, 'utf8')) as { body: object }
    const { request, options } = decodeChatRequest(body, { sessionId: 'ses_0' })
    expect(options).toEqual({ includeUsage: true, usesFunctions: false })
    expect(request).toMatchObject({ stream: true, conversationKey: 'ses_0', extras: {} })
    expect(request.tools).toHaveLength(10)
    expect(request.messages.map(({ content }) => content.map(({ type }) => type).join(' '))).toEqual([
      'text',
      'text tool-use',
      'tool-result',
      'tool-use tool-use',
      'tool-result tool-result',
    ])
  })
})
