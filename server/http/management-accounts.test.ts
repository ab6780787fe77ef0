import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createManagementWorld, planted } from './testing/management-world.ts'
import type { ManagementWorld } from './testing/management-world.ts'

let world: ManagementWorld

beforeAll(async () => {
  world = await createManagementWorld()
})

afterAll(() => world.close())

const account = (name: string) => ({
  label: name,
  clientId: 'client-1',
  clientSecret: `${planted}-client-secret-${name}`,
  refreshToken: `${planted}-refresh-token-${name}`,
  accessToken: `${planted}-access-token-${name}`,
})

describe('server/admin/accounts.ts', () => {
  it("adds an account as the older projects' scripts do, and reads it back without secrets", async () => {
    const other = {
      region: 'eu-west-1',
      priority: 3,
      proxy: `http://me:${planted}@proxy.example:1`,
      apiKey: `${planted}-api-key`,
      note: 'mine',
      nested: { token: `${planted}-nested`, kept: 1 },
      password: `${planted}-password`,
    }
    const created = await world.call('POST', '/v2/accounts', { ...account('one'), enabled: null, other })
    expect(created.status).toBe(200)
    expect(created.json).toMatchObject({
      id: expect.any(String),
      label: 'one',
      type: 'amazonq',
      enabled: true,
      status: 'ready',
      last_refresh_time: null,
      last_refresh_status: 'never',
      error_count: 0,
      success_count: 0,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u),
      updated_at: expect.any(String),
      quota: null,
      other: { priority: 3, proxy: 'http://me:***@proxy.example:1', note: 'mine', nested: { kept: 1 } },
    })
    const { id } = created.json
    expect((await world.call('GET', `/v2/accounts/${id}`)).json).toEqual(created.json)
    expect((await world.call('GET', '/v2/accounts')).json).toEqual({ accounts: [created.json], count: 1 })
    expect((await world.call('GET', '/v2/accounts?enabled=false')).json).toEqual({ accounts: [], count: 0 })
    expect((await world.call('GET', '/v2/stats/accounts')).json.accounts[0]).toMatchObject({ id, requests: 0 })
  })

  it('changes fields, and keeps what was shown masked and came back', async () => {
    const { json } = await world.call('GET', '/v2/accounts')
    const [first] = json.accounts
    const changed = await world.call('PATCH', `/v2/accounts/${first?.id}`, {
      enabled: false,
      label: 'renamed',
      other: { ...first?.other, priority: 9 },
    })
    expect(changed.json).toMatchObject({ enabled: false, label: 'renamed', other: { priority: 9, note: 'mine' } })
    const stored = world.accounts.get(first?.id ?? '')
    expect(stored?.other['proxy']).toBe(`http://me:${planted}@proxy.example:1`)
    expect((await world.call('GET', '/v2/accounts?enabled=false')).json.count).toBe(1)
    const hidden = await world.call('PATCH', `/v2/accounts/${first?.id}`, { other: { proxy: 'http://me:***@other:1' } })
    expect(hidden.json.error).toMatchObject({ code: 'invalid-request', path: 'other.proxy' })
  })

  it('gets a new token, tests and deletes', async () => {
    const { json: created } = await world.call('POST', '/v2/accounts', account('two'))
    const refreshed = await world.call('POST', `/v2/accounts/${created.id}/refresh`)
    expect(refreshed.json.last_refresh_time).not.toBeNull()
    expect(refreshed.json.last_refresh_status).not.toBe('never')
    expect((await world.call('POST', `/v2/accounts/${created.id}/test`)).json).toEqual({
      ok: true,
      latencyMs: 12,
      model: 'm',
      text: 'Hi',
      error: null,
    })
    expect((await world.call('DELETE', `/v2/accounts/${created.id}`)).json).toEqual({ deleted: created.id })
    expect((await world.call('GET', `/v2/accounts/${created.id}`)).status).toBe(404)
    expect([...world.secrets.kept.keys()].filter((name) => name.includes(created.id))).toEqual([])
  })

  it.each(['/v2/accounts/batch', '/v2/accounts/feed'])('%s adds line by line', async (path) => {
    const name = path.slice(-4)
    const { json } = await world.call('POST', path, {
      accounts: [account(`a${name}`), { label: 'broken' }, account(`a${name}`), 'text', account(`b${name}`)],
    })
    expect(json.results.map((line) => line.status)).toEqual(['added', 'broken', 'duplicate', 'broken', 'added'])
    expect(json.account_ids).toHaveLength(2)
    expect(json.status).toBe('partial')
    expect(json.results[1]?.message).toMatch(/refreshToken/u)
  })
})

