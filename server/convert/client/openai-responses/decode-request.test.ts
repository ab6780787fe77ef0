import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../canonical/json.ts'
import { decodeResponsesRequest } from './decode-request.ts'
import type { ResponseMemory } from './gather-items.ts'

const nothing: ResponseMemory = { conversation: () => undefined, item: () => undefined }
const decode = (body: object, headers = {}, memory = nothing) =>
  decodeResponsesRequest({ model: 'gpt-5.5', input: 'hi', ...body }, headers, memory)
const request = (body: object, headers = {}) => decode(body, headers).request
const input = (...items: unknown[]) => request({ input: items })
const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../../tests/fixtures/clients', name), 'utf8')) as {
    headers: Record<string, string>
    body: Record<string, unknown>
  }
const hi = { role: 'user', content: [{ type: 'text', text: 'hi' }] }

describe('decode-request.ts', () => {
  it('reads the smallest request', () => {
    expect(request({})).toEqual({
      model: 'gpt-5.5',
      system: [],
      messages: [hi],
      tools: [],
      toolChoice: { type: 'auto' },
      sampling: {},
      stream: false,
      extras: {},
    })
  })

  it('reads settings, and keeps what it does not know', () => {
    const { extras, ...read } = request({
      instructions: 'Be brief.',
      stream: true,
      temperature: 1.5,
      top_p: 0.5,
      max_output_tokens: 100,
      parallel_tool_calls: false,
      truncation: 'auto',
      include: ['reasoning.encrypted_content'],
      new_member: { deep: [1] },
    })
    expect(read).toMatchObject({
      system: [{ type: 'text', text: 'Be brief.' }],
      stream: true,
      sampling: { temperature: 1.5, topP: 0.5, maxOutputTokens: 100 },
      toolChoice: { type: 'auto', parallel: false },
    })
    expect(extras).toEqual({
      'openai-responses': { truncation: 'auto', include: ['reasoning.encrypted_content'], new_member: { deep: [1] } },
    })
  })

  it.each([
    [undefined, undefined],
    [null, undefined],
    [{}, { mode: 'adaptive', display: 'omitted' }],
    [{ effort: 'medium' }, { mode: 'adaptive', effort: 'medium', display: 'omitted' }],
    [{ effort: 'ultra' }, { mode: 'adaptive', display: 'omitted' }],
    [{ summary: 'auto' }, { mode: 'adaptive', display: 'summarized' }],
    [
      { effort: 'xhigh', summary: 'detailed' },
      { mode: 'adaptive', effort: 'xhigh', display: 'summarized' },
    ],
    [
      { effort: 'low', generate_summary: 'concise' },
      { mode: 'adaptive', effort: 'low', display: 'summarized' },
    ],
    [
      { effort: 'low', summary: 'none' },
      { mode: 'adaptive', effort: 'low', display: 'omitted' },
    ],
    [{ effort: 'none', summary: 'auto' }, { mode: 'off' }],
  ])('reasoning %j asks for %j', (reasoning, expected) => {
    expect(request({ reasoning }).reasoning).toEqual(expected)
  })

  it.each([
    [{}, undefined],
    [{ format: null }, undefined],
    [{ format: { type: 'text' } }, undefined],
    [{ format: { type: 'lark' } }, undefined],
    [{ format: { type: 'json_object' } }, { type: 'json-schema', schema: { type: 'object' } }],
    [
      { format: { type: 'json_schema', name: 'n', strict: true, schema: { type: 'array' } } },
      { type: 'json-schema', name: 'n', schema: { type: 'array' } },
    ],
  ])('text %j means the format %j', (text, expected) => {
    expect(request({ text }).outputFormat).toEqual(expected)
  })

  it.each([
    [{ 'thread-id': 't', 'session-id': 's' }, {}, 't'],
    [{ 'session-id': 's' }, { prompt_cache_key: 'k' }, 's'],
    [{ 'x-session-id': 'x' }, {}, 'x'],
    [{}, {}, undefined],
    [{ 'thread-id': '' }, {}, undefined],
  ])('headers %j and body %j name the conversation %s', (headers, body, key) => {
    expect(request(body, headers).conversationKey).toBe(key)
  })

  it('tells the conversations of one prompt_cache_key apart', () => {
    const key = (text: string) => request({ prompt_cache_key: 'app', input: text }).conversationKey
    expect(key('a')).toBe(key('a'))
    expect(key('a')).not.toBe(key('b'))
  })
})

