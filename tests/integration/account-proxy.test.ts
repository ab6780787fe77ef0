import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from '../lib/accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

const password = 'p%40ss-of-the-proxy'
const authorization = `Basic ${Buffer.from('me:p@ss-of-the-proxy').toString('base64')}`

let simulator: Simulator
let proxy: Server
/** Paths that came through the proxy. */
let through: string[]
let dataDirectory: string

beforeAll(async () => {
  simulator = await startSimulator()
  proxy = createServer((request, response) => {
    if (request.headers['proxy-authorization'] !== authorization) {
      response.writeHead(407).end()
      return
    }
    through.push(new URL(request.url ?? '').pathname)
    const onward = httpRequest(request.url ?? '', { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
})

afterAll(async () => {
  proxy.closeAllConnections()
  proxy.close()
  await simulator.close()
})

beforeEach(async () => {
  simulator.reset()
  through = []
  dataDirectory = await mkdtemp(join(tmpdir(), 'culvert-proxy-'))
})

afterEach(async () => {
  await stopAllCulverts()
  await rm(dataDirectory, { recursive: true, force: true })
})

async function start(): Promise<CulvertProcess> {
  const keys = {
    MASTER_KEY: 'k'.repeat(43) + '=',
    ADMIN_TOKEN: 'the-admin-token-of-this-test',
    API_KEY: 'the-client-key',
  }
  return await startCulvert({ dataDirectory, environment: { ...simulator.environment, ...keys } })
}

async function ask(culvert: CulvertProcess): Promise<string> {
  const response = await fetch(`${culvert.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'the-client-key', 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 64,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  })
  expect(response.status).toBe(200)
  return await response.text()
}

describe("an account's own proxy with a password", () => {
  it('carries every call of the account, over changes, a restart and a new sign-in', async () => {
    const { port } = proxy.address() as AddressInfo
    const masked = `http://me:***@127.0.0.1:${port}`
    let culvert = await start()
    const account = await addAccount(culvert, simulator.issueAccount(), {
      other: { proxy: masked.replace('***', password), rpm: 50 },
    })
    expect(account).toMatchObject({ last_refresh_status: expect.any(String), other: { proxy: masked, rpm: 50 } })
    await ask(culvert)
    const direct = () => simulator.received.length - through.length
    expect(through.some((path) => path.endsWith('/token'))).toBe(true)
    expect(direct()).toBe(0)

    await culvert.admin('PATCH', `/v2/accounts/${account.id}`, { other: { proxy: masked, rpm: 60 } })
    await ask(culvert)
    await culvert.kill()
    expect(await readFile(join(dataDirectory, 'culvert.sqlite3'), 'latin1')).not.toContain(password)

    culvert = await start()
    await ask(culvert)
    expect(await culvert.admin('POST', `/v2/accounts/${account.id}/test`)).toMatchObject({ ok: true })
    const login = (await culvert.admin('POST', '/v2/auth/start', { accountId: account.id })) as Record<string, string>
    simulator.approve(login['userCode'] ?? '')
    await culvert.admin('POST', `/v2/auth/claim/${login['authId']}`)
    const [exported] = ((await culvert.admin('POST', '/v2/accounts/export', { plain: true })) as { accounts: object[] })
      .accounts
    expect(exported).toMatchObject({ other: { proxy: masked.replace('***', password), rpm: 60 } })
    expect(direct()).toBe(0)

    // Proof that the counting above would see a call that takes another way.
    await culvert.admin('PATCH', `/v2/accounts/${account.id}`, { other: { rpm: 60 } })
    await ask(culvert)
    expect(direct()).toBeGreaterThan(0)
  })

  it('is blamed when its password is wrong', async () => {
    const { port } = proxy.address() as AddressInfo
    const culvert = await start()
    const issued = simulator.issueAccount()
    const created = (await culvert.admin('POST', '/v2/accounts', {
      clientId: issued.clientId,
      clientSecret: issued.clientSecret,
      refreshToken: issued.refreshToken,
      accessToken: issued.accessToken,
      other: { proxy: `http://me:wrong@127.0.0.1:${port}` },
    })) as { id: string }
    const result = await culvert.admin('POST', `/v2/accounts/${created.id}/test`)
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(/proxy.*user name and password/u) })
    expect(JSON.stringify(result)).not.toContain('wrong')
  })
})
