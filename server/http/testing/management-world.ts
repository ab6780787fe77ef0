import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openAccountBook } from '../../accounts/account-book.ts'
import { createAccountService } from '../../accounts/account-service.ts'
import { createFoundLogins } from '../../accounts/logins/import-found.ts'
import { createLoginService } from '../../accounts/logins/login-service.ts'
import { SignInError } from '../../accounts/sign-in-error.ts'
import { createTokenService } from '../../accounts/tokens.ts'
import type { AccountTest } from '../../admin/dependencies.ts'
import { loadAdminToken } from '../../admin/admin-token.ts'
import { createKeyService } from '../../admin/key-service.ts'
import { createSettingsService } from '../../admin/settings-service.ts'
import { ProxyError } from '../../canonical/error.ts'
import type { LineResult } from '../../contract/account-transfer.ts'
import type { ErrorBody } from '../../contract/errors.ts'
import type { LoggedRequest } from '../../contract/request-log.ts'
import type { SecretStore } from '../../secrets/secret-store.ts'
import { openStore } from '../../store/open-store.ts'
import type { RequestRecord } from '../../store/types.ts'
import { applyOrigin, createAccess } from '../access/access.ts'
import { loadManagement } from '../management.ts'

/** Every secret of this world holds this, so that a leak is one search away. */
export const planted = 'PLANTED'

/** A memory that forgets everything with the test. */
export function createMemorySecrets(): SecretStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return {
    kept,
    description: { kind: 'memory', sentence: 'Secrets are in memory and gone with the program.' },
    get: (name) => Promise.resolve(kept.get(name)),
    set: (name, value) => Promise.resolve(void kept.set(name, value)),
    delete: (name) => Promise.resolve(void kept.delete(name)),
    names: () => Promise.resolve([...kept.keys()]),
    close: () => Promise.resolve(),
  }
}

/**
 * The management API over a real HTTP server, on a real store and the real services of accounts, logins, keys and
 * settings; only the outside world (AWS's login service, upstreams) is played.
 */
