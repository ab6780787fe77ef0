import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createIdSource } from '../../../../simulator/state/ids.ts'
import { AnthropicState } from '../../../../simulator/upstreams/anthropic/state.ts'
import { readRequest } from '../../../../simulator/upstreams/anthropic/validate.ts'
import { assistant, image, requestWith, text, tool, user } from '../../../../tests/support/amazon-q/lint-case.ts'
import type { CompletionRequest, ContentBlock } from '../../../canonical/request.ts'
import { decodeMessagesRequest } from '../../client/anthropic/decode-request.ts'
import { encodeAnthropicRequest } from './encode-request.ts'

const fixtures = join(import.meta.dirname, '../../../../tests/fixtures/clients')
const state = new AnthropicState(createIdSource(1))

/** Encodes, and lets the strict service judge what comes out. */
function encode(change: Partial<CompletionRequest>, stripReasoning = false) {
  const request = requestWith({ model: 'claude-sonnet-4-6', ...change })
  const encoded = encodeAnthropicRequest(request, { cachePoints: true, stripReasoning, modelInfo: {} })
  readRequest(JSON.parse(JSON.stringify(encoded.body)), encoded.betas.join(), state)
  return encoded
}
const rules = (change: Partial<CompletionRequest>) => encode(change).repairs.map(({ rule }) => rule)

const call = (id: string): ContentBlock => ({ type: 'tool-use', id, name: 'Bash', input: { command: 'ls' } })
const result = (id: string): ContentBlock => ({
  type: 'tool-result',
  toolUseId: id,
  content: [{ type: 'text', text: 'done' }],
  isError: false,
})
const thought = (words: string, model = 'claude-sonnet-4-6'): ContentBlock => ({
  type: 'reasoning',
  text: words,
  signature: { origin: { upstream: 'anthropic', model }, value: state.sign(model, words) },
})
const budget = { mode: 'budget', budgetTokens: 2_000 } as const

