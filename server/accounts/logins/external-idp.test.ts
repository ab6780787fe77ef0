import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createUpstreamClient } from '../../backends/fetch-upstream.ts'
import type { UpstreamClient } from '../../backends/fetch-upstream.ts'
import { isTrustedTokenEndpoint, refreshAtExternalIdp } from './external-idp.ts'

let server: Server | undefined
let client: UpstreamClient | undefined

afterEach(async () => {
  await client?.close()
  server?.close()
})

/** A token endpoint that answers one thing, and what it was sent. */
async function provider(status: number, body: string, headers: Record<string, string> = {}) {
  const seen: string[] = []
  server = createServer((request, response) => {
    let form = ''
    request.setEncoding('utf8').on('data', (part: string) => (form += part))
    request.on('end', () => {
      seen.push(form)
      response.writeHead(status, headers).end(body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  client = createUpstreamClient({ proxy: 'none' })
  const options = { client, userAgent: () => 'Culvert/test', now: () => 1_000, trustedHosts: [host] }
  const refresh = {
    tokenEndpoint: `http://${host}/token`,
    clientId: 'app',
    refreshToken: 'old',
    scope: 'a offline_access',
  }
  return { seen, refresh: () => refreshAtExternalIdp(options, refresh) }
}

describe('external-idp', () => {
  const endpoints: [string, boolean][] = [
    ['https://login.microsoftonline.com/tenant/oauth2/v2.0/token', true],
    ['https://acme.okta.com/oauth2/v1/token', true],
    ['http://login.microsoftonline.com/token', false],
    ['https://login.microsoftonline.com:8443/token', false],
    ['https://login.microsoftonline.com.evil.example/token', false],
    ['https://evilokta.com/token', false],
    ['https://user@acme.okta.com/token', false],
    ['https://169.254.169.254/token', false],
    ['nonsense', false],
  ]
  for (const [endpoint, isTrusted] of endpoints) {
    it(`${isTrusted ? 'trusts' : 'does not trust'} ${endpoint}`, () => {
      expect(isTrustedTokenEndpoint(endpoint, [])).toBe(isTrusted)
    })
  }

  it('asks with a form and reads the answer', async () => {
    const { seen, refresh } = await provider(200, '{"access_token":"a","refresh_token":"r","expires_in":"60"}')
    expect(await refresh()).toEqual({ accessToken: 'a', refreshToken: 'r', expiresAt: 61_000 })
    expect(Object.fromEntries(new URLSearchParams(seen[0]))).toEqual({
      client_id: 'app',
      grant_type: 'refresh_token',
      refresh_token: 'old',
      scope: 'a offline_access',
    })
  })

  it('keeps the refresh token where the provider does not rotate it', async () => {
    const { refresh } = await provider(200, '{"access_token":"a"}')
    expect(await refresh()).toEqual({ accessToken: 'a', expiresAt: 3_601_000 })
  })

  const failures: [number, string, Record<string, string>, object][] = [
    [
      400,
      '{"error":"invalid_grant","error_description":"Revoked."}',
      {},
      { code: 'invalid_grant', message: 'Revoked.' },
    ],
    [429, '<html>', { 'retry-after': '7' }, { code: 'rate_limited', retryAfterMs: 7_000 }],
    [503, '', {}, { code: 'server_error' }],
    [200, '{}', {}, { kind: 'upstream-invalid' }],
    [200, '[1', {}, { kind: 'upstream-invalid' }],
  ]
  for (const [status, body, headers, expected] of failures) {
    it(`rejects ${status} ${body}`, async () => {
      const { refresh } = await provider(status, body, headers)
      await expect(refresh()).rejects.toMatchObject(expected)
    })
  }

  it('sends nothing to a host that it does not know', async () => {
    client = createUpstreamClient({ proxy: 'none' })
    const options = { client, userAgent: () => 'Culvert/test', now: () => 0 }
    const refresh = { tokenEndpoint: 'https://evil.example/token', clientId: 'app', refreshToken: 'old' }
    await expect(refreshAtExternalIdp(options, refresh)).rejects.toMatchObject({ kind: 'forbidden' })
  })
})
