import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount, type AddedAccount } from '../lib/accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

/** What must never be found, by a name for the report. */
const secrets = new Map<string, string>()
/** Everything that anybody but the owner of the secrets may get to see, by where it was. */
const seen = new Map<string, string>()

let simulator: Simulator
let culvert: CulvertProcess
let account: AddedAccount
let clientKey: string

const faults = [
  'improperly-formed',
  'content-too-long',
  'monthly-limit',
  'token-invalid',
  'suspicious-activity',
  'throttled',
  'internal-error',
  'bad-gateway',
  'exception-midstream',
  'cut-midstream',
  'corrupt-crc',
  'html-200',
  'not-authorized',
] as const

function plant(name: string): string {
  const secret = `planted-${name}-${randomBytes(24).toString('hex')}`
  secrets.set(name, secret)
  return secret
}

async function ask(text: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${culvert.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': clientKey, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 64,
      stream: true,
      messages: [{ role: 'user', content: text }],
    }),
  })
  return await response.text()
}

beforeAll(async () => {
  simulator = await startSimulator()
  culvert = await startCulvert({
    environment: {
      ...simulator.environment,
      LOG_LEVEL: 'trace',
      MASTER_KEY: Buffer.from(plant('master-key').slice(-32)).toString('base64'),
      ADMIN_TOKEN: plant('admin-token'),
      // Crashes the process for the test, as a bug would: with an error that nobody catches.
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent("process.on('SIGUSR2',()=>{throw new Error('crash')})")}`,
    },
  })
  const issued = simulator.issueAccount()
  for (const name of ['refreshToken', 'accessToken', 'clientSecret'] as const) secrets.set(name, issued[name])
  secrets.set('first key', culvert.apiKey)
  account = await addAccount(culvert, issued, { other: { note: 'kept' } })
  const key = (await culvert.admin('POST', '/v2/api-keys', { name: 'tool' })) as { key: string }
  clientKey = key.key
  secrets.set('client key', clientKey)
  await culvert.admin('POST', '/v2/accounts', {
    type: 'amazonq',
    label: 'second',
    enabled: false,
    clientId: 'id',
    clientSecret: plant('second-client-secret'),
    refreshToken: plant('second-refresh-token'),
    accessToken: plant('second-access-token'),
    other: { proxy: `http://person:${plant('proxy-password')}@127.0.0.1:9` },
  })

  const prompt = plant('prompt')
  seen.set('a good answer', await ask(prompt))
  simulator.expireAccessTokens()
  seen.set('an answer after a refresh', await ask(prompt))
  for (const fault of faults) {
    simulator.setFault({
      name: fault,
      times: 3,
      message: `the service echoes ${issued.accessToken} and ${issued.refreshToken}`,
    })
    seen.set(`the answer to ${fault}`, await ask(prompt))
    simulator.setFault(undefined)
    await culvert.admin('PATCH', `/v2/accounts/${account.id}`, { enabled: false })
    await culvert.admin('PATCH', `/v2/accounts/${account.id}`, { enabled: true })
  }
  seen.set('a wrong key', await ask(prompt, { 'x-api-key': plant('wrong-key') }))
  const broken = await fetch(`${culvert.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': clientKey },
    body: `{"x": "${prompt}`,
  })
  seen.set('broken JSON', await broken.text())
  for (const request of simulator.received) {
    const bearer = /^Bearer (.+)$/u.exec(request.headers.authorization ?? '')?.[1]
    if (bearer) secrets.set(`access token sent with request ${request.number}`, bearer)
    const body = request.body as { refreshToken?: string } | undefined
    if (body?.refreshToken) secrets.set(`refresh token sent with request ${request.number}`, body.refreshToken)
  }
  for (const path of [
    '/v2/accounts',
    `/v2/accounts/${account.id}`,
    '/v2/settings',
    '/v2/logs',
    '/v2/logs/stats',
    '/v2/api-keys',
    '/v2/stats/accounts',
    '/v2/status',
    '/openapi.json',
    '/docs',
    '/metrics',
  ]) {
    const response = await fetch(culvert.url + path, { headers: { authorization: `Bearer ${culvert.adminToken}` } })
    if (response.status !== 200) throw new Error(`GET ${path} answered ${response.status}`)
    seen.set(`GET ${path}`, await response.text())
  }
  process.kill(culvert.pid, 'SIGUSR2')
  await culvert.ended
  const printed = culvert.output()
  if (!printed.includes('Error: crash')) throw new Error('the process did not crash as planned')
  // The one line that hands the first key to whoever started the program.
  seen.set(
    'what it printed, crash included',
    printed
      .split('\n')
      .filter((line) => !line.startsWith('{"url"'))
      .join('\n'),
  )
  for (const file of await readdir(culvert.dataDirectory, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) seen.set(`the file ${file.name}`, await readFile(join(file.parentPath, file.name), 'latin1'))
  }
}, 120_000)

afterAll(async () => {
  await stopAllCulverts()
  await simulator.close()
})

describe('planted secrets', () => {
  it('were really in use', () => {
    expect(secrets.size).toBeGreaterThan(12)
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(['the file culvert.sqlite3', 'the file vault.json', 'GET /metrics']),
    )
    expect(seen.get('a good answer')).toContain('message_stop')
    expect(seen.get('the answer to suspicious-activity')).toMatch(/error/u)
  })

  it('are found nowhere', () => {
    const found: string[] = []
    for (const [where, text] of seen) {
      for (const [name, secret] of secrets) if (text.includes(secret)) found.push(`${name} in ${where}`)
    }
    expect(found).toEqual([])
  })

  it('are found by this test when they are there', () => {
    const text = `x${secrets.get('refreshToken')}x`
    expect([...secrets.values()].some((secret) => text.includes(secret))).toBe(true)
  })
})
