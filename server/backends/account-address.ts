import { ProxyError } from '../canonical/error.ts'
import { isJsonObject } from '../canonical/json.ts'
import type { BackendAccount } from './backend.ts'

/**
 * The address of an account's service without a slash or `/v1` at the end: its `baseUrl` (`api_endpoint` is the older
 * name), else the given one. Throws `ProxyError` (`internal`) for what is no http or https address.
 */
export function baseAddress({ options }: BackendAccount, fallback: string): string {
  const own = options['baseUrl'] ?? options['api_endpoint']
  const base = typeof own === 'string' && own !== '' ? own : fallback
  if (!/^https?:\/\/[^/?#\s@]+[^?#\s]*$/iu.test(base)) {
    throw new ProxyError(
      'internal',
      'The baseUrl of the account is not a plain http or https address. Correct it in the account’s options.',
    )
  }
  return base.replace(/\/+$/u, '').replace(/\/v1$/iu, '')
}

/**
 * The address of an account's service up to its version: `baseUrl` with `/v1` added where it names no version itself
 * (`https://api.example.com`, `https://example.com/api/v1`, `https://example.com/api/paas/v4`).
 */
export function versionedAddress(account: BackendAccount, fallback: string): string {
  const base = baseAddress(account, fallback)
  return /\/v\d+(?:[a-z]+\d*)?(?:\/openai)?$/u.test(base) ? base : `${base}/v1`
}

/** Headers that belong to the connection or the body, which only we know. */
const FIXED = /^(?:host|connection|content-length|content-type|transfer-encoding|upgrade|te|trailer|expect|accept)$/iu

/** The account's own headers (`headers` among its options), names in lower case. */
export function ownHeaders({ options }: BackendAccount): Readonly<Record<string, string>> {
  const headers = options['headers']
  if (!isJsonObject(headers)) return {}
  const usable = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    /^[\w-]{1,100}$/u.test(name) &&
    !FIXED.test(name) &&
    typeof value === 'string' &&
    /^[\t\x20-\x7e]{0,4096}$/u.test(value)
      ? [[name.toLowerCase(), value]]
      : [],
  )
  return Object.fromEntries(usable)
}

/** The models that the person listed in the account's options; undefined: none, the service is asked. */
export function ownModels({ options }: BackendAccount): readonly string[] | undefined {
  const models = options['models']
  if (!Array.isArray(models)) return undefined
  const ids = models.filter((id): id is string => typeof id === 'string' && id !== '')
  return ids.length === 0 ? undefined : ids
}
