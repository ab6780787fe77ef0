import type { IncomingHttpHeaders } from 'node:http'
import { ProxyError } from '../../canonical/error.ts'

/**
 * `client`: the API for coding tools, which listed browser origins may call · `management`: only our own console ·
 * `page`: documents that a person may open from a link anywhere.
 */
export type OriginScope = 'client' | 'management' | 'page'

export interface OriginRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly scope: OriginScope
  /** Exact origins, e.g. `https://tool.example` or `chrome-extension://abcdef`. */
  readonly allowedOrigins: readonly string[]
}

export type OriginDecision =
  /** `headers` belong on the response. */
  | { readonly kind: 'pass'; readonly headers: Readonly<Record<string, string>> }
  /** Answer 204 with these headers and do nothing else. */
  | { readonly kind: 'preflight'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'refuse'; readonly error: ProxyError }

/** Headers that a page of an allowed origin may read. */
const exposedHeaders = 'request-id, retry-after, x-culvert-repairs'
const headerListPattern = /^[a-z0-9!#$%&'*+.^_`|~-]+(?:\s*,\s*[a-z0-9!#$%&'*+.^_`|~-]+)*$/iu
const originPattern = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/iu
const noHeaders: Readonly<Record<string, string>> = {}
const passed: OriginDecision = { kind: 'pass', headers: noHeaders }

/**
 * Whether a browser page may make this request. Programs send no Origin and pass. The Host header must already have been
 * checked: an Origin that equals it is then our own. No answer ever carries `*`.
 */
export function decideOrigin(request: OriginRequest): OriginDecision {
  const { headers, scope } = request
  const origin = headers.origin
  if (origin === undefined) return decideWithoutOrigin(request)
  if (isOwnOrigin(origin, headers.host)) return passed
  if (scope !== 'client' || !isListed(origin, request.allowedOrigins)) return refuse(origin, scope)
  const cors = { 'access-control-allow-origin': origin, vary: 'Origin' }
  if (!isPreflight(request)) {
    return { kind: 'pass', headers: { ...cors, 'access-control-expose-headers': exposedHeaders } }
  }
  return { kind: 'preflight', headers: { ...cors, ...preflightHeaders(headers) } }
}

/** Browsers leave Origin out of links, images and scripts, but say where those come from. */
function decideWithoutOrigin(request: OriginRequest): OriginDecision {
  if (request.headers['sec-fetch-site'] !== 'cross-site') return passed
  const readsPage = request.method === 'GET' || request.method === 'HEAD'
  const opensPage = readsPage && request.headers['sec-fetch-mode'] === 'navigate'
  if (request.scope === 'page' && opensPage) return passed
  return {
    kind: 'refuse',
    error: new ProxyError('forbidden', 'A page of another website asked for this, so Culvert refused it.'),
  }
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined) return false
  const match = /^https?:\/\/(?<authority>[^/@\s]+)$/u.exec(origin)
  return match?.groups?.['authority'] === host.toLowerCase()
}

/** `null` (sandboxed pages, files) and `*` are no origins, even when someone lists them. */
function isListed(origin: string, allowed: readonly string[]): boolean {
  if (!originPattern.test(origin)) return false
  return allowed.some((entry) => entry.trim().replace(/\/$/u, '').toLowerCase() === origin.toLowerCase())
}

function isPreflight(request: OriginRequest): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
}

function preflightHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const asked = headers['access-control-request-headers']
  const readable = typeof asked === 'string' && asked.length <= 2_000 && headerListPattern.test(asked)
  return {
    'access-control-allow-methods': 'GET, HEAD, POST',
    ...(readable ? { 'access-control-allow-headers': asked } : {}),
    ...(headers['access-control-request-private-network'] === 'true'
      ? { 'access-control-allow-private-network': 'true' }
      : {}),
    'access-control-max-age': '600',
  }
}

function refuse(origin: string, scope: OriginScope): OriginDecision {
  const shown = /^[\x21-\x7e]{1,100}$/u.test(origin) ? origin : 'that it did not name plainly'
  const advice =
    scope === 'client'
      ? 'If the page is yours, add its origin to the setting allowedOrigins.'
      : "Only Culvert's own console may call this; scripts must not send an Origin header."
  return {
    kind: 'refuse',
    error: new ProxyError('forbidden', `A page of the origin ${shown} may not call Culvert. ${advice}`),
  }
}
