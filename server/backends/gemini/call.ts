import { ProxyError } from '../../canonical/error.ts'
import type { BackendAccount, BackendOptions } from '../backend.ts'
import type { UpstreamClient } from '../fetch-upstream.ts'

export interface GeminiCallDeps {
  readonly client: UpstreamClient
  /** Without a slash at the end. */
  readonly base: string
}

/** The address of the service for an account, its own (`options.api_endpoint`) before the common one. */
export function baseFor(account: BackendAccount, base: string): string {
  const own = account.options['api_endpoint']
  return typeof own === 'string' && /^https?:\/\//u.test(own) ? own.replace(/\/+$/u, '') : base
}

/** The account's own proxy, if it has one. */
export function proxyOf(account: BackendAccount): { readonly proxy?: string } {
  const proxy = account.options['proxy']
  return typeof proxy === 'string' && proxy !== '' ? { proxy } : {}
}

/** The headers of every call (gemini.md §9). */
export function headersFor(apiKey: string, { userAgent }: Pick<BackendOptions, 'userAgent'>): Record<string, string> {
  return { 'x-goog-api-key': apiKey, 'user-agent': userAgent, 'content-type': 'application/json' }
}

/** Something that is not the service answered in its place. */
export function notTheService(cause?: unknown): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    'Instead of an answer of Gemini a web page or the like came back. A login page of the network or a proxy is in the way; open a browser and look.',
    { upstreamStatus: 200, cause },
  )
}
