import { describe, expect, it } from 'vitest'
import type { BackendAccount } from '../backend.ts'
import { createEndpointMemory } from './endpoint-memory.ts'
import { apiRegions, chatUrl, endpointOrder } from './endpoints.ts'
import { chatHeaders, controlHeaders } from './headers.ts'

const arn = 'arn:aws:codewhisperer:eu-central-1:123456789012:profile/ABCDEFGHIJKL'

function account(fields: Partial<BackendAccount> = {}): BackendAccount {
  return { id: 'a', type: 'kiro', authMethod: 'builder-id', apiRegion: 'us-east-1', options: {}, ...fields }
}

describe('endpoints', () => {
  it('orders them by whether there is a profile, and by the account’s own wish', () => {
    expect(endpointOrder(account(), {})).toEqual(['q-json', 'q-rest'])
    expect(endpointOrder(account({ profileArn: arn }), {})).toEqual(['q-rest', 'runtime'])
    const wish = { endpoints: ['runtime', 'q-json', 'nonsense'] }
    expect(endpointOrder(account({ options: wish }), {})).toEqual(['runtime', 'q-json'])
    expect(endpointOrder(account({ options: { endpoints: ['nonsense'] } }), {})).toEqual(['q-json', 'q-rest'])
  })

  it('never leaves a redirected host for a real one', () => {
    const order = endpointOrder(account({ profileArn: arn }), { qBase: 'http://127.0.0.1:1' })
    expect(order).not.toContain('runtime')
    const own = account({ profileArn: arn, options: { api_endpoint: 'http://127.0.0.1:1' } })
    expect(endpointOrder(own, {})).not.toContain('runtime')
  })

  it('knows the real addresses by region', () => {
    const german = account({ apiRegion: 'eu-central-1' })
    expect(chatUrl('q-json', german, {})).toBe('https://q.eu-central-1.amazonaws.com/')
    expect(chatUrl('q-rest', account(), {})).toBe('https://q.us-east-1.amazonaws.com/generateAssistantResponse')
    expect(chatUrl('runtime', german, {})).toBe('https://runtime.eu-central-1.kiro.dev/generateAssistantResponse')
    expect(apiRegions(german, {})).toEqual(['eu-central-1', 'us-east-1'])
    expect(apiRegions(german, { qBase: 'http://127.0.0.1:1' })).toEqual(['eu-central-1'])
  })

  it('takes other addresses with and without a region in them', () => {
    expect(chatUrl('q-rest', account(), { qBase: 'http://127.0.0.1:1/q/' })).toBe(
      'http://127.0.0.1:1/q/generateAssistantResponse',
    )
    expect(chatUrl('q-json', account(), { qBase: 'https://{region}.example' })).toBe('https://us-east-1.example/')
    const own = account({ options: { api_endpoint: 'https://own.example/q' } })
    expect(chatUrl('q-json', own, { qBase: 'http://127.0.0.1:1' })).toBe('https://own.example/q/')
  })

  it('does not let a damaged region choose the host', () => {
    for (const apiRegion of ['', 'evil.example/', 'a@b', 'x'.repeat(50)]) {
      expect(() => chatUrl('q-rest', account({ apiRegion }), {})).toThrow(/region/u)
    }
  })
})

describe('endpoint-memory', () => {
  it('keeps accounts and profiles apart, and forgets the oldest', () => {
    const memory = createEndpointMemory()
    memory.refuse(account(), 'q-rest')
    expect(memory.of(account()).refused.has('q-rest')).toBe(true)
    expect(memory.of(account({ profileArn: arn })).refused.size).toBe(0)
    memory.refuseTaskType(account())
    expect(memory.of(account())).toMatchObject({ isTaskTypeRefused: true })
    for (let number = 0; number < 1_000; number++) memory.refuse(account({ id: `n${number}` }), 'q-json')
    expect(memory.of(account()).refused.size).toBe(0)
  })
})

describe('headers', () => {
  const context = {
    accessToken: 'aoa-1',
    authMethod: 'builder-id',
    options: { userAgent: 'Culvert/1', optOutOfTraining: false },
    attempt: 2,
  } as const

  it('fit the endpoint', () => {
    expect(chatHeaders('q-json', context)).toMatchObject({
      authorization: 'Bearer aoa-1',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse',
      'x-amzn-codewhisperer-optout': 'false',
      'amz-sdk-request': 'attempt=2; max=3',
    })
    expect(chatHeaders('runtime', context)).toMatchObject({ 'content-type': 'application/json' })
    expect(chatHeaders('runtime', context)).not.toHaveProperty('x-amz-target')
    expect(controlHeaders(context)).not.toHaveProperty('tokentype')
  })

  it('name the kinds of token that must be named', () => {
    expect(controlHeaders({ ...context, authMethod: 'external-idp' })).toMatchObject({ tokentype: 'EXTERNAL_IDP' })
    expect(chatHeaders('q-rest', { ...context, authMethod: 'api-key' })).toMatchObject({ tokentype: 'API_KEY' })
  })
})