describe('decode-request.ts: input', () => {
  it('makes messages of items, one for all that the assistant did in one go', () => {
    const { system, messages } = input(
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'D' }] },
      { role: 'system', content: 'S' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'U' }] },
      { role: 'user', content: 'V' },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'R' }],
        content: null,
        encrypted_content: 'cv1.amazon-q.bQ.sig',
      },
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'A', annotations: [] }],
      },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'patch', input: '*** Begin' },
      { type: 'function_call_output', call_id: 'c1', output: 'one' },
      { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'two' }] },
      { role: 'developer', content: 'later' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    )
    expect(system).toEqual([
      { type: 'text', text: 'D' },
      { type: 'text', text: 'S' },
    ])
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'U' },
          { type: 'text', text: 'V' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'R', signature: { origin: { upstream: 'amazon-q', model: 'm' }, value: 'sig' } },
          { type: 'text', text: 'A' },
          { type: 'tool-use', id: 'c1', name: 'f', input: { a: 1 } },
          { type: 'tool-use', id: 'c2', name: 'patch', input: { input: '*** Begin' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool-result', toolUseId: 'c1', content: [{ type: 'text', text: 'one' }], isError: false },
          { type: 'tool-result', toolUseId: 'c2', content: [{ type: 'text', text: 'two' }], isError: false },
        ],
      },
      { role: 'system', content: [{ type: 'text', text: 'later' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'No.' }] },
    ])
  })

  it('answers to what only a developer message says', () => {
    expect(input({ role: 'developer', content: 'Say hi.' })).toMatchObject({
      system: [],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Say hi.' }] }],
    })
  })

  it('reads pictures and files', () => {
    const png = 'data:image/png;base64,iVBO'
    const [message] = input({
      role: 'user',
      content: [
        { type: 'input_image', image_url: png, detail: 'original' },
        { type: 'input_image', image_url: 'https://example.com/a.png' },
        { type: 'input_image', file_id: 'file-1' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' },
        { type: 'input_file', file_url: 'https://example.com/a.pdf' },
        { type: 'input_audio', input_audio: {} },
        { type: 'input_hologram' },
      ],
    }).messages
    expect(message?.content).toMatchObject([
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBO' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'foreign', text: expect.stringContaining('image is not available') },
      { type: 'document', title: 'a.pdf', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' } },
      { type: 'document', source: { type: 'url' } },
      { type: 'foreign', text: expect.stringContaining('audio is not available') },
      { type: 'foreign', text: '' },
    ])
  })

  it('reads pictures in the outputs of tools', () => {
    const output = [
      { type: 'input_image', image_url: 'data:image/png;base64,iVBO' },
      { type: 'input_image', file_id: 'f' },
    ]
    const { messages } = input({ type: 'function_call_output', call_id: 'c', output })
    expect(messages).toMatchObject([
      {
        content: [
          {
            type: 'tool-result',
            content: [{ type: 'image' }, { type: 'text', text: expect.stringContaining('not available') }],
          },
        ],
      },
    ])
  })

  it.each([
    ['not json', { unparsed_arguments: 'not json' }],
    ['', {}],
    ['[1]', { unparsed_arguments: '[1]' }],
  ])('never refuses a call for its arguments: %j', (text, expected) => {
    const { messages } = input({ type: 'function_call', call_id: 'c', name: 'f', arguments: text })
    expect(messages[0]?.content[0]).toMatchObject({ input: expected })
  })

  it('reads the calls of tools that the client runs by itself', () => {
    const { messages } = input(
      {
        type: 'local_shell_call',
        id: 'l',
        call_id: 'c1',
        status: 'completed',
        action: { type: 'exec', command: ['ls'], env: {}, user: null, timeout_ms: 5 },
      },
      { type: 'shell_call', call_id: 'c2', action: { commands: ['ls'], timeout_ms: null } },
      { type: 'apply_patch_call', call_id: 'c3', status: 'completed', operation: { type: 'delete_file', path: 'a' } },
      { type: 'tool_search_call', call_id: 'c4', execution: 'client', arguments: { query: 'x' } },
      { type: 'local_shell_call_output', id: 'c1', output: 'o1' },
      {
        type: 'shell_call_output',
        call_id: 'c2',
        output: [
          { stdout: 'out', stderr: 'err', outcome: { type: 'exit', exit_code: 2 } },
          { stdout: '', stderr: '', outcome: { type: 'timeout' } },
        ],
      },
      { type: 'apply_patch_call_output', call_id: 'c3', status: 'failed', output: 'no such file' },
      {
        type: 'tool_search_output',
        call_id: 'c4',
        tools: [{ type: 'namespace', name: 'mcp__docs__', tools: [{ type: 'function', name: 'find' }] }],
      },
    )
    expect(messages).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'tool-use', id: 'c1', name: 'local_shell', input: { command: ['ls'], timeout_ms: 5 } },
          { type: 'tool-use', id: 'c2', name: 'shell', input: { commands: ['ls'] } },
          { type: 'tool-use', id: 'c3', name: 'apply_patch', input: { type: 'delete_file', path: 'a' } },
          { type: 'tool-use', id: 'c4', name: 'tool_search', input: { query: 'x' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool-result', toolUseId: 'c1', content: [{ type: 'text', text: 'o1' }], isError: false },
          {
            type: 'tool-result',
            toolUseId: 'c2',
            content: [{ type: 'text', text: 'out\nerr\n(exit code 2)\n(timed out)' }],
            isError: false,
          },
          { type: 'tool-result', toolUseId: 'c3', content: [{ type: 'text', text: 'no such file' }], isError: true },
          {
            type: 'tool-result',
            toolUseId: 'c4',
            content: [{ type: 'text', text: 'These tools can be used now: mcp__docs__find.' }],
            isError: false,
          },
        ],
      },
    ])
  })

  it('puts words in the place of what OpenAI ran', () => {
    const { messages } = input(
      { type: 'web_search_call', id: 'w', status: 'completed', action: { type: 'search', query: 'cats' } },
      { type: 'mcp_call', id: 'm', name: 'find', arguments: '{}', output: 'found' },
      { type: 'tool_search_call', call_id: null, execution: 'server', arguments: {} },
      { type: 'compaction', encrypted_content: 'x' },
      { type: 'something_new', id: 'n' },
    )
    expect(messages[0]?.content.map((block) => (block.type === 'foreign' ? block.text : block.type))).toEqual([
      '[Searched the web for "cats"]',
      '[Used the tool "find" with the input {}]\nfound',
      '',
      expect.stringContaining('can not be read here'),
      '',
    ])
  })

  it('joins what one call reported several times, and keeps the results of a repeated call apart', () => {
    const call = { type: 'custom_tool_call', call_id: 'c', name: 'exec', input: 'x' }
    const output = (text: string) => ({ type: 'custom_tool_call_output', call_id: 'c', output: text })
    const results = (...items: unknown[]) =>
      input(...items).messages.flatMap(({ content }) =>
        content.flatMap((block) =>
          block.type === 'tool-result' ? [block.content.map((part) => (part.type === 'text' ? part.text : ''))] : [],
        ),
      )
    expect(results(call, output('1'), output('2'), { role: 'assistant', content: 'a' }, output('3'))).toEqual([
      ['1', '2', '3'],
    ])
    expect(results(call, output('1'), call, output('2'))).toEqual([['1'], ['2']])
    expect(results(call, output('1'), call, output('2'), output('3'))).toEqual([['1', '3'], ['2']])
  })
})