describe('server/admin/account-import.ts', () => {
  it('understands other spellings, previews, and does not add twice', async () => {
    const lines = [
      {
        name: 'snake',
        client_id: 'c',
        client_secret: `${planted}-s`,
        refresh_token: `${planted}-r`,
        enabled: 0,
        other: '{"rpm":5}',
      },
      { refreshToken: `${planted}-social`, provider: 'Google', region: 'us-east-1', expiresAt: 'whenever' },
    ]
    const preview = await world.call('POST', '/v2/accounts/import', { accounts: lines, preview: true })
    expect(preview.json.results.map((line) => line.status)).toEqual(['new', 'new'])
    const done = await world.call('POST', '/v2/accounts/import', lines)
    expect(done.json.results.map((line) => line.status)).toEqual(['added', 'added'])
    const added = await Promise.all(done.json.account_ids.map((id) => world.call('GET', `/v2/accounts/${id}`)))
    expect(added.map(({ json }) => json)).toMatchObject([
      { label: 'snake', type: 'amazonq', enabled: false, other: { rpm: 5 } },
      { type: 'kiro', authMethod: 'social', enabled: true },
    ])
    const again = await world.call('POST', '/v2/accounts/import', { accounts: lines })
    expect(again.json.results.map((line) => line.status)).toEqual(['duplicate', 'duplicate'])
  })
})

describe('server/admin/account-export.ts', () => {
  it('seals under a passphrase, and the seal opens elsewhere', async () => {
    const passphrase = 'correct horse'
    const sealed = await world.call('GET', '/v2/accounts/export', undefined, { 'x-export-passphrase': passphrase })
    expect(sealed.json).toMatchObject({ format: 'culvert-accounts-sealed', version: 1 })
    expect(sealed.text).not.toContain(planted)
    const other = await createManagementWorld()
    try {
      const wrong = await other.call('POST', '/v2/accounts/import', { sealed: sealed.json, passphrase: 'wrong horse' })
      expect(wrong.json.error).toMatchObject({ code: 'invalid-request', path: 'passphrase' })
      const opened = await other.call('POST', '/v2/accounts/import', { sealed: sealed.json, passphrase })
      expect(opened.json.results.every((line) => line.status === 'added')).toBe(true)
      expect(opened.json.results).toHaveLength(world.accounts.list().length)
      const proxies = other.accounts.list().flatMap((each) => each.other['proxy'] ?? [])
      expect(proxies).toEqual([`http://me:${planted}@proxy.example:1`])
    } finally {
      await other.close()
    }
  })

  it('is plain only by explicit choice', async () => {
    const { json } = await world.call('GET', '/v2/accounts/export?format=plain')
    expect(json.format).toBe('culvert-accounts')
    const renamed = json.accounts.find((each) => each.label === 'renamed')
    expect(renamed).toMatchObject({
      clientSecret: `${planted}-client-secret-one`,
      refreshToken: `${planted}-refresh-token-one`,
      enabled: false,
      other: { region: 'eu-west-1', apiKey: `${planted}-api-key`, proxy: `http://me:${planted}@proxy.example:1` },
    })
    const some = await world.call('POST', '/v2/accounts/export', { plain: true, ids: [world.accounts.list()[0]?.id] })
    expect(some.json.accounts).toHaveLength(1)
    const none = await world.call('POST', '/v2/accounts/export', { plain: true, ids: ['nobody'] })
    expect(none.status).toBe(404)
  })
})

