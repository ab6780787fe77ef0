import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CompletionRequest } from '../../../canonical/request.ts'
import { decodeCountTokensRequest } from './decode-count-tokens.ts'
import { decodeMessagesRequest } from './decode-request.ts'

interface Fixture {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'tests', 'fixtures', 'clients')
const names = readdirSync(folder).filter((name) => name.startsWith('claude-code-'))

function fixture(part: string): Fixture {
  const name = names.find((candidate) => candidate.includes(part))
  return JSON.parse(readFileSync(join(folder, String(name)), 'utf8'))
}

function decodeFixture(part: string): CompletionRequest {
  const { headers, body } = fixture(part)
  const sessionId = headers['x-claude-code-session-id']
  const agentId = headers['x-claude-code-agent-id']
  return decodeMessagesRequest(body, { ...(sessionId && { sessionId }), ...(agentId && { agentId }) })
}

function decode(changes: object): CompletionRequest {
  const body = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }], ...changes }
  return decodeMessagesRequest(JSON.parse(JSON.stringify(body)), {})
}

describe('decode-request.ts: real requests of Claude Code', () => {
  it('has fixtures to read', () => expect(names.length).toBeGreaterThanOrEqual(7))

  it.each(names)('%s decodes, and so does its count_tokens twin', (name) => {
    const request = decodeFixture(name)
    expect(request.model).toMatch(/^claude-/u)
    expect(request.stream).toBe(true)
    expect(request.conversationKey).toMatch(/^00000000-0000-4000-8000-000000000001/u)
    expect(JSON.stringify(request.system)).not.toContain('x-anthropic-billing-header')
    expect(request.system).toHaveLength(2)
    expect(request.tools.map((tool) => tool.name)).not.toContain('DeferredToolPlaceholder')
    expect(Object.keys(request.extras.anthropic ?? {})).not.toContain('messages')
    const { max_tokens: _, stream: __, ...rest } = fixture(name).body
    expect(decodeCountTokensRequest(rest).messages).toEqual(request.messages)
  })

  it('a long agent loop keeps results, pictures, documents, errors and references', () => {
    const request = decodeFixture('tool-result')
    expect(request.messages).toHaveLength(21)
    const blocks = request.messages.flatMap((message) => message.content)
    const results = blocks.filter((block) => block.type === 'tool-result')
    expect(results.map((result) => (result.isError ? 'failed' : 'ok')).join(' ')).toBe(
      'ok ok ok failed failed ok ok ok ok ok failed failed failed',
    )
    const kinds = results.map((result) => result.content.map((item) => item.type).join(' ')).join(', ')
    expect(kinds).toBe('text, text, image, text, text, text document, text, text, text text, text, text, text, text')
    expect(JSON.stringify(results)).toContain('The tool \\"WebFetch\\" is now available.')
    expect(blocks.filter((block) => block.type === 'reasoning')[0]).toEqual({
      type: 'reasoning',
      text: 'Let me write the file.',
      signature: {
        origin: { upstream: 'unknown' },
        value: 'EqQBCkYIBxgCKkBzaWduYXR1cmUtZmFrZS1mb3ItdGVzdGluZw==',
      },
    })
    expect(results.at(-1)?.cacheBreakpoint).toBe(true)
    expect(request.messages.filter((message) => message.role === 'system')).toHaveLength(2)
  })

  it('a sub-agent is a conversation of its own and may end with a system message', () => {
    const request = decodeFixture('subagent')
    expect(request.conversationKey).toBe('00000000-0000-4000-8000-000000000001/a994b0cb476a87a55')
    expect(request.messages.at(-1)).toMatchObject({
      role: 'system',
      content: [{ type: 'text', cacheBreakpoint: true }],
    })
  })

  it('a thinking budget, an adaptive mode and none', () => {
    expect(decodeFixture('legacy-model').reasoning).toEqual({
      mode: 'budget',
      budgetTokens: 31_999,
      display: 'omitted',
    })
    expect(decodeFixture('compaction').reasoning).toEqual({ mode: 'adaptive', effort: 'medium', display: 'omitted' })
    expect(decodeFixture('auto-mode').reasoning).toEqual({ mode: 'adaptive', effort: 'medium', display: 'summarized' })
    expect(decodeFixture('title').reasoning).toBeUndefined()
  })

  it('structured output and a server tool', () => {
    expect(decodeFixture('title').outputFormat).toMatchObject({ type: 'json-schema', schema: { required: ['title'] } })
    expect(decodeFixture('web-search').tools).toEqual([
      {
        name: 'web_search',
        description: '',
        server: { dialect: 'anthropic', value: { type: 'web_search_20250305', name: 'web_search', max_uses: 8 } },
      },
    ])
  })
})

