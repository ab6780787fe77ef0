import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SecretsNotSavedError } from '../secrets/secret-store.ts'
import { sampleRequest } from '../store/store-samples.ts'
import { createManagementWorld, planted } from './testing/management-world.ts'
import type { ManagementWorld } from './testing/management-world.ts'

let world: ManagementWorld

beforeAll(async () => {
  world = await createManagementWorld()
})

afterAll(() => world.close())

const credentials = {
  clientId: 'client-1',
  clientSecret: `${planted}-client-secret-1`,
  refreshToken: `${planted}-refresh-token-1`,
}

describe('server/http/management.ts: who may call', () => {
  it.each<[string, Record<string, string>, number, string]>([
    ['no token', { authorization: '' }, 401, 'unauthenticated'],
    ['a client key', { authorization: 'CLIENT' }, 401, 'unauthenticated'],
    ['the admin token in x-api-key', { authorization: '', 'x-api-key': 'ADMIN' }, 401, 'unauthenticated'],
  ])('refuses %s', async (_name, headers, status, code) => {
    const filled = Object.entries(headers).map(([name, value]) => [
      name,
      value.replace('CLIENT', `Bearer ${world.keys.firstKey ?? ''}`).replace('ADMIN', world.adminToken),
    ])
    const answer = await world.call(
      'GET',
      '/v2/accounts',
      undefined,
      Object.fromEntries(filled) as Record<string, string>,
    )
    expect(answer.status).toBe(status)
    expect(answer.json.error).toMatchObject({ code, message: expect.stringMatching(/\.$/u) })
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/u)
  })

  it('does not take the admin token for a client key', () => {
    expect(world.keys.verify(world.adminToken)).toBeUndefined()
  })

  it('refuses pages of other origins, and names none of them', async () => {
    const answer = await world.call('GET', '/v2/accounts', undefined, { origin: 'https://evil.example' })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('locks an address out after five wrong tokens, the right one included', async () => {
    const other = await createManagementWorld()
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        const answer = await other.call('GET', '/v2/status', undefined, { authorization: `Bearer wrong${attempt}` })
        expect(answer.status).toBe(401)
      }
      const answer = await other.call('GET', '/v2/status')
      expect(answer.status).toBe(429)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(800)
      expect(answer.json.error).toMatchObject({ code: 'rate-limited', retryAfter: expect.any(Number) })
    } finally {
      await other.close()
    }
  })
})