describe('decode-request.ts: what Codex sends', () => {
  it('with its tools in the body', () => {
    const { headers, body } = fixture('codex-0.169.0-responses-tools.json')
    const { request: read, facts } = decodeResponsesRequest(body, headers, nothing)
    expect(read.tools.map(({ name, server }) => (server === undefined ? name : `(${name})`))).toEqual([
      'exec_command',
      'write_stdin',
      'request_user_input',
      'apply_patch',
      'view_image',
      'get_goal',
      'create_goal',
      'update_goal',
      'tool_search',
      '(web_search)',
    ])
    expect(read.tools[3]?.description).toMatch(/must follow this lark grammar:\nstart: begin_patch/u)
    expect(read.tools[3]?.inputSchema).toMatchObject({ required: ['input'] })
    expect(read.messages.map(({ role, content }) => `${role} ${content.map(({ type }) => type).join(' ')}`)).toEqual([
      'user text text',
      'assistant reasoning tool-use',
      'user tool-result',
      'assistant tool-use',
      'user tool-result',
      'assistant tool-use',
      'user tool-result',
    ])
    expect(read).toMatchObject({ stream: true, conversationKey: headers['thread-id'], reasoning: { effort: 'medium' } })
    expect(read.system).toHaveLength(4)
    expect(facts.remember).toBeUndefined()
    expect(facts.tools.find('apply_patch')).toEqual({ kind: 'custom', name: 'apply_patch' })
    expect(facts.tools.find('tool_search')).toEqual({ kind: 'tool-search', name: 'tool_search' })
  })

  it('with its tools in the input, in namespaces', () => {
    const { headers, body } = fixture('codex-0.169.0-responses-lite.json')
    const { request: read, facts } = decodeResponsesRequest(body, headers, nothing)
    expect(read.tools.map(({ name }) => name)).toEqual([
      'exec',
      'wait',
      'request_user_input',
      'request_user_input_async',
      'clock__sleep',
      'collaboration__followup_task',
      'collaboration__interrupt_agent',
      'collaboration__list_agents',
      'collaboration__send_message',
      'collaboration__spawn_agent',
      'collaboration__wait_agent',
    ])
    expect(facts.tools.find('exec')).toEqual({ kind: 'custom', name: 'exec', namespace: 'functions' })
    expect(facts.tools.find('clock__sleep')).toEqual({ kind: 'function', name: 'sleep', namespace: 'clock' })
    expect(read.messages[1]?.content[0]).toMatchObject({ type: 'tool-use', name: 'exec' })
    expect(read.messages[2]?.content[0]).toMatchObject({
      type: 'tool-result',
      content: [{ type: 'text' }, { text: 'hi\n' }],
    })
    expect(read.toolChoice).toEqual({ type: 'auto', parallel: false })
  })
})

