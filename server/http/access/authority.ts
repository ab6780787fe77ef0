import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** The host part of an authority (`host[:port]`), normalised so that two spellings of one host are equal. */
export interface Authority {
  /** Lower case, without a trailing dot, without brackets; IPv6 in its shortest form. */
  readonly host: string
  readonly kind: 'name' | 'ipv4' | 'ipv6'
  readonly port: number | undefined
}

const maximumLength = 300
const namePattern = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/u
const portPattern = /^\d{1,5}$/u

/**
 * Parses the value of a Host header or the authority of a URL (RFC 9110 §7.2). Anything else than a plain host with an
 * optional port is `undefined`: user information, zone ids, paths, several ports, foreign characters.
 */
export function parseAuthority(text: string): Authority | undefined {
  if (text === '' || text.length > maximumLength) return undefined
  const split = text.startsWith('[') ? splitBracketed(text) : splitPlain(text)
  if (split === undefined) return undefined
  const port = parsePort(split.port)
  return port === false ? undefined : classify(split.host, split.bracketed, port)
}

/** Whether a host names this computer itself and nothing that DNS could point elsewhere. */
export function isLoopbackAuthority(authority: Pick<Authority, 'host' | 'kind'>): boolean {
  if (authority.kind === 'name') return authority.host === 'localhost'
  return isLoopbackAddress(authority.host)
}

/** Whether a socket's address is this computer's own, IPv4 inside IPv6 included. */
export function isLoopbackAddress(address: string): boolean {
  if (usualLoopback.has(address)) return true
  const plain = unmapped(address)
  if (isIPv4(plain)) return loopback.check(plain, 'ipv4')
  return isIPv6(plain) && loopback.check(plain, 'ipv6')
}

/** `0.0.0.0` and `::`: good for listening on, and never a place that a browser should reach us at. */
export function isUnspecifiedAddress(address: string): boolean {
  const plain = unmapped(address)
  if (isIPv4(plain)) return plain === '0.0.0.0'
  return isIPv6(plain) && shortestIpv6(plain) === '::'
}

/** A bare address: without brackets and zone, and IPv4 taken out of IPv6 (`::ffff:127.0.0.1`). Other text as it is. */
export function unmapped(address: string): string {
  const withoutBrackets = address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address
  if (!isIPv6(withoutBrackets)) return withoutBrackets
  const bare = withoutBrackets.split('%', 1)[0] ?? ''
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/u.exec(shortestIpv6(bare))
  if (match === null) return bare
  const high = Number.parseInt(match[1] ?? '', 16)
  const low = Number.parseInt(match[2] ?? '', 16)
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

/** As sockets spell them: asked for with every request, so not worth parsing. */
const usualLoopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const loopback = loopbackBlocks()

function loopbackBlocks(): BlockList {
  const blocks = new BlockList()
  blocks.addSubnet('127.0.0.0', 8, 'ipv4')
  blocks.addAddress('::1', 'ipv6')
  return blocks
}

interface SplitAuthority {
  readonly host: string
  readonly port: string | undefined
  readonly bracketed: boolean
}

function splitBracketed(text: string): SplitAuthority | undefined {
  const end = text.indexOf(']')
  if (end < 0) return undefined
  const rest = text.slice(end + 1)
  if (rest !== '' && !rest.startsWith(':')) return undefined
  return { host: text.slice(1, end), port: rest === '' ? undefined : rest.slice(1), bracketed: true }
}

function splitPlain(text: string): SplitAuthority | undefined {
  const colon = text.indexOf(':')
  if (colon < 0) return { host: text, port: undefined, bracketed: false }
  return { host: text.slice(0, colon), port: text.slice(colon + 1), bracketed: false }
}

/** `false`: not a port. RFC 3986 allows an empty one after the colon. */
function parsePort(text: string | undefined): number | undefined | false {
  if (text === undefined || text === '') return undefined
  if (!portPattern.test(text)) return false
  const port = Number(text)
  return port <= 65_535 ? port : false
}

function classify(raw: string, bracketed: boolean, port: number | undefined): Authority | undefined {
  if (bracketed) {
    if (!isIPv6(raw) || raw.includes('%')) return undefined
    const plain = unmapped(raw)
    return isIPv4(plain) ? { host: plain, kind: 'ipv4', port } : { host: shortestIpv6(raw), kind: 'ipv6', port }
  }
  const lower = raw.toLowerCase()
  const host = lower.endsWith('.') ? lower.slice(0, -1) : lower
  if (isIPv4(host)) return { host, kind: 'ipv4', port }
  return namePattern.test(host) ? { host, kind: 'name', port } : undefined
}

function shortestIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}
