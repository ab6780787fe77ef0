import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { decideOrigin } from './origin.ts'
import type { OriginScope } from './origin.ts'

const allowedOrigins = ['https://tool.example', 'chrome-extension://abcdef', 'http://localhost:3000/', 'null', '*']
const host = '127.0.0.1:8788'

function decide(headers: IncomingHttpHeaders, scope: OriginScope = 'client', method = 'POST') {
  return decideOrigin({ method, scope, allowedOrigins, headers: { host, ...headers } })
}

describe('server/http/access/origin.ts', () => {
  it.each<[IncomingHttpHeaders, OriginScope, string, 'pass' | 'refuse']>([
    [{}, 'client', 'POST', 'pass'],
    [{}, 'management', 'POST', 'pass'],
    [{ 'sec-fetch-site': 'same-origin' }, 'client', 'GET', 'pass'],
    [{ 'sec-fetch-site': 'none' }, 'page', 'GET', 'pass'],
    [{ 'sec-fetch-site': 'cross-site' }, 'client', 'GET', 'refuse'],
    [{ 'sec-fetch-site': 'cross-site' }, 'management', 'GET', 'refuse'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'client', 'GET', 'refuse'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'page', 'GET', 'pass'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'page', 'POST', 'refuse'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 'page', 'GET', 'refuse'],
    [{ origin: 'http://127.0.0.1:8788' }, 'client', 'POST', 'pass'],
    [{ origin: 'http://127.0.0.1:8788' }, 'management', 'POST', 'pass'],
    [{ origin: 'http://127.0.0.1:3000' }, 'management', 'POST', 'refuse'],
    [{ origin: 'http://localhost:8788' }, 'management', 'POST', 'refuse'],
    [{ origin: 'http://127.0.0.1' }, 'client', 'POST', 'refuse'],
    [{ origin: 'http://127.0.0.1:8788.evil.com' }, 'client', 'POST', 'refuse'],
    [{ origin: 'http://evil.com@127.0.0.1:8788' }, 'client', 'POST', 'refuse'],
    [{ origin: 'ftp://127.0.0.1:8788' }, 'client', 'POST', 'refuse'],
    [{ origin: 'https://tool.example' }, 'client', 'POST', 'pass'],
    [{ origin: 'https://TOOL.example' }, 'client', 'POST', 'pass'],
    [{ origin: 'https://tool.example', 'sec-fetch-site': 'cross-site' }, 'client', 'POST', 'pass'],
    [{ origin: 'https://tool.example' }, 'management', 'POST', 'refuse'],
    [{ origin: 'https://tool.example' }, 'page', 'GET', 'refuse'],
    [{ origin: 'http://tool.example' }, 'client', 'POST', 'refuse'],
    [{ origin: 'https://tool.example:8443' }, 'client', 'POST', 'refuse'],
    [{ origin: 'https://tool.example.evil.com' }, 'client', 'POST', 'refuse'],
    [{ origin: 'http://localhost:3000' }, 'client', 'POST', 'pass'],
    [{ origin: 'chrome-extension://abcdef' }, 'client', 'POST', 'pass'],
    [{ origin: 'chrome-extension://other' }, 'client', 'POST', 'refuse'],
    [{ origin: 'moz-extension://abcdef' }, 'client', 'POST', 'refuse'],
    [{ origin: 'vscode-webview://abc' }, 'client', 'POST', 'refuse'],
    [{ origin: 'file://' }, 'client', 'POST', 'refuse'],
    [{ origin: 'null' }, 'client', 'POST', 'refuse'],
    [{ origin: 'null' }, 'page', 'GET', 'refuse'],
    [{ origin: '*' }, 'client', 'POST', 'refuse'],
    [{ origin: '' }, 'client', 'POST', 'refuse'],
  ])('%o at %s, %s: %s', (headers, scope, method, expected) => {
    const decision = decide(headers, scope, method)
    expect(decision).toMatchObject(
      expected === 'pass' ? { kind: 'pass' } : { kind: 'refuse', error: { kind: 'forbidden' } },
    )
  })

  it('names the one origin that was allowed, and never all of them', () => {
    const decision = decide({ origin: 'https://tool.example' })
    expect(decision).toEqual({
      kind: 'pass',
      headers: {
        'access-control-allow-origin': 'https://tool.example',
        'access-control-expose-headers': 'request-id, retry-after, x-culvert-repairs',
        vary: 'Origin',
      },
    })
    expect(decide({ origin: 'http://127.0.0.1:8788' })).toEqual({ kind: 'pass', headers: {} })
  })

  it('answers a preflight for listed origins only', () => {
    const preflight = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-api-key, content-type',
    }
    expect(decide({ ...preflight, origin: 'https://tool.example' }, 'client', 'OPTIONS')).toEqual({
      kind: 'preflight',
      headers: {
        'access-control-allow-origin': 'https://tool.example',
        'access-control-allow-methods': 'GET, HEAD, POST',
        'access-control-allow-headers': 'x-api-key, content-type',
        'access-control-max-age': '600',
        vary: 'Origin',
      },
    })
    expect(decide({ ...preflight, origin: 'https://evil.example' }, 'client', 'OPTIONS').kind).toBe('refuse')
    expect(decide({ ...preflight, origin: 'https://tool.example' }, 'management', 'OPTIONS').kind).toBe('refuse')
  })

  it('does not repeat a header list that is none', () => {
    const headers = { origin: 'https://tool.example', 'access-control-request-method': 'POST' }
    const decision = decide({ ...headers, 'access-control-request-headers': 'a b\tc' }, 'client', 'OPTIONS')
    expect(decision.kind === 'preflight' && decision.headers).not.toHaveProperty('access-control-allow-headers')
  })

  it('lets a page of an allowed origin into the private network when the browser asks', () => {
    const headers = { origin: 'https://tool.example', 'access-control-request-method': 'POST' }
    const decision = decide({ ...headers, 'access-control-request-private-network': 'true' }, 'client', 'OPTIONS')
    expect(decision.kind === 'preflight' && decision.headers['access-control-allow-private-network']).toBe('true')
  })
})
