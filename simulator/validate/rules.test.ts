import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator, type IssuedAccount, type Simulator } from '../index.ts'
import { generate, message, type Got } from '../test-client.ts'
import { assistant, conversation, image, result, tool, use, user, withSchema } from './request-builders.ts'

let simulator: Simulator
let account: IssuedAccount

beforeAll(async () => {
  simulator = await startSimulator()
  account = simulator.issueAccount()
})

afterAll(() => simulator.close())

function ask(body: unknown): Promise<Got> {
  return generate(simulator, account, body)
}

const improper = { message: 'Improperly formed request.', reason: null }

describe('validate/rules', () => {
  it.each([
    ['the example', conversation({})],
    ['one message', message('hi')],
    ['an empty tool input', conversation({ history: [user('a'), assistant('', [use('tooluse_a1', 'list_dir', {})])] })],
    [
      'null inside tool input',
      conversation({ history: [user('a'), assistant('b', [use('tooluse_a1', 'LIST_DIR', { path: null })])] }),
    ],
    [
      'null inside a JSON result',
      conversation({ results: [result('tooluse_a1', { content: [{ json: { a: null } }] })] }),
    ],
    ['images', message('see', { images: [image(), image({ format: 'webp' })] })],
    ['a cache point', message('hi', { cachePoint: { type: 'default' } })],
    [
      'a property named like a keyword',
      conversation({
        tools: [withSchema({ type: 'object', properties: { $ref: { type: 'string' }, required: { type: 'array' } } })],
      }),
    ],
    [
      'data named like a keyword',
      conversation({
        tools: [withSchema({ type: 'object', properties: { a: { enum: [null], default: { $ref: 'x' } } } })],
      }),
    ],
    [
      'nested combinators',
      conversation({
        tools: [withSchema({ type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } } })],
      }),
    ],
    ['an unknown top-level member', conversation({ root: { output_config: { effort: 'high' } } })],
  ])('accepts %s', async (_name, body) => {
    expect((await ask(body)).body).toBeUndefined()
  })

  it.each([
    ['no conversation', {}, /conversationState missing/u],
    ['no current message', conversation({ state: { currentMessage: {} } }), /currentMessage/u],
    ['a forced-choice trigger', conversation({ state: { chatTriggerType: 'AUTO' } }), /chatTriggerType/u],
    ['an odd task type', conversation({ state: { agentTaskType: 'chat' } }), /agentTaskType/u],
    ['a continuation that is no UUID', conversation({ state: { agentContinuationId: 'x' } }), /no UUID/u],
    ['a long conversation id', conversation({ state: { conversationId: 'x'.repeat(129) } }), /conversationId/u],
    ['empty history', conversation({ history: [], results: [] }), /history is no list, or empty/u],
    ['null', message('hi', { images: null }), /images: null/u],
    ['a system prompt', conversation({ root: { systemPrompt: 'Be nice.' } }), /systemPrompt/u],
    ['an unknown origin', message('hi', { origin: 'CULVERT' }), /origin/u],
    ['empty content', message(''), /empty content/u],
    ['blank content', message(' \n'), /empty content/u],
    ['only an image', message('', { images: [image()] }), /empty content/u],
    [
      'blank content in history',
      conversation({ history: [user(' '), assistant('a')], results: [], current: { content: 'x' } }),
      /history.0: empty content/u,
    ],
    [
      'empty assistant content',
      conversation({ history: [user('a'), assistant('')], results: [], current: { content: 'x' } }),
      /empty content without tool uses/u,
    ],
    [
      'empty toolUses',
      conversation({ history: [user('a'), assistant('b', [])], results: [], current: { content: 'x' } }),
      /toolUses is no list, or empty/u,
    ],
    [
      'history that starts with the assistant',
      conversation({ history: [assistant('a'), user('b')], results: [], current: { content: 'x' } }),
      /alternate/u,
    ],
    [
      'two user messages in a row',
      conversation({ history: [user('a'), user('b')], results: [], current: { content: 'x' } }),
      /alternate/u,
    ],
    [
      'two assistant messages in a row',
      conversation({ history: [user('a'), assistant('b'), assistant('c')], results: [], current: { content: 'x' } }),
      /alternate/u,
    ],
    [
      'history that ends with the user',
      conversation({ history: [user('a')], results: [], current: { content: 'x' } }),
      /alternate/u,
    ],
    [
      'a first message with results',
      conversation({
        history: [user('', [result('tooluse_x')]), assistant('b')],
        results: [],
        current: { content: 'x' },
      }),
      /without its tool use/u,
    ],
    ['an unanswered tool use', conversation({ results: [], current: { content: 'x' } }), /not answered/u],
    [
      'a late answer',
      conversation({ history: [user('a'), assistant('', [use('tooluse_a1')]), user('x'), assistant('b')] }),
      /not answered/u,
    ],
    [
      'an orphan result',
      conversation({ results: [result('tooluse_a1'), result('tooluse_b2')] }),
      /without its tool use/u,
    ],
    ['a second answer', conversation({ results: [result('tooluse_a1'), result('tooluse_a1')] }), /answered twice/u],
    [
      'the same id twice',
      conversation({ history: [user('a'), assistant('', [use('tooluse_a1'), use('tooluse_a1')])] }),
      /same toolUseId twice/u,
    ],
    ['no tools for history tools', conversation({ tools: [] }), /not declared/u],
    ['an undeclared history tool', conversation({ tools: [tool({ name: 'other' })] }), /list_dir not declared/u],
    ['an empty result', conversation({ results: [result('tooluse_a1', { content: [] })] }), /or empty/u],
    [
      'a result of an empty text',
      conversation({ results: [result('tooluse_a1', { content: [{ text: '' }] })] }),
      /only empty texts/u,
    ],
    [
      'an image in a result',
      conversation({ results: [result('tooluse_a1', { content: [image()] })] }),
      /neither \{text\}/u,
    ],
    ['an odd result status', conversation({ results: [result('tooluse_a1', { status: 'failed' })] }), /status/u],
    [
      'a long tool use id',
      conversation({ history: [user('a'), assistant('', [use('x'.repeat(65))])] }),
      /toolUseId malformed/u,
    ],
    [
      'a tool input that is a list',
      conversation({ history: [user('a'), assistant('', [use('tooluse_a1', 'list_dir', [])])] }),
      /input is no object/u,
    ],
    ['a long tool name', conversation({ tools: [tool(), tool({ name: 'x'.repeat(65) })] }), /name is not/u],
    ['a tool name with a dot', conversation({ tools: [tool(), tool({ name: 'a.b' })] }), /name is not/u],
    ['an empty description', conversation({ tools: [tool({ description: '' })] }), /description missing/u],
    ['a long description', conversation({ tools: [tool({ description: 'x'.repeat(10_241) })] }), /over 10240/u],
    ['a tool without a schema', conversation({ tools: [tool({ inputSchema: {} })] }), /no inputSchema/u],
    [
      'a server tool',
      conversation({ tools: [tool(), { type: 'web_search_20250305', name: 'web_search' }] }),
      /no toolSpecification/u,
    ],
    [
      'a cache point among tools',
      conversation({ tools: [tool(), { cachePoint: { type: 'default' } }] }),
      /cachePoint/u,
    ],
    ['required: null', conversation({ tools: [withSchema({ type: 'object', required: null })] }), /required/u],
    ['properties: null', conversation({ tools: [withSchema({ type: 'object', properties: null })] }), /properties/u],
    ['a top type of string', conversation({ tools: [withSchema({ type: 'string' })] }), /top type/u],
    ['$schema', conversation({ tools: [withSchema({ $schema: 'x', type: 'object' })] }), /\$schema/u],
    [
      'a nested $ref',
      conversation({ tools: [withSchema({ type: 'object', properties: { a: { items: { $ref: '#/x' } } } })] }),
      /\$ref/u,
    ],
    [
      'a numeric exclusiveMinimum',
      conversation({ tools: [withSchema({ type: 'object', properties: { a: { exclusiveMinimum: 0 } } })] }),
      /exclusiveMinimum/u,
    ],
    [
      'a 53-bit maximum',
      conversation({ tools: [withSchema({ type: 'object', properties: { a: { maximum: 9_007_199_254_740_991 } } })] }),
      /32 bits/u,
    ],
    ['eleven images', message('x', { images: Array.from({ length: 11 }, () => image()) }), /more than 10/u],
    ['an image of another format', message('x', { images: [image({ format: 'bmp' })] }), /unknown format/u],
    [
      'an image that is a data URL',
      message('x', { images: [image({ source: { bytes: 'data:image/png;base64,aGk=' } })] }),
      /no base64/u,
    ],
    ['a malformed ARN', conversation({ root: { profileArn: 'arn:aws:x' } }), /profileArn malformed/u],
  ])('refuses %s', async (_name, body, reason) => {
    const got = await ask(body)
    expect(got.status).toBe(400)
    expect(got.body).toEqual({ __type: 'com.amazon.aws.codewhisperer#ValidationException', ...improper })
    expect(simulator.received.at(-1)?.refusal).toMatch(reason)
  })

  it.each([
    ['an unknown model', message('x', { modelId: 'claude-sonnet-9' }), 'INVALID_MODEL_ID'],
    [
      'a top-level anyOf',
      conversation({ tools: [withSchema({ anyOf: [{ type: 'object' }] })] }),
      'TOOL_SCHEMA_INVALID',
    ],
    [
      'flat reasoning',
      conversation({
        history: [user('a'), assistant('b', undefined, { reasoningContent: { text: 't', signature: 's' } })],
        results: [],
        current: { content: 'x' },
      }),
      'REQUEST_BODY_INVALID',
    ],
    [
      'a foreign signature',
      conversation({
        history: [
          user('a'),
          assistant('b', undefined, { reasoningContent: { reasoningText: { text: 't', signature: 'Zm9yZWlnbg==' } } }),
        ],
        results: [],
        current: { content: 'x' },
      }),
      'THINKING_SIGNATURE_INVALID',
    ],
    [
      'no signature',
      conversation({
        history: [user('a'), assistant('b', undefined, { reasoningContent: { reasoningText: { text: 't' } } })],
        results: [],
        current: { content: 'x' },
      }),
      'THINKING_SIGNATURE_INVALID',
    ],
    ['a huge user text', message('x'.repeat(600_001)), 'CONTENT_LENGTH_EXCEEDS_THRESHOLD'],
    [
      'a huge tool result',
      conversation({ results: [result('tooluse_a1', { content: [{ text: 'x'.repeat(800_001) }] })] }),
      'CONTENT_LENGTH_EXCEEDS_THRESHOLD',
    ],
  ])('refuses %s by name', async (_name, body, reason) => {
    const got = await ask(body)
    expect(got.status).toBe(400)
    expect(got.body).toMatchObject({ reason })
  })
})