describe('server/http/management.ts: how it answers', () => {
  it.each<[string, string, unknown, Record<string, string>, number, string, string | undefined]>([
    ['GET', '/v2/nothing', undefined, {}, 404, 'not-found', undefined],
    ['DELETE', '/v2/accounts', undefined, {}, 404, 'not-found', undefined],
    ['GET', '/v2/accounts/nobody', undefined, {}, 404, 'not-found', undefined],
    ['POST', '/v2/accounts', '{"a":', {}, 400, 'invalid-request', undefined],
    ['POST', '/v2/accounts', '[]', {}, 400, 'invalid-request', undefined],
    [
      'POST',
      '/v2/accounts',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
      'invalid-request',
      undefined,
    ],
    ['POST', '/v2/accounts', '{}', { 'content-type': 'text/plain' }, 400, 'invalid-request', undefined],
    ['POST', '/v2/accounts', { ...credentials, enabled: 'yes' }, {}, 400, 'invalid-request', 'enabled'],
    ['POST', '/v2/accounts', { ...credentials, typo: 1 }, {}, 400, 'invalid-request', 'typo'],
    ['POST', '/v2/accounts', { ...credentials, other: { rpm: -1 } }, {}, 400, 'invalid-request', 'other.rpm'],
    ['POST', '/v2/accounts', { label: 'empty' }, {}, 400, 'invalid-request', 'refreshToken'],
    ['POST', '/v2/accounts', { ...credentials, clientSecret: null }, {}, 400, 'invalid-request', 'clientSecret'],
    ['POST', '/v2/accounts/batch', { accounts: [] }, {}, 400, 'invalid-request', 'accounts'],
    ['POST', '/v2/accounts/import', { accounts: 'x' }, {}, 400, 'invalid-request', 'accounts'],
    ['POST', '/v2/accounts/export', {}, {}, 400, 'invalid-request', 'passphrase'],
    ['POST', '/v2/accounts/export', { passphrase: 'short' }, {}, 400, 'invalid-request', 'passphrase'],
    ['GET', '/v2/accounts/export', undefined, {}, 400, 'invalid-request', 'passphrase'],
    ['POST', '/v2/auth/start', { method: 'idc' }, {}, 400, 'invalid-request', 'startUrl'],
    ['POST', '/v2/auth/start', { region: 'here' }, {}, 400, 'invalid-request', 'region'],
    ['POST', '/v2/auth/claim/nobody', undefined, {}, 404, 'not-found', undefined],
    ['PUT', '/v2/settings', { port: 'x' }, {}, 400, 'invalid-request', 'port'],
    ['PUT', '/v2/settings', { colour: 'red' }, {}, 400, 'invalid-request', 'colour'],
    ['PUT', '/v2/settings', { logLevel: 'info' }, {}, 400, 'invalid-request', 'logLevel'],
    ['GET', '/v2/logs?limit=0', undefined, {}, 400, 'invalid-request', 'limit'],
    ['GET', '/v2/logs?limit=many', undefined, {}, 400, 'invalid-request', 'limit'],
    ['GET', '/v2/logs?cursor=made-up', undefined, {}, 400, 'invalid-request', 'cursor'],
    ['POST', '/v2/api-keys', { name: ' ' }, {}, 400, 'invalid-request', 'name'],
    ['POST', '/v2/api-keys', { name: 'x', expires_at: 'soon' }, {}, 400, 'invalid-request', 'expires_at'],
    ['POST', '/v2/api-keys/nobody/revoke', undefined, {}, 404, 'not-found', undefined],
    ['GET', '/v2/events?topics=weather', undefined, {}, 400, 'invalid-request', 'topics'],
  ])('%s %s with %j: says what is wrong', async (method, path, body, headers, status, code, field) => {
    const answer = await world.call(method, path, body, headers)
    expect(answer.json.error).toEqual({
      code,
      message: expect.stringMatching(/^\S.*\.$/u),
      ...(field === undefined ? {} : { path: field }),
    })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('request-id')).toMatch(/^req_/u)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.text).not.toContain(planted)
  })

  it('stops reading a body that is too large', async () => {
    const answer = await world.call('POST', '/v2/accounts', JSON.stringify({ label: 'x'.repeat(5 * 1_048_576) }))
    expect(answer.status).toBe(413)
    expect(answer.json.error).toMatchObject({ code: 'request-too-large', message: expect.stringContaining('4 MB') })
  })

  it('leaves other paths alone', async () => {
    expect(await world.call('GET', '/v22')).toMatchObject({ status: 404, text: 'elsewhere' })
    expect(await world.call('POST', '/docs')).toMatchObject({ status: 404, text: 'elsewhere' })
  })

  it('says why a secret could not be kept', async () => {
    const { set } = world.secrets
    world.secrets.set = () => Promise.reject(new SecretsNotSavedError('The keychain is locked. Unlock it.'))
    const answer = await world.call('POST', '/v2/accounts', { ...credentials, refreshToken: `${planted}-unsaved` })
    world.secrets.set = set
    expect(answer.status).toBe(503)
    expect(answer.json.error).toEqual({ code: 'unavailable', message: 'The keychain is locked. Unlock it.' })
  })

  it('says nothing of an error that nobody foresaw', async () => {
    const list = world.accounts.list
    world.accounts.list = () => {
      throw new Error(`secret ${planted}`)
    }
    const answer = await world.call('GET', '/v2/status')
    world.accounts.list = list
    expect(answer.status).toBe(500)
    expect(answer.json.error).toMatchObject({ code: 'internal' })
    expect(answer.text).not.toContain(planted)
    expect(world.errors.splice(0)).toHaveLength(1)
  })
})

