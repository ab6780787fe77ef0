import type { IncomingMessage } from 'node:http'
import { ProxyError } from '../../canonical/error.ts'
import { isLoopbackAuthority, isUnspecifiedAddress, parseAuthority, unmapped } from './authority.ts'
import type { Authority } from './authority.ts'

export interface HostPolicy {
  /** The address that the server listens on, as configured. */
  readonly listenHost: string
  /** Further names or addresses; a port in them is ignored. */
  readonly allowedHosts: readonly string[]
}

/** Decides whether a Host is one of ours; `undefined` means that the request named none. */
export type HostCheck = (host: string | undefined) => boolean

/**
 * The guard against DNS rebinding: a page on a foreign name that resolves to 127.0.0.1 reaches our socket, but its
 * requests still carry the foreign name. Accepted are loopback names, the listening address and `allowedHosts`; ports
 * don't matter, since a tunnel or a container may change them. Listening on all addresses, any IP literal is accepted
 * too: rebinding needs a name, and the machine's own addresses are not known in advance (containers map ports).
 */
export function createHostCheck(policy: HostPolicy): HostCheck {
  const allowed = new Set<string>()
  for (const entry of [policy.listenHost, ...policy.allowedHosts]) {
    const authority = parseListed(entry)
    if (authority !== undefined && !isUnspecifiedAddress(authority.host)) allowed.add(authority.host)
  }
  const anyAddress = isUnspecifiedAddress(policy.listenHost)
  const accepts = (authority: Authority): boolean => {
    if (isLoopbackAuthority(authority) || allowed.has(authority.host)) return true
    return anyAddress && authority.kind !== 'name' && !isUnspecifiedAddress(authority.host)
  }
  // Nearly all requests of a run carry the same Host: parsing it once is enough.
  let lastAccepted: string | undefined
  return (host) => {
    if (host === undefined) return false
    if (host === lastAccepted) return true
    const authority = parseAuthority(host)
    if (authority === undefined || !accepts(authority)) return false
    lastAccepted = host
    return true
  }
}

/** What of a request names its host. */
export type HostRequest = Pick<IncomingMessage, 'rawHeaders' | 'url'>

/**
 * The hosts that a request names: every Host header (node:http keeps only the first), and the authority of an
 * absolute-form target (RFC 9112 §3.2.2), which takes precedence over Host and must therefore pass as well.
 */
export function hostsOf(request: HostRequest): readonly (string | undefined)[] {
  const target = request.url ?? '/'
  const hosts = hostHeaders(request.rawHeaders)
  if (target.startsWith('/') || target === '*') return hosts
  const scheme = /^https?:\/\//iu.exec(target)
  const authority = scheme === null ? target : target.slice(scheme[0].length).split(/[/?#]/u, 1)[0]
  return [...hosts, authority]
}

/** `rawHeaders` alternates names and values. Never empty: no Host is `undefined`. */
function hostHeaders(rawHeaders: readonly string[]): readonly (string | undefined)[] {
  const hosts: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts.push(rawHeaders[index + 1] ?? '')
  }
  return hosts.length === 0 ? [undefined] : hosts
}

/** `undefined` when the request may pass. */
export function refuseHost(request: HostRequest, check: HostCheck): ProxyError | undefined {
  for (const host of hostsOf(request)) {
    if (!check(host)) return new ProxyError('forbidden', refusal(host))
  }
  return undefined
}

function refusal(host: string | undefined): string {
  if (host === undefined || host === '') {
    return 'The request names no host, so Culvert refused it. Use an HTTP client that sends a Host header.'
  }
  const authority = parseAuthority(host)
  if (authority === undefined) return 'The request names a host that is not well-formed, so Culvert refused it.'
  if (isUnspecifiedAddress(authority.host)) {
    return `${authority.host} is an address to listen on, not one to call. Use http://127.0.0.1 with Culvert's port instead.`
  }
  return (
    `Culvert does not answer under the name "${authority.host}". ` +
    'Use http://127.0.0.1 with its port, or add the name to the setting allowedHosts if it is yours.'
  )
}

/** Settings hold addresses with or without brackets and ports. */
function parseListed(entry: string): Authority | undefined {
  const trimmed = entry.trim()
  const bare = trimmed.includes(':') && !trimmed.startsWith('[') && trimmed.indexOf(':') !== trimmed.lastIndexOf(':')
  return parseAuthority(bare ? `[${unmapped(trimmed)}]` : trimmed) ?? parseAuthority(unmapped(trimmed))
}
