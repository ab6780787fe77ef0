import { describe, expect, it } from 'vitest'
import type { CompletionRequest, ContentBlock, Message } from '../../../canonical/request.ts'
import { requestWith } from '../../../../tests/support/amazon-q/lint-case.ts'
import { geminiModels } from '../../../../simulator/upstreams/gemini/models.ts'
import { geminiViolation } from '../../../../simulator/upstreams/gemini/validate.ts'
import { encodeGeminiRequest, type GeminiEncodeContext } from './encode-request.ts'
import { sealSignature } from './signature-place.ts'

const model = 'gemini-3-pro-preview'

function encode(change: Partial<CompletionRequest>, context: Partial<GeminiEncodeContext> = {}) {
  const request = requestWith({ model, ...change })
  return encodeGeminiRequest(request, { stripReasoning: false, budgetOnly: false, ...context })
}

const user = (...content: ContentBlock[]): Message => ({ role: 'user', content })
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', content })
const text = (value: string): ContentBlock => ({ type: 'text', text: value })
const call = (id: string, name = 'read'): ContentBlock => ({ type: 'tool-use', id, name, input: { path: id } })
const result = (toolUseId: string, value = 'done', isError = false): ContentBlock => ({
  type: 'tool-result',
  toolUseId,
  content: value === '' ? [] : [{ type: 'text', text: value }],
  isError,
})
const reasoning = (value: string, place: 'thought' | 'call', of = model): ContentBlock => ({
  type: 'reasoning',
  text: value,
  signature: sealSignature(place, `${place}-sig`, of),
})
const placeholder = 'skip_thought_signature_validator'
const rulesOf = ({ repairs }: ReturnType<typeof encode>) => repairs.map(({ rule }) => rule)

