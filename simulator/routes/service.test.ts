import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../index.ts'
import { generate, message, textOf } from '../test-client.ts'
import { serviceRoute } from './service.ts'

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())

describe('routes/service', () => {
  it('answers SendMessage like GenerateAssistantResponse, over JSON-RPC and over REST', async () => {
    const account = simulator.issueAccount()
    const body = message('[[scenario:text]] hello', { source: 'CLI', dryRun: false })
    const target = { 'x-amz-target': 'AmazonQDeveloperStreamingService.SendMessage' }
    const json = await generate(simulator, account, body, { headers: target })
    expect(textOf(json).length).toBeGreaterThan(0)
    const rest = await fetch(`${simulator.environment.AMAZONQ_API_ENDPOINT}/SendMessageStreaming`, {
      method: 'POST',
      headers: { authorization: `Bearer ${account.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(rest.status).toBe(200)
    expect(rest.headers.get('content-type')).toBe('application/vnd.amazon.eventstream')
    await rest.arrayBuffer()
  })

  it.each([
    ['q', 'POST', '/SendMessageStreaming', undefined, 'E2'],
    ['q', 'POST', '/eu-central-1/', 'AmazonQDeveloperStreamingService.SendMessage', 'E1'],
    ['runtime', 'POST', '/', 'AmazonQDeveloperStreamingService.SendMessage', 'E4'],
    ['runtime', 'POST', '/SendMessageStreaming', undefined, undefined],
  ] as const)('%s %s %s %s is endpoint %s', (prefix, method, path, target, endpoint) => {
    expect(serviceRoute(prefix, method, path, target)?.endpoint).toBe(endpoint)
  })
})
