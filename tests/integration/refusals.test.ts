import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from '../lib/accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

let simulator: Simulator
let culvert: CulvertProcess

beforeAll(async () => {
  simulator = await startSimulator()
  culvert = await startCulvert({ environment: { ...simulator.environment } })
  await addAccount(culvert, simulator.issueAccount())
})
afterAll(async () => {
  await stopAllCulverts()
  await simulator.close()
})

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: {
    readonly type: string
    readonly error: { readonly type: string; readonly message: string }
    readonly request_id: string
  }
}

const good = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] }

function send(
  body: string | Buffer,
  headers: Record<string, string> = {},
  server: { url: string; apiKey: string } = culvert,
): Promise<Answer> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        hostname,
        port,
        path: '/v1/messages?beta=true',
        method: 'POST',
        headers: {
          'x-api-key': server.apiKey,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => {
          const text = Buffer.concat(parts).toString()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: JSON.parse(text) as Answer['body'],
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

describe('what Culvert refuses on /v1/messages', () => {
  it.each([
    ['a wrong key', JSON.stringify(good), { 'x-api-key': 'wrong' }, 401, 'authentication_error', /key/u],
    ['no key', JSON.stringify(good), { 'x-api-key': '' }, 401, 'authentication_error', /key/u],
    ['a foreign Host', JSON.stringify(good), { host: 'evil.example:8788' }, 403, 'permission_error', /Host/iu],
    [
      'a foreign Origin',
      JSON.stringify(good),
      { origin: 'https://evil.example' },
      403,
      'permission_error',
      /evil\.example.*allowedOrigins/u,
    ],
    ['no JSON', '{"model": ', {}, 400, 'invalid_request_error', /not valid JSON/u],
    ['an empty body', '', {}, 400, 'invalid_request_error', /empty/u],
    [
      'messages that are no list',
      '{"messages": "no"}',
      {},
      400,
      'invalid_request_error',
      /messages: expected an array/u,
    ],
    [
      'an unknown model',
      JSON.stringify({ ...good, model: 'my-model' }),
      {},
      404,
      'not_found_error',
      /claude-sonnet-4\.5/u,
    ],
    [
      'a compressed body',
      JSON.stringify(good),
      { 'content-encoding': 'gzip' },
      400,
      'invalid_request_error',
      /uncompressed/u,
    ],
  ] as const)('%s', async (_name, body, headers, status, type, message) => {
    const answer = await send(body, headers)
    expect(answer.status).toBe(status)
    expect(answer.body.type).toBe('error')
    expect(answer.body.error.type).toBe(type)
    expect(answer.body.error.message).toMatch(message)
    expect(answer.headers['request-id']).toMatch(/^req_/u)
    expect(answer.body.request_id).toBe(answer.headers['request-id'])
  })

  it('33 MB of JSON, answered while the client is still sending', async () => {
    const answer = await send(Buffer.alloc(33 * 1_048_576, 'x'))
    expect(answer.status).toBe(413)
    expect(answer.body.error).toMatchObject({ type: 'request_too_large' })
    expect(answer.body.error.message).toMatch(/33\.0 MB.*limit is 32\.0 MB/u)
  })

  it('a request when there is no account at all', async () => {
    const empty = await startCulvert({ environment: { ...simulator.environment } })
    const answer = await send(JSON.stringify(good), {}, empty)
    expect(answer.status).toBe(403)
    expect(answer.body.error.message).toMatch(/no account yet.*sign in/iu)
    expect(answer.headers['x-should-retry']).toBe('false')
  })

  it('none of these reached the upstream, and a good request does', async () => {
    expect(simulator.received.filter((entry) => entry.route === 'generate')).toHaveLength(0)
    const answer = await send(JSON.stringify(good))
    expect(answer.status).toBe(200)
  })
})

describe('the other paths', () => {
  it.each([
    ['GET', '/', 200],
    ['HEAD', '/', 200],
    ['GET', '/healthz', 200],
    ['HEAD', '/api/hello', 404],
    ['GET', '/v1/nothing', 404],
    ['GET', '/v2/accounts', 401],
    ['GET', '/metrics', 401],
  ])('%s %s answers %i', async (method, path, status) => {
    const response = await fetch(culvert.url + path, { method })
    expect(response.status).toBe(status)
  })

  it('a doubled /v1/v1 works like one', async () => {
    const response = await fetch(`${culvert.url}/v1/v1/models`, { headers: { 'x-api-key': culvert.apiKey } })
    expect(response.status).toBe(200)
  })

  it('--no-console takes the pages away, not the document', async () => {
    const plain = await startCulvert({ arguments: ['--no-console'] })
    expect((await fetch(`${plain.url}/docs`)).status).toBe(404)
    expect((await fetch(`${plain.url}/openapi.json`)).status).toBe(200)
    expect((await fetch(`${culvert.url}/docs`)).status).toBe(200)
  })

  it('/health asks the upstream once a minute', async () => {
    const first = await fetch(`${culvert.url}/health`)
    expect(first.status).toBe(200)
    expect(await first.json()).toMatchObject({ status: 'ok', enabled_accounts: 1, total_accounts: 1 })
    const asked = simulator.received.length
    await (await fetch(`${culvert.url}/health`)).text()
    expect(simulator.received.length).toBe(asked)
  })

  it('/metrics opens to the admin token', async () => {
    const response = await fetch(`${culvert.url}/metrics`, {
      headers: { authorization: `Bearer ${culvert.adminToken}` },
    })
    const page = await response.text()
    expect(page).toMatch(/culvert_requests_total\{dialect="anthropic",model="claude-sonnet-4\.5",outcome="ok"\} 1/u)
    expect(page).toMatch(/# TYPE culvert_request_duration_seconds histogram/u)
    expect(page).toMatch(/culvert_request_duration_seconds_bucket\{[^}]*le="\+Inf"\} 1/u)
  })
})
