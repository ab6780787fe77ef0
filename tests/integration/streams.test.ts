import { type IncomingMessage, request as httpRequest } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { type LocalCulvert, startLocalCulvert } from '../lib/in-process.ts'

let simulator: Simulator
let culvert: LocalCulvert

beforeEach(async () => {
  simulator = await startSimulator()
  culvert = await startLocalCulvert({ ...simulator.environment })
  await culvert.add(simulator.issueAccount())
})
afterEach(async () => {
  await culvert.close()
  await simulator.close()
})

const body = (text: string, stream = true) => ({
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  stream,
  messages: [{ role: 'user', content: text }],
})

/** The text of all text deltas, joined. */
function textOf(sse: string): string {
  const deltas = sse.matchAll(/^data: (\{"type":"content_block_delta".*\})$/gmu)
  return [...deltas]
    .map(([, json]) => (JSON.parse(json ?? '') as { delta: { text?: string } }).delta.text ?? '')
    .join('')
}

describe('a stream', () => {
  it('gets pings while the upstream is silent', async () => {
    await culvert.foundation.settings.put({ pingIntervalMs: 100 })
    const response = await culvert.ask(body('[[scenario:long-text frames=8]] [[fault:stall-midstream ms=1200]]'))
    const text = await response.text()
    expect(text.split('event: ping\n').length - 1).toBeGreaterThanOrEqual(3)
    expect(text).toContain('event: message_stop')
  })

  it('ends with an error event of its own when the upstream goes silent for too long', async () => {
    await culvert.foundation.settings.put({ idleTimeoutMs: 1_000 })
    const response = await culvert.ask(body('[[scenario:long-text frames=8]] [[fault:stall-midstream]]'))
    const text = await response.text()
    expect(text).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"timeout_error","message":"[^"]{40,}"/u)
  })

  it.each(['one-byte-chunks', 'odd-chunks', 'slow-drip'])('comes whole through %s', async (fault) => {
    const plain = textOf(await (await culvert.ask(body('[[scenario:utf8]]'))).text())
    const chopped = textOf(await (await culvert.ask(body(`[[scenario:utf8]] [[fault:${fault} ms=1]]`))).text())
    expect(plain.length).toBeGreaterThan(50)
    expect(chopped).toBe(plain)
  })

  it('waits for a client that does not read, and loses nothing when it reads on', async () => {
    const frames = 200_000
    const client = await openStream(culvert, JSON.stringify(body(`[[scenario:long-text frames=${frames}]]`)))
    client.response.pause()
    let written = -1
    // Until the simulator can write no more: what it has written then lies in the buffers of sockets.
    await expect
      .poll(
        () => {
          const before = written
          written = simulator.received.findLast((request) => request.route === 'generate')?.frames ?? 0
          return written > 0 && written === before
        },
        { interval: 300, timeout: 30_000 },
      )
      .toBe(true)
    expect(written).toBeLessThan(frames / 2)
    let deltas = 0
    let rest = ''
    for await (const chunk of client.response) {
      const text = rest + String(chunk)
      deltas += text.split('event: content_block_delta\n').length - 1
      rest = text.slice(text.lastIndexOf('\n') + 1)
    }
    expect(deltas).toBe(frames)
  })

  it('is the same answer without streaming', async () => {
    const streamed = textOf(await (await culvert.ask(body('[[scenario:utf8]]'))).text())
    const whole = (await (await culvert.ask(body('[[scenario:utf8]]', false))).json()) as {
      content: { text: string }[]
      usage: object
    }
    expect(whole.content.map((block) => block.text).join('')).toBe(streamed)
    expect(whole.usage).toMatchObject({
      input_tokens: expect.any(Number) as number,
      output_tokens: expect.any(Number) as number,
    })
  })
})

function openStream(server: LocalCulvert, text: string): Promise<{ readonly response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const options = { hostname, port, path: '/v1/messages', method: 'POST', headers: { 'x-api-key': server.apiKey } }
    const request = httpRequest(options, (response) => resolve({ response }))
    request.on('error', reject)
    request.end(text)
  })
}
