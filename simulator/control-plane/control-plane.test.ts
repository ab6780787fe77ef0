import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator, type IssuedAccount, type Simulator } from '../index.ts'
import { generate, message } from '../test-client.ts'

let simulator: Simulator
let builderId: IssuedAccount
let organisation: IssuedAccount

type Json = Record<string, unknown>

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

beforeEach(() => {
  simulator.reset()
  builderId = simulator.issueAccount()
  organisation = simulator.issueAccount({ kind: 'idc', moreProfileRegions: ['eu-central-1'] })
})

async function call(
  account: IssuedAccount,
  path: string,
  options: { readonly host?: 'q' | 'runtime'; readonly body?: unknown; readonly target?: string } = {},
): Promise<{ readonly status: number; readonly body: Json }> {
  const response = await fetch(`${simulator.url}/${options.host ?? 'q'}${path}`, {
    method: options.body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${account.accessToken}`,
      'content-type': options.target === undefined ? 'application/json' : 'application/x-amz-json-1.0',
      ...(options.target === undefined ? {} : { 'x-amz-target': `AmazonCodeWhispererService.${options.target}` }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  return { status: response.status, body: (await response.json()) as Json }
}

function idsOf(body: Json): readonly unknown[] {
  return (body['models'] as readonly Json[]).map((model) => model['modelId'])
}

describe('control-plane', () => {
  it('lists the models of the plan on every plane', async () => {
    const rest = await call(builderId, '/ListAvailableModels?origin=AI_EDITOR')
    const json = await call(builderId, '/', { body: { origin: 'AI_EDITOR' }, target: 'ListAvailableModels' })
    const management = await call(builderId, '/List-Available-Models?origin=KIRO_CLI', { host: 'runtime' })
    expect(json.body).toEqual(rest.body)
    expect(management.body).toEqual(rest.body)
    const wanted =
      'auto claude-sonnet-4.5 claude-haiku-4.5 claude-opus-4.5 claude-sonnet-4.6 claude-opus-4.8 claude-sonnet-5'
    expect(idsOf(rest.body)).toEqual(
      expect.arrayContaining([...wanted.split(' '), 'claude-opus-5', 'claude-fable-5', 'gpt-5.6-sol']),
    )
    expect(rest.body['defaultModel']).toMatchObject({ modelId: 'auto' })
    const free = simulator.issueAccount({ plan: 'free' })
    expect(idsOf((await call(free, '/ListAvailableModels?origin=AI_EDITOR')).body)).not.toContain('claude-opus-5')
  })

  it('gives a schema only to the models that take fields', async () => {
    const { body } = await call(builderId, '/ListAvailableModels?origin=AI_EDITOR')
    const withSchema = (body['models'] as readonly Json[]).filter(
      (model) => 'additionalModelRequestFieldsSchema' in model,
    )
    expect(withSchema.map((model) => model['modelId'])).toContain('claude-opus-4.8')
    expect(withSchema.map((model) => model['modelId'])).not.toContain('claude-sonnet-4.5')
  })

  it('lists models in pages', async () => {
    const ids: unknown[] = []
    let token: string | null = ''
    for (let pages = 0; token !== null && pages < 20; pages += 1) {
      const query = `origin=AI_EDITOR&maxResults=5${token === '' ? '' : `&nextToken=${token}`}`
      const { body } = await call(builderId, `/ListAvailableModels?${query}`)
      ids.push(...idsOf(body))
      token = body['nextToken'] as string | null
    }
    expect(ids).toEqual(idsOf((await call(builderId, '/ListAvailableModels?origin=AI_EDITOR&maxResults=100')).body))
    expect((await call(builderId, '/ListAvailableModels')).status).toBe(400)
  })

  it('lists profiles by region, none for a social login, and refuses a Builder ID', async () => {
    const all = await call(organisation, '/ListAvailableProfiles', { body: { maxResults: 10 } })
    expect((all.body['profiles'] as readonly Json[]).map((profile) => profile['arn'])).toEqual([
      organisation.profileArn,
      expect.stringContaining(':eu-central-1:'),
    ])
    const europe = await call(organisation, '/eu-central-1/ListAvailableProfiles', { body: {} })
    expect(europe.body['profiles']).toHaveLength(1)
    const social = simulator.issueAccount({ kind: 'social' })
    expect((await call(social, '/List-Available-Profiles', { host: 'runtime', body: {} })).body['profiles']).toEqual([])
    const refused = await call(builderId, '/', { body: {}, target: 'ListAvailableProfiles' })
    expect(refused.status).toBe(403)
    expect(refused.body['message']).toBe('AWS Builder ID is not supported for this operation.')
    const one = await call(organisation, '/GetProfile', { body: { profileArn: organisation.profileArn } })
    expect(one.body['profile']).toMatchObject({ arn: organisation.profileArn, profileType: 'KIRO' })
  })

  it('refuses a region where the account has nothing', async () => {
    expect((await call(builderId, '/eu-central-1/getUsageLimits?origin=AI_EDITOR')).status).toBe(403)
    expect((await call(builderId, '/us-east-1/getUsageLimits?origin=AI_EDITOR')).status).toBe(200)
  })

  it('tells usage with everything on top, and credits grow with use', async () => {
    const rich = simulator.issueAccount({
      credits: { used: 400.25, limit: 1_000 },
      trial: { used: 500, limit: 500 },
      bonuses: [{ name: 'Welcome', used: 100, limit: 100 }],
      overage: true,
    })
    const usage = async (): Promise<Json> => {
      const { body } = await call(rich, '/getUsageLimits?origin=AI_EDITOR&isEmailRequired=true')
      expect(body['userInfo']).toMatchObject({ email: rich.email })
      return (body['usageBreakdownList'] as readonly Json[])[0] ?? {}
    }
    expect(await usage()).toMatchObject({
      currentUsage: 400,
      currentUsageWithPrecision: 400.25,
      usageLimit: 1_000,
      freeTrialInfo: { freeTrialStatus: 'ACTIVE', usageLimit: 500 },
      bonuses: [{ displayName: 'Welcome', status: 'EXHAUSTED' }],
    })
    await generate(simulator, rich, message('[[scenario:text outputTokens=100000]]'))
    expect(Number((await usage())['currentUsageWithPrecision'])).toBeGreaterThan(410)
    const hidden = await call(rich, '/', { body: { origin: 'AI_EDITOR' }, target: 'GetUsageLimits' })
    expect(hidden.body['userInfo']).toMatchObject({ email: null })
    expect(Number(hidden.body['nextDateReset'])).toBeLessThan(Date.now() / 1_000 + 32 * 86_400)
  })

  it('tells older accounts their limits only', async () => {
    const older = simulator.issueAccount({ legacyLimits: true, credits: { used: 5, limit: 50 } })
    const { body } = await call(older, '/Get-Usage-Limits?origin=KIRO_CLI&resourceType=CREDIT', { host: 'runtime' })
    expect(body['limits']).toEqual([{ type: 'AGENTIC_REQUEST', currentUsage: 5, totalUsageLimit: 50, percentUsed: 10 }])
    expect(body).not.toHaveProperty('usageBreakdownList')
  })

  it('switches overage on', async () => {
    const body = { overageConfiguration: { overageStatus: 'ENABLED' } }
    expect((await call(builderId, '/setUserPreference', { body })).status).toBe(200)
    const usage = await call(builderId, '/getUsageLimits?origin=AI_EDITOR')
    expect(usage.body['overageConfiguration']).toMatchObject({ overageStatus: 'ENABLED' })
  })

  it('refuses a foreign profile ARN', async () => {
    const path = `/getUsageLimits?origin=AI_EDITOR&profileArn=${organisation.profileArn ?? ''}`
    expect(await call(builderId, path)).toEqual({ status: 400, body: { message: 'Invalid profileArn', reason: null } })
  })

  it('fails as told, one operation at a time', async () => {
    simulator.setFault({ name: 'throttled', on: 'usage', times: 1 })
    simulator.setFault({ name: 'token-invalid', on: 'models' })
    expect((await call(builderId, '/getUsageLimits?origin=AI_EDITOR')).status).toBe(429)
    expect((await call(builderId, '/getUsageLimits?origin=AI_EDITOR')).status).toBe(200)
    expect((await call(builderId, '/ListAvailableModels?origin=AI_EDITOR')).status).toBe(403)
    expect((await generate(simulator, builderId, message('x'))).status).toBe(200)
  })

  it('searches the web by MCP', async () => {
    const rpc = (method: string, params: unknown): Promise<{ readonly body: Json }> =>
      call(builderId, '/mcp', { body: { jsonrpc: '2.0', id: 1, method, params } })
    const found = await rpc('tools/call', { name: 'web_search', arguments: { query: 'culverts' } })
    const { content } = found.body['result'] as { content: readonly { text: string }[] }
    expect(JSON.parse(content[0]?.text ?? '')).toMatchObject({ query: 'culverts', totalResults: 2 })
    expect((await rpc('tools/call', { name: 'other' })).body['error']).toMatchObject({ code: -32_602 })
    expect((await rpc('tools/list', {})).body['result']).toMatchObject({ tools: [{ name: 'web_search' }] })
  })
})
