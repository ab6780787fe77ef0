import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

const token = 'the-admin-token-of-this-test'
const loaded = 'the management API was loaded'
/** Says when the first module of oRPC is looked for. */
const watch = `import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) {
  if (name.startsWith('@orpc/')) process.stderr.write('${loaded}\\n')
  return next(name, context)
} })`

let culvert: CulvertProcess

beforeAll(async () => {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(watch)}`
  culvert = await startCulvert({ environment: { ADMIN_TOKEN: token, NODE_OPTIONS } })
})

afterAll(() => stopAllCulverts())

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: unknown
}

function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(culvert.url + path, { method, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const { statusCode = 0, headers: answered } = response
        resolve({ status: statusCode, headers: answered, body: JSON.parse(Buffer.concat(parts).toString()) })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

const admin = { authorization: `Bearer ${token}` }

describe('what is refused under /v2 before the management API is loaded', () => {
  it.each<[string, string, string, Record<string, string>, number, string, RegExp]>([
    ['a foreign Host', 'GET', '/v2/accounts', { ...admin, host: 'evil.example' }, 403, 'forbidden', /evil\.example/u],
    [
      'a foreign Origin',
      'POST',
      '/v2/accounts',
      { ...admin, origin: 'https://evil.example' },
      403,
      'forbidden',
      /own console/u,
    ],
    ['no token', 'GET', '/v2/accounts', {}, 401, 'unauthenticated', /admin token/u],
    ['a wrong token', 'POST', '/v2/accounts', { authorization: 'Bearer no' }, 401, 'unauthenticated', /not the admin/u],
    ['an unknown path', 'GET', '/v2/nothing?x=1', admin, 404, 'not-found', /There is no GET \/v2\/nothing\. \/docs/u],
    ['a path that only begins alike', 'PUT', '/v2/accountsx', admin, 404, 'not-found', /\/v2\/accountsx/u],
    ['the root', 'GET', '/v2', admin, 404, 'not-found', /\/docs/u],
    ['the root with a slash', 'GET', '/v2/', admin, 404, 'not-found', /\/docs/u],
  ])('%s', async (_name, method, path, headers, status, code, message) => {
    const answer = await send(method, path, headers, method === 'GET' ? '' : '{"label":"x"}')
    expect(answer.status).toBe(status)
    expect(answer.body).toEqual({ error: { code, message: expect.stringMatching(message) } })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'request-id': expect.stringMatching(/^req_/u),
    })
    expect(answer.headers['www-authenticate']?.includes('Bearer') ?? false).toBe(status === 401)
    expect(culvert.output()).not.toContain(loaded)
  })

  it('an address that has shown too many wrong tokens, with the time to wait', async () => {
    for (let attempt = 0; attempt < 5; attempt++) await send('GET', '/v2/status', { authorization: 'Bearer no' })
    const answer = await send('GET', '/v2/status', admin)
    expect(answer.status).toBe(429)
    expect(answer.body).toMatchObject({ error: { code: 'rate-limited', retryAfter: expect.any(Number) } })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(800)
    expect(culvert.output()).not.toContain(loaded)
  })

  it('and a page that needs it loads it, which this test would notice', async () => {
    await fetch(`${culvert.url}/openapi.json`).then((response) => response.text())
    expect(culvert.output()).toContain(loaded)
  })
})
