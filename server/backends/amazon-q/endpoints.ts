import { ProxyError } from '../../canonical/error.ts'
import type { BackendAccount } from '../backend.ts'

/**
 * The ways to make the chat call (amazon-q.md §2.1): `q-json` is E1, `q-rest` E2, `runtime` E4. The first two are on the
 * Amazon Q host, the last is on Kiro's.
 */
export type EndpointVariant = 'q-json' | 'q-rest' | 'runtime'

/** Other addresses than AWS's own, for tests and self-hosted stand-ins. `{region}` in them is filled in. */
export interface EndpointBases {
  /** `AMAZONQ_API_ENDPOINT` */
  readonly qBase?: string
  /** `KIRO_RUNTIME_ENDPOINT` */
  readonly kiroRuntimeBase?: string
}

const VARIANTS: readonly EndpointVariant[] = ['q-json', 'q-rest', 'runtime']

/** The regions that have the service (amazon-q.md §1.3). */
const API_REGIONS = ['us-east-1', 'eu-central-1']

/**
 * The endpoints for an account in the order to try them: its own (`options.endpoints`, names of variants) or the
 * recommended one. An account without a profile can not use Kiro's host, which demands one.
 */
export function endpointOrder(account: BackendAccount, bases: EndpointBases): readonly EndpointVariant[] {
  const chosen = account.options['endpoints']
  if (Array.isArray(chosen)) {
    const known = VARIANTS.filter((variant) => chosen.includes(variant))
    if (known.length > 0) return known.toSorted((a, b) => chosen.indexOf(a) - chosen.indexOf(b))
  }
  if (account.profileArn === undefined) return ['q-json', 'q-rest']
  // Who redirects one host only does not want calls to go out to the other.
  const isQRedirected = bases.qBase !== undefined || ownBase(account) !== undefined
  return isQRedirected && bases.kiroRuntimeBase === undefined ? ['q-rest', 'q-json'] : ['q-rest', 'runtime']
}

/** The address of the chat call. */
export function chatUrl(variant: EndpointVariant, account: BackendAccount, bases: EndpointBases): string {
  switch (variant) {
    case 'q-json':
      return `${qBase(account, bases, account.apiRegion)}/`
    case 'q-rest':
      return `${qBase(account, bases, account.apiRegion)}/generateAssistantResponse`
    case 'runtime':
      return `${filledIn(bases.kiroRuntimeBase ?? 'https://runtime.{region}.kiro.dev', account.apiRegion)}/generateAssistantResponse`
  }
}

/** The address of the service's own host in a region, without a slash at the end. */
export function qBase(account: BackendAccount, bases: EndpointBases, region: string): string {
  return filledIn(ownBase(account) ?? bases.qBase ?? 'https://q.{region}.amazonaws.com', region)
}

/** The account's region first, then the others that make a difference to the address. */
export function apiRegions(account: BackendAccount, bases: EndpointBases): readonly string[] {
  const base = ownBase(account) ?? bases.qBase
  if (base !== undefined && !base.includes('{region}')) return [account.apiRegion]
  return [...new Set([account.apiRegion, ...API_REGIONS])]
}

function ownBase(account: BackendAccount): string | undefined {
  const base = account.options['api_endpoint']
  if (typeof base !== 'string' || base === '') return undefined
  if (/^https?:\/\/[^/\s]+/iu.test(base)) return base
  throw new ProxyError(
    'internal',
    'The api_endpoint of the account is not an http or https address. Correct it in the account’s options.',
  )
}

function filledIn(base: string, region: string): string {
  // It becomes part of a host name: a damaged profile ARN must not choose the host.
  if (!/^[a-z0-9-]{1,40}$/u.test(region)) {
    throw new ProxyError(
      'internal',
      'The region of the account is not one. Remove its profile ARN and refresh the account.',
    )
  }
  return base.replaceAll('{region}', region).replace(/\/+$/u, '')
}
