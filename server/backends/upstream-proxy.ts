import { socksDispatcher } from 'fetch-socks'
import { Agent, ProxyAgent } from 'undici'
import type { Dispatcher } from 'undici'
import { ProxyError } from '../canonical/error.ts'

/** `system`: as the environment says · `none`: direct · else an http, https or socks5 URL. */
export type UpstreamProxySetting = string

/** The environment variables that name a proxy; upper and lower case are both read, lower case wins. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

export interface DispatcherOptions {
  /** Milliseconds that an unused connection is kept. */
  readonly keepAliveMs: number
  /** Milliseconds to establish a connection. */
  readonly connectTimeoutMs: number
}

/**
 * The proxy's URL for `url`, or undefined for a direct connection. For `system`: `HTTPS_PROXY` or `HTTP_PROXY` by the
 * target's scheme, else `ALL_PROXY`, unless `NO_PROXY` names the host. A proxy that was set explicitly ignores
 * `NO_PROXY`.
 */
export function proxyFor(url: URL, setting: UpstreamProxySetting, environment: ProxyEnvironment): string | undefined {
  if (setting === 'none') return undefined
  if (setting !== 'system') return setting
  const named =
    (url.protocol === 'https:' ? read(environment, 'https_proxy') : read(environment, 'http_proxy')) ??
    read(environment, 'all_proxy')
  if (named === undefined) return undefined
  if (isExcluded(url, read(environment, 'no_proxy') ?? '')) return undefined
  return named
}

/** An undici dispatcher that goes through `proxy` (undefined: direct). Throws `network` when the URL is unusable. */
export function createDispatcher(proxy: string | undefined, options: DispatcherOptions): Dispatcher {
  // HTTP/2 would put many streams on one socket: one lost packet would stall them all, and an abort is cheap on HTTP/1.
  const pool = {
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: options.keepAliveMs,
    connectTimeout: options.connectTimeoutMs,
    connect: { timeout: options.connectTimeoutMs },
  }
  if (proxy === undefined) return new Agent(pool)
  const url = parseProxyUrl(proxy)
  switch (url.protocol) {
    case 'http:':
    case 'https:': {
      const { connect: _connect, ...tunnel } = pool
      return new ProxyAgent({ ...tunnel, uri: url.href })
    }
    case 'socks:':
    case 'socks5:':
    case 'socks5h:':
      return socksDispatcher(
        {
          type: 5,
          host: url.hostname.replace(/^\[(.*)\]$/u, '$1'),
          port: Number(url.port || '1080'),
          ...(url.username === '' ? {} : { userId: decodeURIComponent(url.username) }),
          ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
        },
        pool,
      )
    default:
      throw badProxy()
  }
}

function parseProxyUrl(proxy: string): URL {
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:\/\//iu.test(proxy) ? proxy : `http://${proxy}`)
  } catch {
    throw badProxy()
  }
}

/** The address itself is not repeated: it may hold a password. */
function badProxy(): ProxyError {
  return new ProxyError(
    'network',
    'The proxy address that Culvert was told to use is not an http, https or socks5 URL. Correct it in the settings or in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY.',
  )
}

function read(environment: ProxyEnvironment, name: string): string | undefined {
  const value = environment[name] ?? environment[name.toUpperCase()]
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

function isExcluded(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/u, '$1').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return noProxy.split(/[,\s]+/u).some((entry) => entry !== '' && excludes(entry.toLowerCase(), host, port))
}

function excludes(entry: string, host: string, port: string): boolean {
  const [, bracketed, bracketedPort] = /^\[(.+)\](?::(\d+))?$/u.exec(entry) ?? []
  const [, plain, plainPort] = /^([^:]*):(\d+)$/u.exec(entry) ?? []
  const entryPort = bracketedPort ?? plainPort
  if (entryPort !== undefined && entryPort !== port) return false
  const name = bracketed ?? plain ?? entry
  if (name === '*') return true
  const suffix = name.replace(/^\*?\./u, '')
  return host.endsWith(`.${suffix}`) || (host === suffix && !name.startsWith('*.'))
}
