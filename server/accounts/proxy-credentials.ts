import type { SecretStore } from '../secrets/secret-store.ts'

const mask = '***'
/** The scheme may be missing, as in `name:password@host:port`. */
const passwordPattern = /^(?<before>(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#\s:@]*:)(?<password>[^/?#\s]*)@/iu

/** A proxy URL with its password masked: the only form that is shown or stored in the database. */
export function maskProxy(proxy: string): string {
  return proxy.replace(passwordPattern, `$<before>${mask}@`)
}

/** Whether the password of a proxy URL is only the mask. */
export function isMaskedProxy(proxy: string): boolean {
  return passwordPattern.exec(proxy)?.groups?.['password'] === mask
}

/**
 * Puts the URL into the secret store under `name` when it holds a password, and returns what may be stored in the
 * database.
 */
export async function sealProxy(
  proxy: string,
  name: string,
  secrets: Pick<SecretStore, 'get' | 'set' | 'delete'>,
): Promise<string> {
  const masked = maskProxy(proxy)
  // What is masked already says nothing new: the password was not to be had when it was read.
  if (isMaskedProxy(proxy)) return masked
  const sealed = await secrets.get(name)
  if (masked !== proxy && sealed !== proxy) await secrets.set(name, proxy)
  if (masked === proxy && sealed !== undefined) await secrets.delete(name)
  return masked
}

/** The whole URL again. A masked one whose secret is gone or belongs to another URL stays masked. */
export async function revealProxy(masked: string, name: string, secrets: Pick<SecretStore, 'get'>): Promise<string> {
  if (!isMaskedProxy(masked)) return masked
  const sealed = await secrets.get(name)
  return sealed !== undefined && maskProxy(sealed) === masked ? sealed : masked
}