describe('decode-request.ts: the body', () => {
  it('takes over the plain fields', () => {
    const request = decode({
      temperature: 0.5,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ['STOP'],
      stream: false,
      system: 'be brief',
    })
    expect(request).toEqual({
      model: 'm',
      system: [{ type: 'text', text: 'be brief' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      tools: [],
      toolChoice: { type: 'auto' },
      sampling: { maxOutputTokens: 10, temperature: 0.5, topP: 0.9, topK: 5, stopSequences: ['STOP'] },
      stream: false,
      extras: {},
    })
  })

  it('null counts as absent wherever a field is optional', () => {
    const nothing = ['system', 'tools', 'tool_choice', 'stream', 'temperature', 'top_p', 'top_k', 'stop_sequences']
    const request = decode(Object.fromEntries([...nothing, 'thinking'].map((key) => [key, null])))
    expect(request).toEqual(decode({}))
    expect(decode({ output_config: null, output_format: null, metadata: null }).messages).toHaveLength(1)
  })

  it('keeps what it does not know, and never invents anything', () => {
    const unknown = {
      context_management: { edits: [] },
      safeguards: [{ type: 'dangerous_tool_use' }],
      betas: ['x-2030-01-01'],
      service_tier: 'auto',
    }
    expect(decode(unknown).extras).toEqual({ anthropic: unknown })
  })

  it('keeps the betas of the header', () => {
    const body = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }
    const { extras } = decodeMessagesRequest(body, { betas: 'a-2025-01-01, b-2026-01-01,,' })
    expect(extras).toEqual({ anthropic: { anthropic_beta: ['a-2025-01-01', 'b-2026-01-01'] } })
    expect(decodeMessagesRequest(body, { betas: '' }).extras).toEqual({})
  })

  it('a key named __proto__ changes nothing', () => {
    const text =
      '{"__proto__":{"stream":true,"polluted":1},"model":"m","max_tokens":1,"messages":[{"__proto__":{"role":"x"},' +
      '"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":{"__proto__":{"polluted":1}}}]}],' +
      '"tools":[{"name":"b","input_schema":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1},"strict":true}]}'
    const request = decodeMessagesRequest(JSON.parse(text), {})
    expect(request.stream).toBe(false)
    expect(request.extras).toEqual({})
    expect(request.tools[0]?.extras).toEqual({ strict: true })
    expect('polluted' in request).toBe(false)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('deep nesting in what is passed through costs nothing', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
    const messages = [
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'b', input: { deep } }] },
      { role: 'assistant', content: [{ type: 'server_tool_use', id: 'a', name: 'b', input: { deep } }] },
      { role: 'user', content: [{ type: 'novelty', deep }] },
    ]
    const request = decodeMessagesRequest({ model: 'm', max_tokens: 1, messages, extra: deep }, {})
    expect(request.messages.map((message) => message.content[0]?.type)).toEqual(['tool-use', 'foreign', 'foreign'])
  })

  it('the last effort of a message counts when the body has none', () => {
    const turn = (effort: string) => ({ role: 'system', content: 'x', output_config: { effort } })
    const thinking = { type: 'adaptive' }
    const messages = [{ role: 'user', content: 'x' }, turn('low'), turn('max'), { role: 'system', output_config: {} }]
    expect(decode({ messages, thinking }).reasoning).toEqual({ mode: 'adaptive', effort: 'max' })
    expect(decode({ messages, thinking, output_config: { effort: 'high' } }).reasoning?.effort).toBe('high')
    expect(decode({ messages, thinking, output_config: { effort: 'galactic' } }).reasoning?.effort).toBe('max')
    expect(decode({ messages }).messages[3]).toEqual({ role: 'system', content: [] })
  })

  it('reads 250 KB of small messages well within 10 ms', () => {
    const messages = Array.from({ length: 1_750 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: [
        { type: 'text', text: `a short text with the number ${index}` },
        { type: 'text', text: 'and another one', cache_control: { type: 'ephemeral' } },
      ],
    }))
    const body = JSON.parse(JSON.stringify({ model: 'm', max_tokens: 1, messages }))
    const times = Array.from({ length: 15 }, () => {
      const begun = performance.now()
      decodeMessagesRequest(body, {})
      return performance.now() - begun
    })
    expect(Math.min(...times)).toBeLessThan(5)
  })
})
