import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from '../lib/accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

interface Fixture {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

const directory = join(import.meta.dirname, '..', 'fixtures', 'clients')
const names = readdirSync(directory).filter((name) => name.startsWith('claude-code-'))

let simulator: Simulator
let culvert: CulvertProcess

beforeAll(async () => {
  simulator = await startSimulator()
  culvert = await startCulvert({ environment: { ...simulator.environment } })
  await addAccount(culvert, simulator.issueAccount())
})
afterAll(async () => {
  await stopAllCulverts()
  await simulator.close()
})

/** Hop-by-hop headers and the length belong to the recorded connection, not to the request. */
const ofTheConnection = /^(?:host|connection|content-length|accept-encoding|authorization|x-api-key)$/iu

function replay({ method, path, headers, body }: Fixture, changes: object): Promise<Response> {
  const kept = Object.entries(headers).filter(([name]) => !ofTheConnection.test(name))
  return fetch(culvert.url + path, {
    method,
    headers: { ...Object.fromEntries(kept), 'x-api-key': culvert.apiKey },
    body: JSON.stringify({ ...body, ...changes }),
  })
}

function read(name: string): Fixture {
  return JSON.parse(readFileSync(join(directory, name), 'utf8')) as Fixture
}

describe('claude-code-fixtures: recorded requests, replayed', () => {
  it('are all there', () => expect(names.length).toBeGreaterThanOrEqual(7))

  it.each(names)('%s is accepted by the strict service, streamed', async (name) => {
    const response = await replay(read(name), { stream: true })
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/u)
    expect(text).toMatch(/^event: message_start\n/u)
    expect(text).toMatch(/event: message_stop\ndata: \{"type":"message_stop"\}\n\n$/u)
    expect(text).not.toContain('safeguard')
    const received = simulator.received.at(-1)
    expect(received).toMatchObject({ route: 'generate', status: 200, outcome: 'ok' })
    expect(received?.refusal).toBeUndefined()
  })

  it.each(names)('%s is accepted by the strict service, as a whole', async (name) => {
    const response = await replay(read(name), { stream: false })
    expect(response.status).toBe(200)
    const message = (await response.json()) as { content: unknown[]; stop_reason: string; usage: object }
    expect(message.content.length).toBeGreaterThan(0)
    expect(message.stop_reason).toBe('end_turn')
    expect(message.usage).toMatchObject({ input_tokens: expect.any(Number), output_tokens: expect.any(Number) })
    expect(simulator.received.at(-1)).toMatchObject({ route: 'generate', status: 200, outcome: 'ok' })
  })

  it.each(names)('%s: what is for Anthropic only goes no further', (name) => {
    const { body } = read(name)
    const sent = JSON.stringify(simulator.received.filter(({ route }) => route === 'generate').map((one) => one.body))
    expect(JSON.stringify(body)).toMatch(/x-anthropic-billing-header|safeguards|metadata/u)
    for (const word of ['x-anthropic-billing-header', 'classifier_context', 'DeferredToolPlaceholder', 'device_id']) {
      expect(sent).not.toContain(word)
    }
  })
})