describe('decode-request.ts: earlier answers', () => {
  const earlier: readonly JsonObject[] = [
    { type: 'message', role: 'user', content: 'first' },
    { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'second' }] },
  ]
  const memory: ResponseMemory = {
    conversation: (id) => (id === 'resp_1' ? earlier : undefined),
    item: (id) => earlier.find((item) => item['id'] === id),
  }
  const texts = ({ messages }: { messages: readonly { content: readonly object[] }[] }) =>
    messages.flatMap(({ content }) => content.map((block) => ('text' in block ? block.text : '')))

  it('goes on from one, and remembers only what is new', () => {
    const { request: read, facts } = decode({ previous_response_id: 'resp_1', input: 'third' }, {}, memory)
    expect(texts(read)).toEqual(['first', 'second', 'third'])
    expect(facts.remember).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'third' }] },
    ])
    expect(facts.echo.previousResponseId).toBe('resp_1')
  })

  it.each([{ type: 'item_reference', id: 'msg_1' }, { id: 'msg_1' }])('puts in what %j refers to', (reference) => {
    const { request: read, facts } = decode({ input: [reference, { role: 'user', content: 'on' }] }, {}, memory)
    expect(texts(read)).toEqual(['second', 'on'])
    expect(facts.remember?.[0]).toEqual(earlier[1])
  })

  it('remembers nothing with store false', () => {
    expect(decode({ store: false }).facts.remember).toBeUndefined()
    expect(decode({ store: null }).facts.remember).toHaveLength(1)
  })
})
