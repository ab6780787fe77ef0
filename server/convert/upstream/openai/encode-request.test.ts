import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readChat } from '../../../../simulator/upstreams/openai/validate.ts'
import { assistant, image, requestWith, text, tool, user } from '../../../../tests/support/amazon-q/lint-case.ts'
import type { CompletionRequest, ContentBlock } from '../../../canonical/request.ts'
import { decodeMessagesRequest } from '../../client/anthropic/decode-request.ts'
import { decodeChatRequest } from '../../client/openai-chat/decode-request.ts'
import { encodeChatRequest } from './encode-request.ts'
import { quirksOf } from './quirks.ts'

const fixtures = join(import.meta.dirname, '../../../../tests/fixtures/clients')
const quirks = quirksOf('https://llm.example/v1', undefined)

function encode(change: Partial<CompletionRequest>, own = quirks) {
  const request = requestWith({ model: 'gpt-sim-large', ...change })
  const encoded = encodeChatRequest(request, { quirks: own })
  readChat(JSON.parse(JSON.stringify(encoded.body)))
  return encoded
}

const call: ContentBlock = { type: 'tool-use', id: 'a', name: 'Bash', input: { command: 'ls' } }
const thought: ContentBlock = { type: 'reasoning', text: 'Hm' }
const result: ContentBlock = {
  type: 'tool-result',
  toolUseId: 'a',
  content: [
    { type: 'text', text: 'done' },
    { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  ],
  isError: true,
}

describe('encode-request', () => {
  it.each(readdirSync(fixtures).filter((name) => /^(?:claude-code|opencode)/u.test(name)))(
    'makes of %s what the strict service takes',
    (name) => {
      const { body } = JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as { body: unknown }
      const request = name.startsWith('opencode')
        ? decodeChatRequest(body, {}).request
        : decodeMessagesRequest(body, {})
      const encoded = encodeChatRequest({ ...request, model: 'gpt-sim-large' }, { quirks })
      expect(readChat(JSON.parse(JSON.stringify(encoded.body))).messages.length).toBeGreaterThan(0)
    },
  )

  it('puts tool results first, as messages of their own, and their pictures behind', () => {
    const { body } = encode({
      system: ['Be short.', 'And kind.'].map((words) => ({ type: 'text', text: words })),
      messages: [user(text('Hi')), assistant(text('So'), call), user(text('Look'), result)],
      tools: [tool('Bash')],
      toolChoice: { type: 'tool', name: 'Bash', parallel: false },
    })
    expect(body.messages).toEqual([
      { role: 'system', content: 'Be short.\n\nAnd kind.' },
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: 'So',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'Bash', arguments: '{"command":"ls"}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'Error: done' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'text', text: 'Look' },
        ],
      },
    ])
    expect(body).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'Bash' } },
      parallel_tool_calls: false,
    })
  })

  it.each<[string, Partial<CompletionRequest>, string[]]>([
    ['a call without result', { messages: [user(text('Hi')), assistant(call)] }, ['tool-result-missing']],
    ['ends with the assistant', { messages: [user(text('Hi')), assistant(text('Ho'))] }, ['trailing-assistant']],
    [
      'earlier reasoning',
      { messages: [user(text('Hi')), assistant(thought, text('Ho')), user(text('x'))] },
      ['reasoning-dropped'],
    ],
    ['top_k', { sampling: { topK: 3, stopSequences: ['a', 'b', 'c', 'd', 'e'] } }, ['sampling-unsupported']],
    [
      'another provider’s tool',
      { tools: [{ name: 'w', description: '', server: { dialect: 'anthropic', value: {} } }] },
      ['server-tool'],
    ],
  ])('repairs what the service refuses: %s', (_name, change, expected) => {
    expect(encode(change).repairs.map(({ rule }) => rule)).toEqual(expected)
  })

  it('brings unsigned reasoning back where the service wants it', () => {
    const messages = [user(text('Hi')), assistant(thought, text('Ho')), user(text('x'))]
    const request = requestWith({ model: 'kimi', messages })
    const own = quirksOf('https://api.moonshot.ai/v1', undefined)
    expect(encodeChatRequest(request, { quirks: own })).toMatchObject({
      body: { messages: [{}, { role: 'assistant', content: 'Ho', reasoning_content: 'Hm' }, {}] },
      repairs: [],
    })
  })

  it('follows the quirks of the host, and those that the person sets', () => {
    const request: Partial<CompletionRequest> = {
      sampling: { maxOutputTokens: 50 },
      reasoning: { mode: 'adaptive', effort: 'max' },
      messages: [user(text('Hi'), image('AAAA', 'image/png'))],
    }
    expect(encode(request, quirksOf('https://api.openai.com/v1', undefined)).body).toMatchObject({
      max_completion_tokens: 50,
      reasoning_effort: 'high',
    })
    const own = quirksOf('https://llm.example/v1', { images: false, streamOptions: false, maxTokens: 'nonsense' })
    const { body, repairs } = encode(request, own)
    expect(body).toMatchObject({ max_tokens: 50 })
    expect(body).not.toHaveProperty('stream_options')
    expect(repairs.map(({ rule }) => rule)).toEqual(['image-not-accepted'])
  })
})
