import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConversation } from '../../simulator/conversation.ts'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { type LocalCulvert, startLocalCulvert } from '../lib/in-process.ts'

interface Fixture {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

const names = ['codex-0.169.0-responses-tools.json', 'codex-0.169.0-responses-lite.json']

let simulator: Simulator
let culvert: LocalCulvert

beforeAll(async () => {
  simulator = await startSimulator()
  culvert = await startLocalCulvert({ ...simulator.environment })
  await culvert.add(simulator.issueAccount())
})
afterAll(async () => {
  await culvert.close()
  await simulator.close()
})

function read(name: string): Fixture {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'clients', name), 'utf8')) as Fixture
}

/** Hop-by-hop headers and the length belong to the recorded connection, not to the request. */
const ofTheConnection = /^(?:host|connection|content-length|authorization)$/iu

function replay(fixture: Fixture, changes: object = {}, path = fixture.path): Promise<Response> {
  const kept = Object.entries(fixture.headers).filter(([name]) => !ofTheConnection.test(name))
  return fetch(culvert.url + path, {
    method: 'POST',
    headers: { ...Object.fromEntries(kept), authorization: `Bearer ${culvert.apiKey}` },
    body: JSON.stringify({ ...fixture.body, ...changes }),
  })
}

describe('openai-responses-fixtures: recorded requests of Codex, replayed', () => {
  it.each(names)('%s is accepted by the strict service, streamed', async (name) => {
    const response = await replay(read(name))
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/u)
    expect(response.headers.get('x-request-id')).toMatch(/^req_/u)
    expect(text).toMatch(/^event: response\.created\n/u)
    expect(text).toMatch(/\nevent: response\.completed\ndata: \{.*\}\n\n$/u)
    expect(simulator.received.at(-1)).toMatchObject({ route: 'generate', status: 200, outcome: 'ok' })
    expect(simulator.received.at(-1)?.refusal).toBeUndefined()
  })

  it.each(names)('%s is answered without a stream too, also under a doubled /v1', async (name) => {
    const response = await replay(read(name), { stream: false }, '/v1/v1/responses?api-version=1')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      object: 'response',
      status: 'completed',
      output: [{ type: 'message' }],
    })
  })

  it('the whole conversation arrives: calls with their results, and tools of the input', async () => {
    const fixture = read('codex-0.169.0-responses-lite.json')
    await (await replay(fixture)).text()
    const conversation = readConversation(simulator.received.at(-1)?.body)
    const calls = conversation.turns.flatMap((turn) => turn.toolUses.map((use) => use.id))
    const results = conversation.turns.flatMap((turn) => turn.toolResults.map((result) => result.toolUseId))
    expect(calls).toHaveLength(2)
    expect(results).toEqual(calls)
    expect(conversation.tools.map((tool) => tool.name)).toEqual(
      expect.arrayContaining(['exec', 'wait', 'collaboration__spawn_agent']),
    )
    const scripted = conversation.turns.flatMap((turn) => turn.toolUses).find((use) => use.name === 'exec')
    expect(scripted?.input).toEqual({ input: expect.stringContaining('tools.exec_command') })
  })

  it('one conversation stays one, whatever is added to it', async () => {
    const fixture = read('codex-0.169.0-responses-tools.json')
    const { input } = fixture.body as { input: unknown[] }
    await (await replay(fixture)).text()
    await (await replay(fixture, { input: [...input, { role: 'user', content: 'And on.' }] })).text()
    await (await replay({ ...fixture, headers: { ...fixture.headers, 'thread-id': 'another' } })).text()
    const [first, second, third] = simulator.received.slice(-3).map(({ body }) => readConversation(body).id)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  it('an upgrade to WebSocket is refused at once', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAA',
        authorization: `Bearer ${culvert.apiKey}`,
      }
      httpRequest(`${culvert.url}/v1/responses`, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(426)
  })

  it('a wrong key and a path that does not exist are told in the shape of this API', async () => {
    const post = (path: string, key: string) =>
      fetch(culvert.url + path, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: '{}' })
    const unknown = await post('/v1/responses/resp_1/cancel', culvert.apiKey)
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining('/v1/responses') },
    })
    expect(unknown.headers.get('x-request-id')).toMatch(/^req_/u)
    const wrong = await post('/v1/responses', 'wrong')
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('x-should-retry')).toBe('false')
    expect(await wrong.json()).toMatchObject({ error: { code: 'invalid_api_key' } })
  })
})