describe('server/http/management.ts: status, settings, logs', () => {
  it('says what it is', async () => {
    const { json } = await world.call('GET', '/v2/status')
    expect(json).toMatchObject({
      name: 'Culvert',
      version: '0.1.0',
      uptime: 5,
      address: { host: '127.0.0.1', url: world.url },
      secret_store: { kind: 'memory', sentence: expect.stringMatching(/\.$/u) },
      capabilities: ['accounts'],
      keys_required: true,
    })
  })

  it('reads and changes settings, and takes back what was read', async () => {
    const before = await world.call('GET', '/v2/settings')
    expect(before.json).toMatchObject({
      port: 8788,
      logLevel: 'warn',
      overridden: ['logLevel'],
      override_sources: { logLevel: 'LOG_LEVEL' },
    })
    const changed = await world.call('PUT', '/v2/settings', { ...before.json, requestLogDays: 7 })
    expect(changed.json).toEqual({ ...before.json, requestLogDays: 7 })
    expect(world.settings.current().requestLogDays).toBe(7)
  })

  it('pages through the log and cleans it up', async () => {
    const time = Date.now()
    const keyId = world.keys.list()[0]?.id ?? ''
    const records = [0, 1, 2, 3, 4].map((age) =>
      sampleRequest({ time: time - age * 86_400_000, keyId, requestedModel: `model-${age}` }),
    )
    await world.store.requests.insertMany(records)
    const first = await world.call('GET', '/v2/logs?limit=3')
    expect(first.json.records.map((record) => record.requestedModel)).toEqual(['model-0', 'model-1', 'model-2'])
    expect(new Date(first.json.records[0]?.time ?? '').getTime()).toBe(time)
    const second = await world.call('GET', `/v2/logs?limit=3&cursor=${encodeURIComponent(first.json.cursor ?? '')}`)
    expect(second.json.records.map((record) => record.requestedModel)).toEqual(['model-3', 'model-4'])
    expect(second.json.cursor).toBeNull()
    expect((await world.call('GET', '/v2/logs/stats?hours=240')).json).toMatchObject({ requests: 5 })
    expect((await world.call('GET', '/v2/stats/api-keys?hours=240')).json.keys[0]).toMatchObject({
      id: keyId,
      requests: 5,
    })
    expect((await world.call('POST', '/v2/logs/cleanup', { days: 2.5 })).json).toEqual({ deleted: 2 })
    expect((await world.call('POST', '/v2/logs/cleanup')).json).toEqual({ deleted: 0 })
  })
})

describe('server/http/management.ts: documents', () => {
  it('serves the document and the pages without a token, and nothing from elsewhere', async () => {
    const json = await world.call('GET', '/openapi.json', undefined, { authorization: '' })
    expect(json.status).toBe(200)
    expect(json.json).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./u) })
    const page = await world.call('GET', '/docs', undefined, { authorization: '' })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'sha256-")
    expect(page.text).toContain('/v2/accounts/{id}/refresh')
    expect(page.text).not.toMatch(/<script|https?:\/\/(?!www\.w3)|\son\w+=|javascript:/iu)
    const head = await world.call('HEAD', '/docs')
    expect(head).toMatchObject({ status: 200, text: '' })
  })
})

describe('server/http/management.ts: events', () => {
  it('streams what happens, without secrets, and ends when the reader leaves', async () => {
    const lines: string[] = []
    const listening = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const seen = Promise.withResolvers<void>()
    const stream = httpRequest(`${world.url}/v2/events`, { headers: { authorization: `Bearer ${world.adminToken}` } })
    stream.on('response', (response) => {
      expect(response.headers['content-type']).toBe('text/event-stream')
      response.setEncoding('utf8').on('data', (chunk: string) => {
        listening.resolve()
        lines.push(...chunk.split('\n'))
        if (lines.some((line) => line.includes('"type":"api-keys-changed"'))) seen.resolve()
      })
      response.on('close', () => ended.resolve())
      response.on('error', () => ended.resolve())
    })
    stream.on('error', () => ended.resolve())
    stream.end()
    await listening.promise
    const account = await world.call('POST', '/v2/accounts', { ...credentials, refreshToken: `${planted}-events` })
    world.feed.publish(sampleRequest({ requestedModel: 'live' }))
    await world.call('PUT', '/v2/settings', { pingIntervalMs: 9_000 })
    await world.call('DELETE', `/v2/accounts/${account.json.id}`)
    await world.call('POST', '/v2/api-keys', { name: 'from events' })
    await seen.promise
    const types = lines.flatMap((line) => /^data: .*?"type":"(?<type>[a-z-]+)"/u.exec(line)?.groups?.['type'] ?? [])
    expect(types).toEqual(['account-changed', 'request', 'settings-changed', 'account-removed', 'api-keys-changed'])
    expect(lines.join('\n')).not.toContain(planted)
    expect(lines.join('\n')).not.toContain('culvert_')
    stream.destroy()
    await ended.promise
    await expect(world.feed.emptied).resolves.toBeUndefined()
  })
})
