import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type IssuedAccount, type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from '../lib/accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

interface ReadAccount {
  readonly id: string
  readonly status: string
}

let simulator: Simulator
let culvert: CulvertProcess

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

beforeEach(async () => {
  simulator.reset()
  culvert = await start()
})

afterEach(() => stopAllCulverts())

async function start(environment: Record<string, string> = {}): Promise<CulvertProcess> {
  return await startCulvert({ environment: { ...simulator.environment, MAX_ERROR_COUNT: '7', ...environment } })
}

async function read(id: string): Promise<unknown> {
  return await culvert.admin('GET', `/v2/accounts/${id}`)
}

function registration({ clientId, clientSecret }: IssuedAccount): object {
  return { clientId, clientSecret }
}

async function models(headers: Record<string, string>): Promise<{ status: number; text: string }> {
  const response = await fetch(`${culvert.url}/v1/models`, { headers: { 'x-api-key': culvert.apiKey, ...headers } })
  return { status: response.status, text: await response.text() }
}

describe('an account over the management API', () => {
  it('answers a real small request as its test, which counts', async () => {
    const account = await addAccount(culvert, simulator.issueAccount())
    const before = simulator.received.filter((request) => request.route === 'generate').length
    expect(await culvert.admin('POST', `/v2/accounts/${account.id}/test`)).toEqual({
      ok: true,
      latencyMs: expect.any(Number),
      model: expect.stringMatching(/^\S+$/u),
      text: expect.stringMatching(/\S/u),
      error: null,
    })
    expect(simulator.received.filter((request) => request.route === 'generate')).toHaveLength(before + 1)
    expect(await read(account.id)).toMatchObject({ success_count: 1, error_count: 0, last_used_at: expect.any(String) })
  })

  it('says in a sentence why its test failed, and rests, or is switched off, accordingly', async () => {
    const account = await addAccount(culvert, simulator.issueAccount())
    simulator.setFault('throttled')
    const failed = { ok: false, text: null, model: expect.any(String), error: expect.stringMatching(/\w+ .*\. /u) }
    expect(await culvert.admin('POST', `/v2/accounts/${account.id}/test`)).toMatchObject(failed)
    expect(await read(account.id)).toMatchObject({ status: 'resting', rests_until: expect.any(String), error_count: 1 })
    simulator.setFault(undefined)
    const issued = simulator.issueAccount()
    const other = await addAccount(culvert, issued)
    simulator.suspend(issued.id)
    expect(await culvert.admin('POST', `/v2/accounts/${other.id}/test`)).toMatchObject(failed)
    expect(await read(other.id)).toMatchObject({
      status: 'suspended',
      enabled: false,
      status_reason: expect.any(String),
    })
    expect(await culvert.admin('GET', '/v2/status')).toMatchObject({
      accounts: { total: 2, enabled: 1, ready: 0, resting: 1, suspended: 1 },
    })
  })

  it('shows its allowance by kind, with reset date, age and source', async () => {
    const issued = simulator.issueAccount({
      credits: { used: 12.5, limit: 1_000 },
      trial: { used: 1, limit: 50 },
      bonuses: [{ name: 'Welcome', used: 2, limit: 20 }],
      overage: true,
    })
    const account = await addAccount(culvert, issued)
    const bucket = (kind: string, used: number) =>
      expect.objectContaining({ kind, used, unit: 'credits', name: expect.any(String), limit: expect.any(Number) })
    expect(account).toMatchObject({
      plan: expect.any(String),
      email: issued.email,
      quota: {
        buckets: [bucket('base', 12.5), bucket('trial', 1), bucket('bonus', 2), bucket('overage', 0)],
        resets_at: expect.stringMatching(/Z$/u),
        fetched_at: expect.stringMatching(/Z$/u),
        age: expect.any(Number),
        source: 'provider',
      },
    })
  })

  it('is refreshed on demand, fails in words, and comes back when the sign-in works again', async () => {
    const issued = simulator.issueAccount()
    const account = await addAccount(culvert, issued)
    expect(account).toMatchObject({
      last_refresh_status: 'success',
      last_refresh_time: expect.stringMatching(/Z$/u),
      expires_at: expect.stringMatching(/Z$/u),
    })
    simulator.setFault({ name: 'invalid-grant', on: 'token', times: 1 })
    await expect(culvert.admin('POST', `/v2/accounts/${account.id}/refresh`)).rejects.toThrow(
      /answered 409: .*no longer valid.*sign in again/u,
    )
    expect(await read(account.id)).toMatchObject({
      status: 'sign-in-needed',
      last_refresh_status: expect.stringMatching(/no longer valid/u),
    })
    expect(await culvert.admin('POST', `/v2/accounts/${account.id}/refresh`)).toMatchObject({
      status: 'ready',
      status_reason: null,
      last_refresh_status: 'success',
    })
  })

  it('may have nothing but an access token, and lives as long as that', async () => {
    const issued = simulator.issueAccount({ kind: 'builder-id' })
    const { accessToken } = issued
    const created = (await culvert.admin('POST', '/v2/accounts', { label: 'short', accessToken })) as ReadAccount
    expect(created).toMatchObject({ authMethod: 'builder-id', expires_at: null, status: 'ready' })
    expect(await culvert.admin('POST', `/v2/accounts/${created.id}/test`)).toMatchObject({ ok: true })
    await expect(culvert.admin('POST', `/v2/accounts/${created.id}/refresh`)).rejects.toThrow(
      /answered 409: .*only an access token/u,
    )
    expect(await read(created.id)).toMatchObject({ status: 'ready' })
    simulator.expireAccessTokens()
    expect(await culvert.admin('POST', `/v2/accounts/${created.id}/test`)).toMatchObject({ ok: false })
    expect(await read(created.id)).toMatchObject({ status: 'sign-in-needed' })
    const next = simulator.issueAccount({ kind: 'builder-id' })
    await culvert.admin('PATCH', `/v2/accounts/${created.id}`, { accessToken: next.accessToken })
    expect(await culvert.admin('POST', `/v2/accounts/${created.id}/test`)).toMatchObject({ ok: true })
    expect(await culvert.admin('POST', '/v2/accounts/import', [{ accessToken: next.accessToken }])).toMatchObject({
      results: [{ status: 'duplicate' }],
    })
  })

  it('moves to another region with its options', async () => {
    const account = await addAccount(culvert, simulator.issueAccount())
    expect(
      await culvert.admin('PATCH', `/v2/accounts/${account.id}`, { other: { region: 'eu-west-1' } }),
    ).toMatchObject({
      region: 'eu-central-1',
      other: { region: 'eu-west-1' },
    })
  })

  it('is the only one whose models a client sees that asks for it', async () => {
    const one = await addAccount(culvert, simulator.issueAccount({ models: ['claude-sonnet-4.5'] }))
    await addAccount(culvert, simulator.issueAccount({ models: ['claude-haiku-4.5'] }))
    expect((await models({})).text).toContain('claude-haiku-4.5')
    const own = await models({ 'x-account-id': one.id })
    expect(own.text).toContain('claude-sonnet-4.5')
    expect(own.text).not.toContain('claude-haiku-4.5')
    const nobody = await models({ 'x-account-id': 'nobody' })
    expect(nobody.status).toBe(403)
    expect(nobody.text).toContain('X-Account-ID')
  })
})

