import { describe, expect, it } from 'vitest'
import {
  assistant,
  contents,
  currentResults,
  encode,
  image,
  type LintCase,
  result,
  runCase,
  call,
  text,
  tool,
  user,
} from '../../../tests/support/amazon-q/lint-case.ts'
import type { ContentBlock, Opaque } from '../../canonical/request.ts'
import type { contentRules } from './content-rules.ts'

type Rule = (typeof contentRules)[number]['name']
type Refusal = 'oversize' | 'nesting' | 'no-messages' | 'model-form'

const native = { model: 'claude-opus-4.8' }
const pdf: ContentBlock = {
  type: 'document',
  title: 'Plan',
  source: { type: 'base64', mediaType: 'application/pdf', data: 'QUJD' },
}

function reasoning(signature?: Opaque): ContentBlock {
  return { type: 'reasoning', text: 'Hm.', ...(signature === undefined ? {} : { signature }) }
}

function thread(...blocks: ContentBlock[]) {
  return [user(text('Hi')), assistant(...blocks, text('Hello')), user(text('Go on'))]
}

const own: Opaque = { origin: { upstream: 'amazon-q', model: 'claude-opus-4.8' }, value: 'sig' }

const cases: Record<Exclude<Rule, Refusal>, LintCase> = {
  'too-many-images': {
    request: {
      messages: [
        user(image('b2xk'), text('First')),
        assistant(text('I see')),
        user(...Array.from({ length: 10 }, () => image())),
      ],
    },
    where: 'messages.0',
    body: (body) => {
      expect(contents(body)[0]).toMatch(/^\(An older image was here.*\)\n\nFirst$/u)
      expect(body.conversationState.currentMessage.userInputMessage.images).toHaveLength(10)
    },
  },
  'unsupported-image': {
    request: {
      messages: [user(image('QUJD', 'image/tiff'), { type: 'image', source: { type: 'url', url: 'http://h' } })],
    },
    where: 'messages.0',
    body: (body) => expect(contents(body)[0]).toMatch(/format is image\/tiff.*\n\n.*it is a link/u),
  },
  'image-not-accepted': {
    request: { messages: [user(image(), text('What is this?'))] },
    context: { modelInfo: { acceptsImages: false } },
    where: 'messages.0',
    body: (body) => expect(contents(body)[0]).toContain('This model takes no images'),
  },
  'unsupported-document': {
    request: { messages: [user(pdf, text('Summarise'))] },
    where: 'messages.0',
    body: (body) => expect(contents(body)[0]).toContain('The document "Plan" (application/pdf, about 1 KB)'),
  },
  'empty-tool-result': {
    request: { tools: [tool('Bash')], messages: [user(text('Go')), assistant(call('t1')), user(result('t1', ''))] },
    where: 'messages.2',
    body: (body) => expect(currentResults(body)[0]?.content).toEqual([{ text: '(The tool returned no output.)' }]),
  },
  'foreign-block': {
    request: { messages: thread({ type: 'foreign', dialect: 'anthropic', value: {}, text: 'Searched the web.' }) },
    where: 'messages.1',
    body: (body) => expect(contents(body)[1]).toBe('Searched the web.\n\nHello'),
  },
  'foreign-signature': {
    request: { ...native, messages: thread(reasoning({ origin: { upstream: 'unknown' }, value: 'sig' })) },
    where: 'messages.1.content.0',
    body: (body) => expect(JSON.stringify(body)).not.toContain('Hm.'),
  },
  'reasoning-dropped': {
    request: { ...native, messages: thread(reasoning()) },
    where: 'messages.1.content.0',
    body: (body) => expect(JSON.stringify(body)).not.toContain('Hm.'),
  },
  'reasoning-signature-refused': {
    request: { ...native, messages: thread(reasoning(own)) },
    context: { stripReasoning: true },
    where: 'messages',
    body: (body) => expect(JSON.stringify(body)).not.toContain('sig'),
  },
  'effort-clamped': {
    request: { model: 'claude-opus-4.6', reasoning: { mode: 'adaptive', effort: 'xhigh' } },
    where: 'reasoning.effort',
    body: (body) => expect(body.additionalModelRequestFields).toMatchObject({ output_config: { effort: 'high' } }),
  },
  'sampling-unsupported': { request: { sampling: { temperature: 0, topP: 1, topK: 1 } }, where: 'top_k' },
  'output-format': {
    request: { outputFormat: { type: 'json-schema', schema: { type: 'object', title: 'T' } } },
    where: 'output_format',
    body: (body) => expect(contents(body)[0]).toContain('{"type":"object","title":"T"}'),
  },
  'large-string': { request: { messages: [user(text('x'.repeat(700_001)))] }, where: 'messages.0' },
}

const deep: ContentBlock = {
  type: 'tool-use',
  id: 't1',
  name: 'Bash',
  input: JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`),
}

const refusals: Record<Refusal, { readonly attempt: () => unknown; readonly expected: object }> = {
  oversize: {
    attempt: () => encode({ messages: [user(text('x'.repeat(600)), text('y'.repeat(600)))] }, { sizeLimit: 1_000 }),
    expected: {
      kind: 'prompt-too-long',
      param: 'messages.0',
      message: expect.stringMatching(/1202 .*1000 .*oversize/u),
    },
  },
  nesting: {
    attempt: () => encode({ messages: [user(text('Go')), assistant(deep), user(result('t1'))] }),
    expected: { kind: 'invalid-request', param: 'messages.1' },
  },
  'no-messages': {
    attempt: () => encode({ messages: [] }),
    expected: { kind: 'invalid-request', param: 'messages' },
  },
  'model-form': {
    attempt: () => encode({ model: 'a model' }),
    expected: { kind: 'invalid-request', param: 'model' },
  },
}

describe('content-rules', () => {
  it.each(Object.entries(cases))('%s', (rule, lintCase) => {
    const { body, repairs, faults } = runCase(lintCase)
    expect(repairs).toContainEqual(expect.objectContaining({ rule, where: lintCase.where }))
    expect(faults).toEqual([])
    lintCase.body?.(body)
  })

  it.each(Object.entries(refusals))('%s is refused', (rule, { attempt, expected }) => {
    expect(attempt).toThrowError(expect.objectContaining(expected))
    expect(attempt).toThrowError(`rule ${rule}`)
  })

  it('replays reasoning that this model signed, nested', () => {
    const { body, repairs } = encode({ ...native, messages: thread(reasoning(own)) })
    expect(repairs).toEqual([])
    expect(body.conversationState.history?.[1]).toEqual({
      assistantResponseMessage: {
        content: 'Hello',
        reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sig' } },
      },
    })
  })

  it('strips all reasoning once the service refused a signature', () => {
    const { body, repairs } = encode({ ...native, messages: thread(reasoning(own)) }, { stripReasoning: true })
    expect(JSON.stringify(body)).not.toContain('sig')
    expect(repairs.map(({ rule }) => rule)).toEqual(['reasoning-signature-refused', 'reasoning-dropped'])
  })
})
