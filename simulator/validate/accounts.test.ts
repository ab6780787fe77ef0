import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator, type Endpoint, type IssuedAccount, type Simulator } from '../index.ts'
import { generate, join, message, type Got } from '../test-client.ts'
import { assistant, conversation, user, type Json } from './request-builders.ts'

let simulator: Simulator
let builderId: IssuedAccount
let organisation: IssuedAccount
let social: IssuedAccount

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

beforeEach(() => {
  simulator.reset()
  builderId = simulator.issueAccount()
  organisation = simulator.issueAccount({ kind: 'idc' })
  social = simulator.issueAccount({ kind: 'social' })
})

function ask(body: unknown, endpoint: Endpoint = 'E1', account = builderId): Promise<Got> {
  return generate(simulator, account, body, { endpoint })
}

/** What the wire says about most broken rules. */
const improper = { message: 'Improperly formed request.', reason: null }

describe('validate/accounts', () => {
  it('accepts the signatures that it made itself, and no others', async () => {
    const asked = { modelId: 'claude-opus-4.8' }
    const thought = await ask(message('[[scenario:think]]', asked))
    const reasoningText = {
      text: join(thought, 'reasoningContentEvent', 'text'),
      signature: join(thought, 'reasoningContentEvent', 'signature'),
    }
    const replay = (signature: string, modelId: string): Json =>
      conversation({
        history: [
          user('a'),
          assistant('b', undefined, { reasoningContent: { reasoningText: { ...reasoningText, signature } } }),
        ],
        results: [],
        current: { content: 'x', modelId },
      })
    expect((await ask(replay(reasoningText.signature, 'claude-opus-4.8'))).status).toBe(200)
    expect((await ask(replay(reasoningText.signature, 'claude-sonnet-5'))).status).toBe(200)
    expect((await ask(replay(reasoningText.signature.replace(/^.{4}/u, 'AAAA'), 'claude-opus-4.8'))).status).toBe(400)
    simulator.configure({ behaviour: { signaturesBoundToModel: true } })
    expect((await ask(replay(reasoningText.signature, 'claude-sonnet-5'))).status).toBe(400)
  })

  it.each([
    [
      'claude-opus-4.8',
      { output_config: { effort: 'xhigh' }, thinking: { type: 'adaptive', display: 'summarized' } },
      200,
    ],
    ['claude-opus-4.6', { output_config: { effort: 'xhigh' } }, 400],
    ['claude-opus-4.6', { output_config: { effort: 'max' } }, 200],
    ['claude-sonnet-4.5', { output_config: { effort: 'low' } }, 400],
    ['gpt-5.6-sol', { reasoning: { effort: 'high' } }, 200],
    ['gpt-5.6-sol', { output_config: { effort: 'high' } }, 400],
    ['claude-sonnet-5', { temperature: 1 }, 400],
    ['claude-sonnet-5', { max_tokens: 100 }, 400],
  ])('judges the request fields of %s: %j', async (modelId, additionalModelRequestFields, status) => {
    const got = await ask({ ...message('x', { modelId }), additionalModelRequestFields })
    const refusal = status === 200 ? undefined : 'Invalid additionalModelRequestFields'
    expect([got.status, (got.body as Json | undefined)?.['message']]).toEqual([status, refusal])
  })

  it('names the model by the plan', async () => {
    const free = simulator.issueAccount({ plan: 'free' })
    expect((await ask(message('x', { modelId: 'claude-opus-5' }), 'E1', free)).status).toBe(400)
    const special = simulator.issueAccount({ plan: 'free', models: ['claude-opus-5'] })
    expect((await ask(message('x', { modelId: 'claude-opus-5' }), 'E1', special)).status).toBe(200)
  })

  it('demands a profile ARN where the service does', async () => {
    const body = message('x')
    const required = { message: 'profileArn is required for this request.', reason: null }
    const arn = (account: IssuedAccount): Json => ({ ...body, profileArn: account.profileArn })
    expect((await ask(body, 'E1', organisation)).status).toBe(200)
    expect((await ask(body, 'E2', organisation)).body).toEqual(required)
    expect((await ask(arn(organisation), 'E2', organisation)).status).toBe(200)
    expect((await ask(body, 'E2', builderId)).status).toBe(200)
    expect((await ask(body, 'E4', builderId)).body).toEqual(required)
    expect((await ask(body, 'E4', social)).body).toEqual(required)
    expect((await ask(arn(social), 'E4', social)).status).toBe(200)
    expect((await ask(arn(social), 'E2', organisation)).status).toBe(403)
    expect((await ask(arn(organisation), 'E2', builderId)).body).toEqual(improper)
    simulator.configure({ behaviour: { profileArnOnQ: 'rest' } })
    expect((await ask(body, 'E2', builderId)).body).toEqual(required)
  })

  it('is stricter about members on the Kiro host', async () => {
    const body = { ...conversation({}), profileArn: social.profileArn }
    const asSocial = (changes: Json): Promise<Got> => ask({ ...body, ...changes }, 'E4', social)
    expect((await asSocial({})).status).toBe(200)
    expect((await asSocial({ agentMode: 'vibe' })).status).toBe(200)
    expect((await asSocial({ output_config: {} })).body).toMatchObject({ reason: 'REQUEST_BODY_INVALID' })
    const mismatch = { ...conversation({ results: [], current: { content: 'x' } }), profileArn: social.profileArn }
    expect((await ask(mismatch, 'E4', social)).body).toMatchObject({ reason: 'TOOL_USE_RESULT_MISMATCH' })
    const origin = { ...message('x', { origin: 'CLI' }), profileArn: social.profileArn }
    expect((await ask(origin, 'E4', social)).body).toEqual(improper)
    simulator.configure({ behaviour: { agentMembersOnKiroHost: 'refused' } })
    expect((await asSocial({})).body).toMatchObject({ reason: 'REQUEST_BODY_INVALID' })
  })

  it('has a context window that a test can make small', async () => {
    simulator.setContextWindow('claude-sonnet-4.5', 100)
    expect((await ask(message('x'.repeat(399)))).status).toBe(200)
    expect((await ask(message('x'.repeat(404)))).body).toMatchObject({ message: 'Input is too long.' })
  })

  it.each([
    ['improperly-formed', 400],
    ['too-large', 413],
    ['buffer-limit', 400],
  ] as const)('refuses a body over the limit as %s', async (bodyTooLarge, status) => {
    simulator.configure({ behaviour: { bodyLimitBytes: 1_000, bodyTooLarge } })
    expect((await ask(message('x'.repeat(1_000)))).status).toBe(status)
  })

  it('refuses what it cannot read', async () => {
    expect((await ask('{"conversationState":')).body).toMatchObject({
      __type: 'com.amazon.coral.service#SerializationException',
    })
    const headers = { 'content-type': 'application/json' }
    expect((await generate(simulator, builderId, message('x'), { headers })).status).toBe(415)
    const target = { 'x-amz-target': 'AmazonCodeWhispererStreamingService.Nothing' }
    expect((await generate(simulator, builderId, message('x'), { headers: target })).status).toBe(404)
  })
})
