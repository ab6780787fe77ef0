import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type Accounts, assembleAccounts } from './assemble-accounts.ts'
import { assembleProxy, type ProxyParts } from './assemble-proxy.ts'
import { createAmazonQBackend } from './backends/amazon-q/backend.ts'
import { createAnthropicBackend } from './backends/anthropic/backend.ts'
import type { BackendOptions } from './backends/backend.ts'
import { createGeminiBackend } from './backends/gemini/backend.ts'
import { createOpenAiBackend } from './backends/openai/backend.ts'
import { createUpstreamClient, type UpstreamClient } from './backends/fetch-upstream.ts'
import { createBackendRegistry } from './backends/registry.ts'
import { ProxyError } from './canonical/error.ts'
import type { Config } from './config.ts'
import type { Foundation } from './foundation.ts'
import { type Access, createAccess } from './http/access/access.ts'
import { createApp, type Refuse } from './http/app.ts'
import { shuttingDown } from './http/completions.ts'
import { createPingKeeper } from './http/ping-keeper.ts'
import { lazily } from './lazily.ts'
import { probeUpstream } from './proxy/probe-upstream.ts'
import { testAccount } from './proxy/test-account.ts'
import { version } from './version.ts'

/** Everything behind the socket. */
export interface Assembly {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  readonly accounts: Accounts
  /** Completions under way. */
  active(): number
  /** Refuses new completions; resolves when the running ones are over or `drainMs` have passed. */
  drain(drainMs: number): Promise<void>
  /** Drops connections that a sleep of the computer may have killed, and looks at what is due. */
  wakeUp(): void
  close(): Promise<void>
}

/** Where the server listens. `startedAt` is epoch milliseconds. */
export interface ListeningFacts {
  readonly host: string
  readonly port: number
  readonly url: string
  readonly startedAt: number
}

/** Completions at the same time, over all keys; more are refused with 429. */
const maxActive = 10_000

/** Builds the whole of `server/` on its foundation: the one place where everything meets. */
export async function assemble(foundation: Foundation, facts: ListeningFacts): Promise<Assembly> {
  const { log, settings, keys, adminToken, now } = foundation
  const closing = new AbortController()
  const client = createUpstreamClient({ proxy: () => settings.current().upstreamProxy })
  const backends = assembleBackends(client, foundation.config)
  const backendOptions = (): BackendOptions => {
    const { userAgent, optOutOfTraining, cachePoints } = settings.current()
    return { userAgent, optOutOfTraining, cachePoints }
  }
  const accounts = await assembleAccounts({ foundation, client, backendFor: backends.find, backendOptions })
  const parts = await assembleProxy(foundation, accounts, backends.get)
  const { counters, proxy } = parts
  const access = createAccess({ settings: settings.current, keys, admin: adminToken, now })
  const keeper = createPingKeeper(() => settings.current().pingIntervalMs)
  const upstream = { ...accounts, backendFor: backends.find, options: backendOptions }
  const management = lazily(() =>
    assembleManagement({ foundation, facts, accounts, parts, access, upstream, closing: closing.signal }),
  )
  const slow = lazily(async (refuse: Refuse) => {
    const { createSlowApp } = await import('./http/slow-app.ts')
    return createSlowApp({
      access,
      counters,
      refuse,
      management,
      now,
      metricsEnabled: () => settings.current().metricsEnabled,
      counts: () => accounts.pool.counts(),
      accountsByStatus: () => accountsByStatus(accounts),
      probe: (signal) => probeUpstream(upstream, signal),
    })
  })
  const handle = createApp({
    access,
    proxy,
    keeper,
    slow,
    resolve: proxy.resolve,
    countTokens: parts.countTokens,
    bodyLimitBytes: () => settings.current().bodyLimitBytes,
    models(accountId) {
      if (accountId !== undefined && accounts.book.get(accountId) === undefined) return undefined
      const offered = accounts.pool.models()
      const asked = accountId === undefined ? offered : offered.filter((each) => each.accountIds.includes(accountId))
      return asked.map((pooled) => pooled.model)
    },
    admit() {
      counters.active += 1
      if (closing.signal.aborted) throw shuttingDown()
      if (counters.active > maxActive) throw tooMany()
    },
    onInternalError: (error, requestId) =>
      log.error({ error, requestId }, 'a request failed by an error of Culvert itself'),
  })
  accounts.care.start()
  accounts.warmUpWhen(() => counters.active === 0)
  await accounts.logins.resumeAll()

  return {
    handle,
    accounts,
    active: () => counters.active,
    async drain(drainMs) {
      closing.abort()
      const deadline = performance.now() + drainMs
      while (counters.active > 0 && performance.now() < deadline) await pause(20)
    },
    wakeUp() {
      client.refreshConnections()
      accounts.care.round()
    },
    async close() {
      keeper.close()
      await accounts.close()
      await client.close()
      await parts.close()
    },
  }
}

function assembleBackends(client: UpstreamClient, { endpoints }: Config) {
  return createBackendRegistry([
    createAmazonQBackend({
      client,
      endpoints: {
        ...(endpoints.amazonQApi === undefined ? {} : { qBase: endpoints.amazonQApi }),
        ...(endpoints.kiroRuntime === undefined ? {} : { kiroRuntimeBase: endpoints.kiroRuntime }),
      },
    }),
    createGeminiBackend({ client, ...(endpoints.geminiApi === undefined ? {} : { base: endpoints.geminiApi }) }),
    createAnthropicBackend({ client }),
    createOpenAiBackend({ client }),
  ])
}

interface ManagementParts {
  readonly foundation: Foundation
  readonly facts: ListeningFacts
  readonly accounts: Accounts
  readonly parts: ProxyParts
  readonly access: Access
  readonly upstream: Parameters<typeof testAccount>[0]
  readonly closing: AbortSignal
}

async function assembleManagement({ foundation, facts, accounts, parts, access, upstream, closing }: ManagementParts) {
  const { loadManagement } = await import('./http/management.ts')
  const { store, secrets, settings, keys, now, log } = foundation
  return await loadManagement({
    access,
    pagesEnabled: foundation.config.consoleEnabled,
    accounts: accounts.service,
    tokens: accounts.tokens,
    logins: accounts.logins,
    foundLogins: accounts.foundLogins,
    settings,
    keys,
    requests: store.requests,
    secrets,
    testAccount: (id, signal) => testAccount(upstream, id, signal),
    requestFeed: parts.feed,
    server: () => ({
      version,
      ...facts,
      secretStore: secrets.description,
      capabilities: ['accounts', 'logins', 'found-logins', 'settings', 'api-keys', 'request-log', 'events', 'metrics'],
    }),
    now,
    onError: (error) => log.error({ error }, 'the management API failed by an error of Culvert itself'),
    closing,
  })
}

function accountsByStatus(accounts: Accounts): ReadonlyMap<string, number> {
  const { total: _total, enabled: _enabled, ...states } = accounts.pool.counts()
  return new Map(Object.entries(states))
}

function tooMany(): ProxyError {
  return new ProxyError(
    'client-rate-limited',
    `Culvert is already serving ${maxActive} requests at once. Wait for some to end, then try again.`,
    { retryAfterMs: 1_000 },
  )
}
