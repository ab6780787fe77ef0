import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../server/config.ts'
import { createServer } from '../../server/create-server.ts'
import { type Foundation, layFoundation } from '../../server/foundation.ts'
import type { Accounts } from '../../server/assemble-accounts.ts'
import { createLog } from '../../server/log.ts'
import type { IssuedAccount } from '../../simulator/index.ts'

/** A whole Culvert inside the test's own process: quicker to start than a real one, and open to look at. */
export interface LocalCulvert {
  readonly url: string
  readonly apiKey: string
  readonly foundation: Foundation
  readonly accounts: Accounts
  /** Adds a signed-in identity of the simulator and waits until its models are known; resolves with its id. */
  add(issued: IssuedAccount, other?: Record<string, string | number>): Promise<string>
  ask(body: object, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

/** Starts Culvert on a free port with a data directory of its own. */
export async function startLocalCulvert(environment: Readonly<Record<string, string>>): Promise<LocalCulvert> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'culvert-local-'))
  const config = readConfig({ ...environment, MASTER_KEY: Buffer.alloc(32, 1).toString('base64') }, [
    '--port',
    '0',
    '--data-dir',
    dataDirectory,
  ])
  const foundation = await layFoundation({ config, log: createLog('silent'), now: Date.now })
  const server = await createServer(foundation)
  const { accounts } = await server.ready
  const apiKey = foundation.keys.localKey() ?? ''
  return {
    url: server.url,
    apiKey,
    foundation,
    accounts,
    async add(issued, other = {}) {
      const { id } = await accounts.service.add({
        type: 'kiro',
        label: issued.email,
        refreshToken: issued.refreshToken,
        accessToken: issued.accessToken,
        accessTokenExpiresAt: Date.now() + issued.expiresIn * 1_000,
        ...(issued.clientId === '' ? {} : { clientId: issued.clientId, clientSecret: issued.clientSecret }),
        ...(issued.profileArn === undefined ? {} : { profileArn: issued.profileArn }),
        other,
      })
      await accounts.service.refreshDetails(id)
      return id
    },
    ask: (body, headers = {}) =>
      fetch(`${server.url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async close() {
      await server.close(0)
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}