describe('encode-request', () => {
  it.each(readdirSync(fixtures).filter((name) => name.startsWith('claude-code')))(
    'makes of %s what the strict service takes',
    (name) => {
      const { body } = JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as { body: { model: string } }
      const betas = 'context-management-2025-06-27,safeguards-2026-01-01,structured-outputs-2025-11-13'
      for (const model of ['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-sonnet-4-5', 'claude-haiku-4-5']) {
        const request = { ...decodeMessagesRequest(body, { betas }), model }
        const encoded = encodeAnthropicRequest(request, { cachePoints: true, modelInfo: { maxOutputTokens: 64_000 } })
        const judged = readRequest(JSON.parse(JSON.stringify(encoded.body)), encoded.betas.join(), state)
        expect(judged.messages.length).toBeGreaterThan(0)
      }
    },
  )

  it('writes the model as Anthropic does where no list was there to check', () => {
    const model = (asked: string, isListed: boolean) =>
      encodeAnthropicRequest(requestWith({ model: asked }), { cachePoints: true, ...(isListed && { modelInfo: {} }) })
        .body.model
    expect(model('claude-sonnet-4.5', false)).toBe('claude-sonnet-4-5')
    expect(model('glm-4.6', false)).toBe('glm-4.6')
    expect(model('claude-custom-1.5', true)).toBe('claude-custom-1.5')
  })

  it.each<[string, Partial<CompletionRequest>, string[]]>([
    ['begins with the assistant', { messages: [assistant(text('Hi')), user(text('Ho'))] }, ['first-message-user']],
    ['ends with the assistant', { messages: [user(text('Hi')), assistant(text('Ho'))] }, ['trailing-assistant']],
    ['a call without result', { messages: [user(text('Hi')), assistant(call('a'))] }, ['tool-result-missing']],
    ['a result without call', { messages: [user(result('a'))] }, ['tool-result-orphan']],
    ['blank text', { messages: [user(text(' '), text('Hi'))] }, ['whitespace-content']],
    ['a schema without type', { tools: [{ name: 'a', description: '', inputSchema: {} }] }, ['schema-top-type']],
    [
      'another provider’s tool',
      { tools: [{ name: 'w', description: '', server: { dialect: 'openai-responses', value: {} } }] },
      ['server-tool'],
    ],
    [
      'reasoning of another provider',
      {
        messages: [
          user(text('Hi')),
          assistant(
            { type: 'reasoning', text: 'Hm', signature: { origin: { upstream: 'amazon-q', model: 'x' }, value: 'y' } },
            text('Ho'),
          ),
          user(text('Go on')),
        ],
      },
      ['foreign-signature'],
    ],
    [
      'a block of another dialect',
      { messages: [user(text('Hi'), { type: 'foreign', dialect: 'openai-responses', value: {}, text: 'x' })] },
      ['foreign-block'],
    ],
  ])('repairs what the service refuses: %s', (_name, change, expected) => {
    expect(rules(change)).toEqual(expected)
  })

  it('brings all reasoning back, interleaved and without its text too', () => {
    const { body, repairs } = encode({
      reasoning: { mode: 'adaptive' },
      messages: [
        user(text('Hi')),
        assistant(thought('One'), text('So'), thought(''), call('a')),
        user(result('a'), image('iVBORw0KGgo=', 'image/png')),
      ],
      tools: [tool('Bash')],
    })
    expect(repairs).toEqual([])
    expect(body.messages[1]?.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'thinking', 'tool_use'])
  })

  it('sends no reasoning once the service has refused it', () => {
    const messages = [user(text('Hi')), assistant(thought('One'), text('So')), user(text('Go on'))]
    const { body, repairs } = encode({ messages }, true)
    expect(JSON.stringify(body)).not.toContain('signature')
    expect(repairs.map(({ rule }) => rule)).toEqual(['reasoning-signature-refused', 'reasoning-dropped'])
  })

  it.each<[string, Partial<CompletionRequest>, unknown]>([
    ['a budget', { model: 'claude-sonnet-4-5', reasoning: budget }, { type: 'enabled', budget_tokens: 2_000 }],
    [
      'adaptive for an old model',
      { model: 'claude-sonnet-4-5', reasoning: { mode: 'adaptive', effort: 'low' } },
      { type: 'enabled', budget_tokens: 4_096 },
    ],
    ['a budget for a new model', { model: 'claude-opus-4-7', reasoning: budget }, { type: 'adaptive' }],
    ['hidden', { reasoning: { mode: 'adaptive', display: 'omitted' } }, { type: 'adaptive', display: 'omitted' }],
    ['off', { reasoning: { mode: 'off' } }, { type: 'disabled' }],
    ['no room', { model: 'claude-sonnet-4-5', reasoning: budget, sampling: { maxOutputTokens: 900 } }, undefined],
    ['a forced tool', { reasoning: budget, tools: [tool('Bash')], toolChoice: { type: 'any' } }, undefined],
    [
      'a tool loop begun elsewhere',
      {
        model: 'claude-sonnet-4-5',
        reasoning: budget,
        messages: [user(text('Hi')), assistant(call('a')), user(result('a'))],
      },
      undefined,
    ],
  ])('asks for reasoning in the form that the model takes: %s', (_name, change, thinking) => {
    expect(encode(change).body.thinking).toEqual(thinking)
  })

  it('keeps a begun answer where the model takes one', () => {
    const messages = [user(text('Hi')), assistant(text('The answer is '))]
    const { body, repairs } = encode({ model: 'claude-sonnet-4-5', messages })
    expect(body.messages.at(-1)).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'The answer is' }] })
    expect(repairs).toEqual([])
  })

  it('drops the sampling options that the model refuses', () => {
    const sampling = { temperature: 1.4, topP: 0.5, topK: 3 }
    expect(encode({ sampling }).body).toMatchObject({ temperature: 1, top_k: 3 })
    expect(encode({ sampling, model: 'claude-opus-4-7' }).body).not.toHaveProperty('temperature')
    expect(encode({ sampling, reasoning: { mode: 'adaptive' } }).body).not.toHaveProperty('top_k')
  })

  it('marks breakpoints where the client did and the settings allow', () => {
    const request = requestWith({
      model: 'claude-sonnet-4-6',
      system: [{ type: 'text', text: 'Be short.', cacheBreakpoint: true }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi', cacheBreakpoint: true }] },
        { role: 'system', content: [{ type: 'text', text: 'Now', cacheBreakpoint: true }] },
      ],
    })
    const count = (cachePoints: boolean) =>
      JSON.stringify(encodeAnthropicRequest(request, { cachePoints }).body).split('"cache_control"').length - 1
    expect(count(true)).toBe(3)
    expect(count(false)).toBe(0)
  })

  it('refuses a request without messages', () => {
    expect(() => encode({ messages: [] })).toThrow(/no messages/u)
  })
})
