import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../../simulator/index.ts'
import { startCulvert, stopAllCulverts } from '../../lib/culvert.ts'
import { createKeyringHome, type KeyringHome, keyringSessionMissing } from '../../lib/keyring-session.ts'

const missing = keyringSessionMissing()
const entry = join(import.meta.dirname, '..', '..', '..', 'server', 'headless.ts')

describe.skipIf(missing !== undefined)(
  `the server and the keychain${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    let simulator: Simulator
    let home: KeyringHome

    beforeAll(async () => {
      simulator = await startSimulator({ pace: { deviceIntervalMs: 50 } })
      home = await createKeyringHome()
    })
    afterAll(async () => {
      await stopAllCulverts()
      await home.remove()
      await simulator.close()
    })

    it('keeps refresh tokens as keychain items of their own, and the start line says so', async () => {
      const dataDirectory = join(home.directory, 'data')
      const started = await startInKeyring(home, dataDirectory, simulator)
      expect(started.lines.join('\n')).toMatch(/Refresh tokens are in the keyring/u)
      const admin = (method: string, path: string, body?: object) =>
        call(started.url, started.adminToken, method, path, body)
      const login = (await admin('POST', '/v2/auth/start', {})) as { authId: string; userCode: string }
      simulator.approve(login.userCode)
      const { account } = (await admin('POST', `/v2/auth/claim/${login.authId}`)) as { account: { id: string } }
      await started.stop()

      const found = await home.runScript(`
      import keytar from 'keytar/keytar.js'
      const items = await keytar.findCredentials('Culvert')
      console.log(JSON.stringify(items.map((item) => [item.account, item.password])))`)
      const items = new Map(JSON.parse(found.stdout) as [string, string][])
      const token = items.get(account.id)
      expect(token).toMatch(/^aor/u)
      expect([...items.keys()]).toContain('vault-key')
      const vault = await readFile(join(dataDirectory, 'vault.json'), 'utf8')
      expect(vault).not.toContain(token)
      const { entries } = JSON.parse(vault) as { entries: Record<string, string> }
      expect(Object.keys(entries)).toContain(`account/${account.id}/access-token`)
      expect(Object.keys(entries)).not.toContain(`account/${account.id}/refresh-token`)
      expect(simulator.refreshTokenReuse).toBe(0)
    })

    it('without a keychain the vault holds them sealed, and the start line says that', async () => {
      const culvert = await startCulvert({ environment: { ...simulator.environment, DBUS_SESSION_BUS_ADDRESS: '' } })
      const status = (await culvert.admin('GET', '/v2/status')) as { secret_store: { kind: string; sentence: string } }
      expect(status.secret_store).toMatchObject({
        kind: 'vault',
        sentence: expect.stringMatching(/vault\.json.*encrypted/u) as string,
      })
      const login = (await culvert.admin('POST', '/v2/auth/start', {})) as { authId: string; userCode: string }
      simulator.approve(login.userCode)
      const { account } = (await culvert.admin('POST', `/v2/auth/claim/${login.authId}`)) as { account: { id: string } }
      const vault = await readFile(join(culvert.dataDirectory, 'vault.json'), 'utf8')
      expect(vault).toContain(`account/${account.id}/refresh-token`)
      expect(vault).not.toMatch(/aor[A-Za-z0-9]/u)
    })
  },
)

interface Started {
  readonly url: string
  readonly adminToken: string
  readonly lines: readonly string[]
  stop(): Promise<void>
}

/** Culvert inside the keyring session, as a person starts it in a terminal of their desktop. */
async function startInKeyring(home: KeyringHome, dataDirectory: string, simulator: Simulator): Promise<Started> {
  const child = home.spawn([process.execPath, entry, '--port', '0', '--data-dir', dataDirectory], {
    env: { ...simulator.environment },
  })
  const lines: string[] = []
  if (!child.stdout) throw new Error('no standard output')
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line.trim() === 'claude') break
  }
  const printed = lines.join('\n')
  return {
    lines,
    url: /running on (\S+)/u.exec(printed)?.[1] ?? '',
    adminToken: /Admin token\s+(\S+)/u.exec(printed)?.[1] ?? '',
    stop: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve())
        // The session's own process would not pass the signal on.
        spawnSync('pkill', ['-TERM', '-f', `^${process.execPath} .*${dataDirectory}`])
      }),
  }
}

async function call(url: string, token: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
  return await response.json()
}
