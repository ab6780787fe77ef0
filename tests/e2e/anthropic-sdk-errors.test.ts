import type Anthropic from '@anthropic-ai/sdk'
import {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from '@anthropic-ai/sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Simulator } from '../../simulator/index.ts'
import type { CulvertProcess } from '../lib/culvert.ts'
import { sdkModel as model, sdkRequest, type SdkWorld, startSdkWorld } from '../lib/sdk-world.ts'

let world: SdkWorld
let simulator: Simulator
let culvert: CulvertProcess
let client: Anthropic

beforeAll(async () => {
  world = await startSdkWorld()
  ;({ simulator, culvert, client } = world)
})
beforeEach(async () => void (await world.begin()))
afterEach(() => world.end())
afterAll(() => world.close())

const tool = {
  name: 'weather',
  description: 'Tells the weather of a city.',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
}

async function failure(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return error
  }
}

describe('the Anthropic SDK: errors', () => {
  const once = () => client.withOptions({ maxRetries: 0 })

  it('400: names the field', async () => {
    const error = await failure(client.messages.create(sdkRequest('', { messages: [] })))
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      requestID: expect.stringMatching(/^req_/u),
    })
    expect(String(error)).toMatch(/messages/u)
    expect(world.generated()).toEqual([])
  })

  it('400: a prompt that is too long', async () => {
    simulator.setFault('content-too-long')
    const error = await failure(client.messages.create(sdkRequest('hello')))
    expect(error).toBeInstanceOf(BadRequestError)
    expect(String(error)).toMatch(/prompt is too long/iu)
    expect(world.generated()).toHaveLength(1)
  })

  it('401: a wrong key, and no second try', async () => {
    const error = await failure(client.withOptions({ apiKey: 'wrong' }).messages.create(sdkRequest('hello')))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ status: 401, type: 'authentication_error' })
  })

  it('403: suspicious activity, after one call', async () => {
    simulator.setFault('suspicious-activity')
    const error = await failure(client.messages.create(sdkRequest('hello')))
    expect(error).toBeInstanceOf(PermissionDeniedError)
    expect(String(error)).toMatch(/Leave the account alone/u)
    expect(world.generated()).toHaveLength(1)
  })

  it('404: a model that nobody offers', async () => {
    const error = await failure(client.messages.create(sdkRequest('hello', { model: 'my-model' })))
    expect(error).toBeInstanceOf(NotFoundError)
    expect(error).toMatchObject({ status: 404, type: 'not_found_error' })
    expect(world.generated()).toEqual([])
  })

  it('413: 33 MB', async () => {
    const error = await failure(once().messages.create(sdkRequest('x'.repeat(33 * 1_048_576))))
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ status: 413 })
    expect(world.generated()).toEqual([])
  })

  it('429 with retry-after: waits, and goes on', async () => {
    simulator.setFault({ name: 'throttled', retryAfter: 1, times: 1 })
    const message = await client.messages.create(sdkRequest('[[scenario:text text="There."]]'))
    expect(message.content).toEqual([{ type: 'text', text: 'There.' }])
    const [refused, answered] = world.generated()
    expect((answered?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000)
  })

  it('429 for hours: told at once', async () => {
    simulator.setFault('monthly-limit')
    const error = await failure(client.messages.create(sdkRequest('hello')))
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ status: 429, type: 'rate_limit_error' })
    expect(world.generated()).toHaveLength(1)
  })

  it('529: busy for everyone', async () => {
    await culvert.admin('PUT', '/v2/settings', { maxAttempts: 1 })
    simulator.setFault('capacity')
    const error = await failure(once().messages.create(sdkRequest('hello')))
    await culvert.admin('PUT', '/v2/settings', { maxAttempts: 3 })
    expect(error).toBeInstanceOf(InternalServerError)
    expect(error).toMatchObject({ status: 529, type: 'overloaded_error' })
  })

  it('an error in mid-stream is an error, not an end', async () => {
    const stream = client.messages.stream(
      sdkRequest('[[scenario:long-text frames=50]] [[fault:cut-midstream afterFrames=20]]'),
    )
    let read = ''
    stream.on('text', (piece) => (read += piece))
    const error = await failure(stream.finalMessage())
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ type: 'api_error' })
    expect(read).toMatch(/^0 lorem/u)
    expect(world.generated()).toHaveLength(1)
  })

  it('without a stream, the cut is answered by another try', async () => {
    const message = await client.messages.create(
      sdkRequest('[[scenario:long-text frames=20]] [[fault:cut-midstream afterFrames=10 times=1]]'),
    )
    expect(message.stop_reason).toBe('end_turn')
    expect(world.generated()).toHaveLength(2)
  })
})

describe('the Anthropic SDK: the other calls', () => {
  it('counts tokens', async () => {
    const short = await client.messages.countTokens({ model, messages: [{ role: 'user', content: 'Hello' }] })
    const long = await client.messages.countTokens({
      model,
      system: 'Be brief.',
      tools: [tool],
      messages: [{ role: 'user', content: 'Hello, how is the weather in Rome today?' }],
    })
    expect(short.input_tokens).toBeGreaterThan(0)
    expect(long.input_tokens).toBeGreaterThan(short.input_tokens + 20)
    expect(world.generated()).toEqual([])
  })

  it('lists models, page by page', async () => {
    const all: string[] = []
    for await (const entry of client.models.list({ limit: 3 })) all.push(entry.id)
    expect(all.length).toBeGreaterThan(10)
    expect(new Set(all).size).toBe(all.length)
    expect(all).toContain('claude-sonnet-4-5')
    const page = await client.models.list({ limit: 3 })
    expect(page.data).toHaveLength(3)
    expect(page.hasNextPage()).toBe(true)
    expect((await page.getNextPage()).data.map(({ id }) => id)).toEqual(all.slice(3, 6))
    const entry = await client.models.retrieve('claude-sonnet-4-5')
    expect(entry).toMatchObject({ type: 'model', id: 'claude-sonnet-4-5', max_input_tokens: 200_000 })
  })

  it('leaves a stream, and the upstream call ends at once', async () => {
    const stream = client.messages.stream(sdkRequest('[[scenario:long-text frames=100000 delay=20]]'))
    const failed = failure(stream.finalMessage())
    await new Promise<void>((resolve) => stream.once('text', () => resolve()))
    const ended = simulator.when(({ route, outcome }) => route === 'generate' && outcome === 'aborted', 2_000)
    stream.abort()
    expect(await failed).toBeInstanceOf(APIUserAbortError)
    expect((await ended).frames).toBeLessThan(1_000)
    expect(simulator.clientAborts).toBe(1)
  })

  it('leaves a plain request, and the upstream call ends at once', async () => {
    const controller = new AbortController()
    const failed = failure(
      client.messages.create(sdkRequest('[[scenario:long-text frames=100000 delay=20]]'), {
        signal: controller.signal,
      }),
    )
    await simulator.when(({ route, frames }) => route === 'generate' && frames >= 0)
    const ended = simulator.when(({ route, outcome }) => route === 'generate' && outcome === 'aborted', 2_000)
    controller.abort()
    expect(await failed).toBeInstanceOf(APIUserAbortError)
    await ended
  })
})