describe('gemini/encode-request: the history', () => {
  it('puts thoughts, text and calls in order, signatures where they were', () => {
    const { body, repairs } = encode({
      messages: [
        user(text('Go')),
        assistant(reasoning('Hm', 'thought'), reasoning('', 'call'), call('a'), text('Reading'), call('b')),
        user(result('a'), text('and'), result('b', 'bad', true)),
      ],
    })
    expect(body.contents).toEqual([
      { role: 'user', parts: [{ text: 'Go' }] },
      {
        role: 'model',
        parts: [
          { text: 'Hm', thought: true, thoughtSignature: 'thought-sig' },
          { text: 'Reading' },
          { functionCall: { id: 'a', name: 'read', args: { path: 'a' } }, thoughtSignature: 'call-sig' },
          { functionCall: { id: 'b', name: 'read', args: { path: 'b' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'read', response: { output: 'done' } } },
          { functionResponse: { id: 'b', name: 'read', response: { error: 'bad' } } },
          { text: 'and' },
        ],
      },
    ])
    expect(repairs).toEqual([])
  })

  it.each<[string, string, ContentBlock[], string | undefined, string[]]>([
    ['another model', model, [reasoning('Hm', 'call', 'gemini-2.5-pro')], placeholder, ['foreign-signature']],
    ['no signature', model, [{ type: 'reasoning', text: 'Hm' }], placeholder, ['reasoning-dropped']],
    [
      'Kiro',
      model,
      [{ type: 'reasoning', text: 'Hm', signature: { origin: { upstream: 'amazon-q', model }, value: 'call.x' } }],
      placeholder,
      ['foreign-signature'],
    ],
    ['a thought whose text was hidden', model, [reasoning('', 'thought')], placeholder, ['reasoning-dropped']],
    ['an older model needs none', 'gemini-2.5-pro', [], undefined, []],
  ])('reasoning of %s', (_name, of, blocks, signature, rules) => {
    const encoded = encode({
      model: of,
      messages: [user(text('Go')), assistant(...blocks, call('a')), user(result('a'))],
    })
    expect(encoded.body.contents[1]?.parts).toEqual([
      {
        functionCall: { id: 'a', name: 'read', args: { path: 'a' } },
        ...(signature === undefined ? {} : { thoughtSignature: signature }),
      },
    ])
    expect(rulesOf(encoded)).toEqual(rules)
  })

  it('leaves all reasoning out when told to', () => {
    const encoded = encode(
      { messages: [user(text('Go')), assistant(reasoning('Hm', 'thought'), text('Hi')), user(text('On'))] },
      { stripReasoning: true },
    )
    expect(encoded.body.contents[1]?.parts).toEqual([{ text: 'Hi' }])
    expect(rulesOf(encoded)).toEqual(['reasoning-signature-refused', 'reasoning-dropped'])
  })

  it.each<[string, Message[]]>([
    ['a call without its result', [user(text('Go')), assistant(call('a')), user(text('No'))]],
    ['a call at the end', [user(text('Go')), assistant(call('a'))]],
    ['a result without its call', [user(result('x'))]],
    ['results in the wrong order', [user(text('Go')), assistant(call('a'), call('b')), user(result('b'), result('a'))]],
    [
      'a late result',
      [user(text('Go')), assistant(call('a')), user(text('?')), assistant(text('!')), user(result('a'))],
    ],
    ['the assistant first', [assistant(text('Hi')), user(text('Go'))]],
    ['a prefill', [user(text('Go')), assistant(text('{'))]],
    [
      'neighbours',
      [user(text('a')), user(text('b')), assistant(text('c')), assistant(call('d')), user(result('d', ''))],
    ],
    ['system messages', [user(text('a')), { role: 'system', content: [text('b')] }]],
    ['nothing but blanks', [user(text(' '))]],
    ['nothing but foreign reasoning', [user(text('a')), assistant({ type: 'reasoning', text: 'x' }), user(text('b'))]],
    ['an id of another form', [user(text('a')), assistant(call('call|1 ü')), user(result('call|1 ü'))]],
    ['the same id twice', [user(text('a')), assistant(call('a'), call('a')), user(result('a'), result('a'))]],
    [
      'foreign blocks',
      [user(text('a')), assistant({ type: 'foreign', dialect: 'anthropic', value: {}, text: '' }), user(text('b'))],
    ],
  ])('%s becomes a conversation that the strict simulator takes', (_name, messages) => {
    const { body } = encode({ messages })
    expect(geminiViolation(JSON.parse(JSON.stringify(body)), geminiModels[2])).toBeUndefined()
  })
})

describe('gemini/encode-request: tools', () => {
  const tool = (name: string) => ({ name, description: 'Does', inputSchema: { type: 'object', properties: {} } })

  it('renames what Gemini would refuse, everywhere alike, and keeps what it takes', () => {
    const names = ['ok.fine:x-1', '9 lives', 'a b', 'a_b', 'ä'.repeat(80)]
    const { body, toolNames } = encode({
      tools: names.map(tool),
      toolChoice: { type: 'tool', name: 'a b' },
      messages: [user(text('x')), assistant(call('1', 'a b'), call('2', 'gone tool')), user(result('1'), result('2'))],
    })
    const declared = body.tools?.[0].functionDeclarations.map(({ name }) => name) ?? []
    expect(declared[0]).toBe('ok.fine:x-1')
    expect(declared[1]).toBe('_9_lives')
    expect(declared[3]).toBe('a_b')
    expect(new Set(declared).size).toBe(5)
    expect(declared.every((name) => /^[a-zA-Z_][\w.:-]{0,63}$/u.test(name))).toBe(true)
    expect(declared.map((name) => toolNames.get(name) ?? name)).toEqual(names)
    const calls = body.contents[1]?.parts.flatMap((part) => ('functionCall' in part ? [part.functionCall.name] : []))
    expect(calls).toEqual([declared[2], 'gone_tool'])
    expect(body.toolConfig?.functionCallingConfig).toEqual({ mode: 'ANY', allowedFunctionNames: [declared[2]] })
  })

  it.each([
    [{ type: 'auto' as const }, { mode: 'AUTO' }],
    [{ type: 'any' as const }, { mode: 'ANY' }],
    [{ type: 'none' as const }, { mode: 'NONE' }],
  ])('%j', (toolChoice, functionCallingConfig) => {
    expect(encode({ tools: [tool('a')], toolChoice }).body.toolConfig).toEqual({ functionCallingConfig })
  })

  it('leaves server tools out and says so, and asks for one call at a time in words', () => {
    const server = { name: 'web_search', description: '', server: { dialect: 'anthropic' as const, value: {} } }
    const { body, repairs } = encode({ tools: [server, tool('a')], toolChoice: { type: 'auto', parallel: false } })
    expect(body.tools?.[0].functionDeclarations).toHaveLength(1)
    expect(body.systemInstruction?.parts.at(-1)?.text).toMatch(/web_search is not available.*\n.*one tool at a time/u)
    expect(repairs.map(({ rule }) => rule)).toEqual(['server-tool', 'tool-choice'])
  })
})

describe('gemini/encode-request: configuration', () => {
  const config = (change: Partial<CompletionRequest>, context: Partial<GeminiEncodeContext> = {}) =>
    encode(change, context).body.generationConfig

  it.each<[string, Partial<CompletionRequest>, object]>([
    [
      '2.5 pro off',
      { model: 'gemini-2.5-pro', reasoning: { mode: 'off' } },
      { includeThoughts: false, thinkingBudget: 128 },
    ],
    ['2.5 flash off', { model: 'gemini-2.5-flash' }, { includeThoughts: false, thinkingBudget: 0 }],
    [
      '2.5 budget',
      { model: 'gemini-2.5-pro', reasoning: { mode: 'budget', budgetTokens: 99_999 } },
      { includeThoughts: true, thinkingBudget: 32_768 },
    ],
    [
      '2.5 least',
      { model: 'gemini-2.5-pro', reasoning: { mode: 'budget', budgetTokens: 1 } },
      { includeThoughts: true, thinkingBudget: 128 },
    ],
    [
      '2.5 adaptive',
      { model: 'gemini-2.5-flash', reasoning: { mode: 'adaptive' } },
      { includeThoughts: true, thinkingBudget: -1 },
    ],
    [
      '2.5 effort',
      { model: 'gemini-2.5-flash', reasoning: { mode: 'adaptive', effort: 'medium' } },
      { includeThoughts: true, thinkingBudget: 8_192 },
    ],
    ['3 pro off', { model }, { includeThoughts: false, thinkingLevel: 'LOW' }],
    ['3 pro adaptive', { model, reasoning: { mode: 'adaptive' } }, { includeThoughts: true, thinkingLevel: 'HIGH' }],
    [
      '3 pro medium',
      { model, reasoning: { mode: 'adaptive', effort: 'medium' } },
      { includeThoughts: true, thinkingLevel: 'LOW' },
    ],
    [
      '3 pro max',
      { model, reasoning: { mode: 'adaptive', effort: 'max' } },
      { includeThoughts: true, thinkingLevel: 'HIGH' },
    ],
    ['3 flash off', { model: 'gemini-3.5-flash' }, { includeThoughts: false, thinkingLevel: 'MINIMAL' }],
    [
      '3.1 pro budget',
      { model: 'gemini-3.1-pro-preview', reasoning: { mode: 'budget', budgetTokens: 9_000 } },
      { includeThoughts: true, thinkingLevel: 'MEDIUM' },
    ],
  ])('thinking: %s', (_name, change, thinkingConfig) => {
    expect(config(change)?.thinkingConfig).toEqual(thinkingConfig)
  })

  it('asks by budget where a level was refused, and for nothing where nothing is known', () => {
    const asked = { mode: 'adaptive' as const, effort: 'high' as const }
    expect(config({ reasoning: asked }, { budgetOnly: true })?.thinkingConfig).toEqual({
      includeThoughts: true,
      thinkingBudget: 24_576,
    })
    expect(config({ model: 'gemma-3', reasoning: asked })).toEqual({})
  })

  it.each<[number, number, number, number]>([
    [4_000, 2_000, 2_000, 4_000],
    [2_000, 2_000, 1_000, 2_000],
    [100, 2_000, 128, 129],
    [99_999, 2_000, 2_000, 65_536],
  ])('max tokens %d and budget %d', (maxOutputTokens, budgetTokens, budget, limit) => {
    const made = config({
      model: 'gemini-2.5-pro',
      sampling: { maxOutputTokens },
      reasoning: { mode: 'budget', budgetTokens },
    })
    expect([made?.thinkingConfig?.thinkingBudget, made?.maxOutputTokens]).toEqual([budget, limit])
  })

  it('translates sampling, and keeps five stop sequences', () => {
    const encoded = encode({
      model: 'gemini-2.0-flash',
      sampling: {
        temperature: 0.5,
        topP: 0.9,
        topK: 3,
        maxOutputTokens: 10,
        stopSequences: ['1', '2', '3', '4', '5', '6', ''],
      },
    })
    expect(encoded.body.generationConfig).toEqual({
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      maxOutputTokens: 10,
      stopSequences: ['1', '2', '3', '4', '5'],
    })
    expect(rulesOf(encoded)).toEqual(['stop-sequences-many'])
  })

  it('asks for JSON by a member, or in words beside tools', () => {
    const outputFormat = {
      type: 'json-schema' as const,
      schema: { type: 'object', properties: { a: { type: 'string' } } },
    }
    expect(config({ model: 'gemma', outputFormat })).toEqual({
      responseMimeType: 'application/json',
      responseSchema: outputFormat.schema,
    })
    const tools = [{ name: 'a', description: 'b' }]
    const encoded = encode({ outputFormat, tools })
    expect(encoded.body.systemInstruction?.parts[0]?.text).toContain('"a":{"type":"string"}')
    expect(rulesOf(encoded)).toContain('output-format')
  })

  it.each([
    ['a model id with a slash', { model: 'a/b' }, 'model'],
    ['no messages', { messages: [] }, 'messages'],
  ])('refuses %s', (_name, change, param) => {
    expect(() => encode(change)).toThrow(expect.objectContaining({ kind: 'invalid-request', param }))
  })
})
