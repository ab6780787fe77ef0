import type { Dispatcher } from 'undici'
import { UpstreamExchange } from './upstream-exchange.ts'
import type { UpstreamBody, UpstreamHeaders } from './upstream-exchange.ts'
import { createDispatcher, proxyFor } from './upstream-proxy.ts'
import type { ProxyEnvironment, UpstreamProxySetting } from './upstream-proxy.ts'

export type { UpstreamBody, UpstreamHeaders, UpstreamProxySetting }

export interface UpstreamRequest {
  /** Absolute http or https URL. */
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Aborts the call at once, in any phase. */
  readonly signal?: AbortSignal
  /** Milliseconds until the answer's headers must be there, connecting included. Default 60,000. */
  readonly firstByteTimeoutMs?: number
  /** Milliseconds of silence allowed within the body. Default 120,000. */
  readonly idleTimeoutMs?: number
  /** Called once when the answer's headers are there. */
  readonly onResponse?: () => void
  /** This call's own proxy (an account's), in place of the client's. */
  readonly proxy?: UpstreamProxySetting
}

export interface UpstreamResponse {
  readonly status: number
  readonly headers: UpstreamHeaders
  /**
   * The body, read once. At most 64 KiB wait in memory; then the socket pauses. Leaving the loop destroys the
   * connection when more was to come. Rejects with a ProxyError. Read it, or call `discard`.
   */
  readonly body: UpstreamBody
  /** The body as UTF-8 text; what lies beyond `limit` bytes is neither kept nor waited for. */
  text(limit: number): Promise<string>
  /** Drops the body and its connection. */
  discard(): void
}

export interface UpstreamClient {
  /** Sends one request. Rejects with `ProxyError` only (`network`, `timeout`, `cancelled`, `upstream-invalid`). */
  request(request: UpstreamRequest): Promise<UpstreamResponse>
  /** Forgets kept connections, which a sleep may have killed; running answers go on over theirs. */
  refreshConnections(): void
  /** Breaks off what runs and closes every connection. */
  close(): Promise<void>
}

/** Where an address leads, and through which proxy (undefined: direct). */
interface Route {
  readonly origin: string
  readonly host: string
  readonly path: string
  readonly proxy: string | undefined
}

export interface UpstreamClientOptions {
  /** Proxy for calls that name none; a function is asked at every call. Default `system`. */
  readonly proxy?: UpstreamProxySetting | (() => UpstreamProxySetting)
  /** Where the proxy variables are read. Default: the process's environment. */
  readonly environment?: ProxyEnvironment
  /** Milliseconds that an unused connection is kept. Default 30,000: less than the idle limit of AWS's load balancers. */
  readonly keepAliveMs?: number
  /** Milliseconds to establish a connection. Default 10,000. */
  readonly connectTimeoutMs?: number
}

/** Proxies in use at the same time whose connections are kept. */
const MAX_DISPATCHERS = 50
/** Addresses whose way is remembered: an account has a handful. */
const MAX_ROUTES = 200
const DEFAULT_FIRST_BYTE_MS = 60_000
const DEFAULT_IDLE_MS = 120_000

/**
 * HTTP to the outside, the one pool of connections of the program. HTTP/1.1 only, no limit on open streams, TCP_NODELAY,
 * connections by proxy (`options.proxy` of an account, else the setting, else the environment).
 */
export function createUpstreamClient(options: UpstreamClientOptions = {}): UpstreamClient {
  const environment = options.environment ?? process.env
  const dispatcherOptions = {
    keepAliveMs: options.keepAliveMs ?? 30_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
  }
  const routes = new Map<string, Route>()
  const dispatchers = new Map<string, Dispatcher>()
  /** Dispatchers that serve no new calls but may still carry old ones. */
  const retired = new Set<Dispatcher>()

  function defaultProxy(): UpstreamProxySetting {
    return typeof options.proxy === 'function' ? options.proxy() : (options.proxy ?? 'system')
  }

  /** Taking an address apart and asking the environment costs more than the rest of a call's preparation. */
  function routeTo(address: string, setting: UpstreamProxySetting): Route {
    const key = `${setting} ${address}`
    const known = routes.get(key)
    if (known !== undefined) return known
    const url = new URL(address)
    const { origin, host, pathname, search } = url
    const route = { origin, host, path: pathname + search, proxy: proxyFor(url, setting, environment) }
    if (routes.size >= MAX_ROUTES) routes.clear()
    routes.set(key, route)
    return route
  }

  function dispatcherFor(proxy: string | undefined): Dispatcher {
    const key = proxy ?? ''
    const known = dispatchers.get(key)
    if (known !== undefined) return known
    const created = createDispatcher(proxy, dispatcherOptions)
    const oldest = dispatchers.keys().next()
    if (dispatchers.size >= MAX_DISPATCHERS && oldest.done !== true) retire(oldest.value)
    dispatchers.set(key, created)
    return created
  }

  function retire(key: string): void {
    const dispatcher = dispatchers.get(key)
    if (dispatcher === undefined) return
    dispatchers.delete(key)
    retired.add(dispatcher)
    dispatcher.close().then(
      () => retired.delete(dispatcher),
      () => retired.delete(dispatcher),
    )
  }

  return {
    async request(request) {
      const { origin, host, path, proxy } = routeTo(request.url, request.proxy ?? defaultProxy())
      const dispatcher = dispatcherFor(proxy)
      const exchange = new UpstreamExchange({
        host,
        isProxied: proxy !== undefined,
        signal: request.signal,
        firstByteTimeoutMs: request.firstByteTimeoutMs ?? DEFAULT_FIRST_BYTE_MS,
        idleTimeoutMs: request.idleTimeoutMs ?? DEFAULT_IDLE_MS,
        onResponse: request.onResponse,
      })
      if (request.signal?.aborted !== true) {
        dispatcher.dispatch(
          {
            origin,
            path,
            method: request.method,
            headers: request.headers,
            body: request.body ?? null,
            headersTimeout: 0,
            bodyTimeout: request.idleTimeoutMs ?? DEFAULT_IDLE_MS,
          },
          exchange,
        )
      }
      const { status, headers } = await exchange.head
      return {
        status,
        headers,
        body: exchange,
        text: (limit) => readText(exchange, limit),
        discard: () => void exchange.return(),
      }
    },
    refreshConnections() {
      for (const key of dispatchers.keys()) retire(key)
    },
    async close() {
      const all = [...dispatchers.values(), ...retired]
      dispatchers.clear()
      retired.clear()
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()))
    },
  }
}

async function readText(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size >= limit) break
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8')
}