export async function createManagementWorld() {
  const store = await openStore({ path: ':memory:' })
  const secrets = createMemorySecrets()
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const now = Date.now
  const person = { hasConfirmed: false }
  const outside = createOutside(person)
  const book = await openAccountBook({ store, secrets, now, onError })
  const tokens = createTokenService({ book, secrets, refresh: () => Promise.resolve(outside.tokens()), now })
  const accounts = createAccountService({
    book,
    secrets,
    tokens,
    details: { refresh: (id) => Promise.resolve({ account: book.get(id), failures: [] }), close: () => undefined },
    now,
    randomUuid: randomUUID,
  })
  const logins = createLoginService({
    store,
    secrets,
    accounts,
    oidc: outside.oidc,
    kiroAuth: outside.kiroAuth,
    callbackPorts: [0],
    now,
    randomUuid: randomUUID,
    randomBytes: (size) => randomBytes(size),
    onError,
  })
  const keys = await createKeyService({ keys: store.keys, secrets, now, onError })
  const overrides = { logLevel: 'warn' }
  const settings = await createSettingsService({
    store: store.settings,
    secrets,
    overrides,
    overrideSources: { logLevel: 'LOG_LEVEL' },
    onUnusable: onError,
  })
  const adminToken = await loadAdminToken({ secrets })
  const access = createAccess({ settings: settings.current, keys, admin: adminToken, now })
  const feed = createFeed()
  const testResult: { current: AccountTest } = { current: { ok: true, latencyMs: 12, model: 'm', text: 'Hi' } }
  const closing = new AbortController()
  let port = 0

  const handle = await loadManagement({
    pagesEnabled: true,
    accounts,
    tokens,
    logins,
    foundLogins: () =>
      Promise.resolve(createFoundLogins({ accounts, home: '/nobody', platform: 'linux', environment: {} })),
    settings,
    keys,
    requests: store.requests,
    secrets,
    testAccount: () => Promise.resolve(testResult.current),
    requestFeed: feed,
    server: () => ({
      version: '0.1.0',
      startedAt: now() - 5_000,
      host: '127.0.0.1',
      port,
      url: `http://127.0.0.1:${port}`,
      secretStore: secrets.description,
      capabilities: ['accounts'],
    }),
    now,
    onError,
    closing: closing.signal,
    access,
  })

  const server = createServer((request, response) => {
    const decision = access.admit(request, request.url?.startsWith('/v2') === true ? 'management' : 'page')
    if (decision.kind === 'refuse') {
      response.writeHead(403).end()
      return
    }
    if (applyOrigin(decision, response)) return
    handle(request, response).then(
      (done) => done || response.writeHead(404).end('elsewhere'),
      (error: unknown) => response.destroy(error as Error),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
  const url = `http://127.0.0.1:${port}`

  return {
    url,
    store,
    secrets,
    accounts,
    logins,
    keys,
    settings,
    errors,
    person,
    feed,
    testResult,
    closing,
    adminToken: adminToken.value,
    /** A call as a script makes it. */
    async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${adminToken.value}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, json: parse(text) }
    },
    async close() {
      closing.abort()
      server.closeAllConnections()
      server.close()
      await logins.close()
      await keys.close()
      await book.close()
      await store.close()
    },
  }
}

export type ManagementWorld = Awaited<ReturnType<typeof createManagementWorld>>

/** The fields of all answers that the tests read, as a script reads them: by name. */
interface Answer {
  readonly error: ErrorBody['error']
  readonly id: string
  readonly label: string
  readonly accounts: readonly Answer[]
  readonly other: Readonly<Record<string, unknown>>
  readonly count: number
  readonly status: string
  readonly last_refresh_time: string | null
  readonly last_refresh_status: string
  readonly results: readonly LineResult[]
  readonly account_ids: readonly string[]
  readonly format: string
  readonly authId: string
  readonly accountId: string
  readonly logins: readonly Answer[]
  readonly key: string
  readonly keys: readonly Answer[]
  readonly records: readonly LoggedRequest[]
  readonly cursor: string | null
}

function parse(text: string): Answer {
  try {
    return JSON.parse(text) as Answer
  } catch {
    return {} as Answer
  }
}

/** The request feed; it can be waited for until its last reader has left. */
function createFeed() {
  const listeners = new Set<(record: RequestRecord) => void>()
  const emptied = Promise.withResolvers<void>()
  return {
    emptied: emptied.promise,
    publish(record: RequestRecord): void {
      for (const listener of listeners) listener(record)
    },
    subscribe(listener: (record: RequestRecord) => void): () => void {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) emptied.resolve()
      }
    },
  }
}

/** AWS's login service as far as management sees it; the person confirms when the test says so. */
function createOutside(person: { readonly hasConfirmed: boolean }) {
  let count = 0
  const tokens = () => {
    count += 1
    return {
      accessToken: `${planted}-access-${count}`,
      refreshToken: `${planted}-refresh-${count}`,
      expiresAt: Date.now() + 3_600_000,
    }
  }
  const unused = () => Promise.reject(new ProxyError('network', 'Nobody is there.'))
  return {
    tokens,
    oidc: {
      register: () =>
        Promise.resolve({ clientId: 'client', clientSecret: `${planted}-client-secret`, expiresAt: Date.now() + 1e9 }),
      startDevice: () =>
        Promise.resolve({
          deviceCode: `${planted}-device-code`,
          userCode: 'ABCD-EFGH',
          verificationUri: 'https://device.example/',
          verificationUriComplete: 'https://device.example/?user_code=ABCD-EFGH',
          expiresInMs: 600_000,
          intervalMs: 1,
        }),
      deviceToken: () =>
        person.hasConfirmed
          ? Promise.resolve(tokens())
          : Promise.reject(new SignInError('authorization_pending', 'Not yet.', { status: 400 })),
      refresh: () => Promise.resolve(tokens()),
      warmUp: () => Promise.resolve(),
    },
    kiroAuth: { signInUrl: () => 'https://kiro.example/signin', exchange: unused, refresh: unused },
  }
}