describe('server/admin/auth.ts', () => {
  it('signs in: start, status, claim', async () => {
    const started = await world.call('POST', '/v2/auth/start', { label: 'device', enabled: false })
    expect(started.json).toMatchObject({
      authId: expect.any(String),
      verificationUriComplete: 'https://device.example/?user_code=ABCD-EFGH',
      userCode: 'ABCD-EFGH',
      expiresIn: 600,
      interval: 1,
    })
    const { authId } = started.json
    const waiting = await world.call('GET', `/v2/auth/status/${authId}`)
    expect(waiting.json).toMatchObject({ status: 'pending', state: 'waiting', error: null, accountId: null })
    const claim = world.call('POST', `/v2/auth/claim/${authId}`)
    world.person.hasConfirmed = true
    const claimed = await claim
    expect(claimed.json).toMatchObject({
      status: 'completed',
      error: null,
      account: { label: 'device', enabled: false },
    })
    const done = await world.call('GET', `/v2/auth/status/${authId}`)
    expect(done.json).toMatchObject({ status: 'completed', state: 'done', accountId: claimed.json.accountId })
  })

  it('cancels', async () => {
    world.person.hasConfirmed = false
    const { json } = await world.call('POST', '/v2/auth/start')
    const cancelled = await world.call('POST', `/v2/auth/cancel/${json.authId}`)
    expect(cancelled.json).toMatchObject({ status: 'error', state: 'cancelled', error: expect.stringMatching(/\.$/u) })
    const claimed = await world.call('POST', `/v2/auth/claim/${json.authId}`)
    expect(claimed.json).toMatchObject({ status: 'error', account: null })
    expect((await world.call('GET', '/v2/auth')).json.logins[0]).toMatchObject({ authId: json.authId })
    const late = await world.call('POST', `/v2/auth/callback-url/${json.authId}`, { url: 'http://localhost:1/?code=x' })
    expect(late.status).toBeGreaterThanOrEqual(400)
  })
})

describe('server/admin/api-keys.ts', () => {
  it('shows a key once', async () => {
    const created = await world.call('POST', '/v2/api-keys', {
      name: 'laptop',
      expires_at: '2100-01-01T00:00:00+02:00',
    })
    const { key, id } = created.json
    expect(key).toMatch(/^culvert_[\w-]{43}$/u)
    expect(created.json).toMatchObject({ name: 'laptop', expires_at: '2099-12-31T22:00:00.000Z', revoked: false })
    expect(world.keys.verify(key)).toMatchObject({ id })
    const list = await world.call('GET', '/v2/api-keys')
    expect(list.json.count).toBe(2)
    expect(list.text).not.toContain(key.slice(13))
    const changed = await world.call('PUT', `/v2/api-keys/${id}`, { name: 'desk', expires_at: null })
    expect(changed.json).toMatchObject({ name: 'desk', expires_at: null })
    const rotated = await world.call('POST', `/v2/api-keys/${id}/rotate`)
    expect(rotated.json.key).not.toBe(key)
    expect(world.keys.verify(key)).toBeUndefined()
    const revoked = await world.call('POST', `/v2/api-keys/${id}/revoke`)
    expect(revoked.json).toMatchObject({ revoked: true, enabled: false })
    expect(revoked.text).not.toContain(rotated.json.key.slice(13))
    expect((await world.call('GET', `/v2/api-keys/${id}`)).json).toEqual(revoked.json)
    expect((await world.call('DELETE', `/v2/api-keys/${id}`)).json).toEqual({ deleted: id })
  })
})

describe('secrets', () => {
  it('are in no answer of any procedure that only reads', async () => {
    const id = world.accounts.list()[0]?.id ?? ''
    const login = world.logins.list()[0]?.id ?? ''
    const key = world.keys.list()[0]?.id ?? ''
    const reads = [
      '/v2/accounts',
      `/v2/accounts/${id}`,
      '/v2/auth',
      `/v2/auth/status/${login}`,
      '/v2/settings',
      '/v2/logs',
    ]
    const more = [
      '/v2/logs/stats',
      '/v2/api-keys',
      `/v2/api-keys/${key}`,
      '/v2/stats/accounts',
      '/v2/stats/api-keys',
      '/v2/status',
    ]
    for (const path of [...reads, ...more, '/openapi.json', '/docs']) {
      const { status, text } = await world.call('GET', path)
      expect(status).toBe(200)
      expect(text).not.toContain(planted)
      expect(text).not.toContain(world.adminToken)
      expect(text).not.toContain(world.keys.firstKey ?? 'there is one')
    }
  })

  it('are in no row of the database', async () => {
    const rows = [await world.store.accounts.list(), await world.store.logins.list(), await world.store.keys.list()]
    const text = JSON.stringify([rows, [...(await world.store.settings.all())]])
    expect(text).not.toContain(planted)
    expect(text).not.toContain(world.adminToken)
    expect(text).not.toContain(world.keys.firstKey ?? 'there is one')
    expect(world.errors).toEqual([])
  })
})
