import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ReceivedRequest, type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from '../lib/accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

let simulator: Simulator
let dataDirectory: string

beforeEach(async () => {
  simulator = await startSimulator({ pace: { deviceIntervalMs: 50 } })
  dataDirectory = await mkdtemp(join(tmpdir(), 'culvert-kill-'))
})
afterEach(async () => {
  await stopAllCulverts()
  await simulator.close()
  await rm(dataDirectory, { recursive: true, force: true })
})

const start = () => startCulvert({ environment: { ...simulator.environment }, dataDirectory })

function ask(culvert: CulvertProcess, text: string): Promise<Response> {
  return fetch(`${culvert.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': culvert.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 64,
      stream: true,
      messages: [{ role: 'user', content: text }],
    }),
  })
}

async function accountsOf(culvert: CulvertProcess): Promise<{ id: string; status: string }[]> {
  const answer = (await culvert.admin('GET', '/v2/accounts')) as
    | { id: string; status: string }[]
    | { accounts: { id: string; status: string }[] }
  return Array.isArray(answer) ? answer : answer.accounts
}

describe('kill -9', () => {
  it('in the middle of a device login: after the restart the person approves and the login ends well', async () => {
    const first = await start()
    const login = (await first.admin('POST', '/v2/auth/start', {})) as { authId: string; userCode: string }
    await simulator.when((request) => request.route === 'token')
    await first.kill()
    simulator.approve(login.userCode)
    const second = await start()
    expect(second.apiKey).toBe(first.apiKey)
    expect(second.adminToken).toBe(first.adminToken)
    const claimed = (await second.admin('POST', `/v2/auth/claim/${login.authId}`)) as { status: string }
    expect(claimed.status).toMatch(/completed|done/u)
    expect(await accountsOf(second)).toHaveLength(1)
    expect((await ask(second, 'hello')).status).toBe(200)
    expect(simulator.refreshTokenReuse).toBe(0)
  })

  it.each([
    ['before the login service has answered', 5_000, (request: ReceivedRequest) => request.route === 'token'],
    [
      'when the new token is first used',
      0,
      (request: ReceivedRequest) => request.route === 'generate' && request.status === 200,
    ],
  ])('in a refresh, %s: no token is lost and none is used twice', async (_when, delayTokenMs, blow) => {
    const first = await start()
    await addAccount(first, simulator.issueAccount())
    simulator.configure({ pace: { delayTokenMs } })
    simulator.expireAccessTokens()
    const seen = simulator.received.length
    const moment = simulator.when((request) => request.number > seen && blow(request))
    const answer = ask(first, '[[fault:slow-drip ms=50]] hello').catch(() => undefined)
    await moment
    await first.kill()
    await answer
    simulator.configure({ pace: { delayTokenMs: 0 } })
    const second = await start()
    expect(await accountsOf(second)).toHaveLength(1)
    const after = await ask(second, 'hello again')
    expect(after.status).toBe(200)
    expect(await after.text()).toContain('message_stop')
    expect(simulator.refreshTokenReuse).toBe(0)
  })

  it('in a stream: the upstream call ends, and nothing is lost', async () => {
    const first = await start()
    const account = await addAccount(first, simulator.issueAccount())
    const refreshes = simulator.counts.byRoute['token']
    await (await ask(first, 'a whole answer first')).text()
    // The record of the request above is written within a second.
    await expect
      .poll(async () => ((await first.admin('GET', '/v2/logs')) as { records: unknown[] }).records.length, {
        timeout: 5_000,
      })
      .toBe(1)
    const response = await ask(first, '[[scenario:long-text frames=2000]] [[fault:slow-drip ms=20]]')
    const reader = response.body?.getReader()
    await reader?.read()
    await first.kill()
    await expect(drain(reader)).rejects.toThrow(/terminated/u)
    await simulator.when((request) => request.route === 'generate' && request.outcome === 'aborted')
    const second = await start()
    expect(await accountsOf(second)).toMatchObject([{ id: account.id, status: 'ready' }])
    expect(((await second.admin('GET', '/v2/logs')) as { records: unknown[] }).records).toHaveLength(1)
    expect((await ask(second, 'and on it goes')).status).toBe(200)
    expect(simulator.counts.byRoute['token']).toBe(refreshes)
  })
})

describe('SIGTERM', () => {
  it('lets a running stream end, refuses new ones, and exits with 0', async () => {
    const culvert = await start()
    await addAccount(culvert, simulator.issueAccount())
    const response = await ask(culvert, '[[scenario:long-text frames=60]] [[fault:slow-drip ms=10]]')
    const stopped = culvert.stop()
    expect(await response.text()).toContain('message_stop')
    expect(await stopped).toBe(0)
  })
})

async function drain(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  for (let ended = reader === undefined; !ended;) ended = (await reader?.read())?.done ?? true
}