describe('an export', () => {
  it('brings every account to another Culvert as it is, sealed or plain', async () => {
    const kinds = ['builder-id', 'idc', 'social'] as const
    for (const kind of kinds) {
      const issued = simulator.issueAccount({ kind })
      await culvert.admin('POST', '/v2/accounts', {
        label: `the ${kind} one`,
        type: 'kiro',
        enabled: kind !== 'social',
        authMethod: kind,
        refreshToken: issued.refreshToken,
        ...(kind === 'social' ? {} : registration(issued)),
        ...(issued.profileArn === undefined ? {} : { profileArn: issued.profileArn }),
        // Without the start URL nothing else tells an organisation's sign-in from a Builder ID.
        other: { rpm: 5, region: issued.region },
      })
    }
    const accounts = async (of: CulvertProcess) => {
      const list = ((await of.admin('GET', '/v2/accounts?sort_order=asc')) as { accounts: Record<string, unknown>[] })
        .accounts
      return list.map(({ label, type, authMethod, enabled, region, profileArn, other }) => {
        return { label, type, authMethod, enabled, region, profileArn, other }
      })
    }
    const here = await accounts(culvert)
    expect(here.map((account) => account.authMethod)).toEqual(kinds)
    const sealed = await culvert.admin('POST', '/v2/accounts/export', { passphrase: 'a long passphrase' })
    const plain = await culvert.admin('POST', '/v2/accounts/export', { plain: true })
    const bodies = [
      { sealed, passphrase: 'a long passphrase' },
      { accounts: (plain as { accounts: unknown[] }).accounts },
    ]
    for (const body of bodies) {
      const other = await start()
      expect(await other.admin('POST', '/v2/accounts/import', body)).toMatchObject({ status: 'completed' })
      expect(await accounts(other)).toEqual(here)
      await other.stop()
    }
  })
})

describe('the settings', () => {
  it('say what the environment sets, and by which variable', async () => {
    expect(await culvert.admin('GET', '/v2/settings')).toMatchObject({
      maxErrorCount: 7,
      overridden: expect.arrayContaining(['port', 'maxErrorCount']),
      override_sources: { maxErrorCount: 'MAX_ERROR_COUNT', port: '--port' },
    })
    await expect(culvert.admin('PUT', '/v2/settings', { maxErrorCount: 8 })).rejects.toThrow(
      /answered 400: .*set by MAX_ERROR_COUNT, which wins/u,
    )
  })

  it('name the variable that switches keys off', async () => {
    const open = await start({ OPENAI_KEYS: '' })
    expect(await open.admin('GET', '/v2/settings')).toMatchObject({
      keysRequired: false,
      override_sources: { keysRequired: 'OPENAI_KEYS' },
    })
  })

  it('change what is logged at once', async () => {
    const account = await addAccount(culvert, simulator.issueAccount())
    const ask = () =>
      fetch(`${culvert.url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': culvert.apiKey, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'nobody-has-it', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }),
      }).then((response) => response.text())
    await ask()
    expect(culvert.output()).not.toContain('a request failed')
    await culvert.admin('PUT', '/v2/settings', { logLevel: 'info' })
    await ask()
    await culvert.stop()
    expect(culvert.output()).toContain('a request failed')
    expect(culvert.output()).not.toContain(account.id)
  })
})
