import type { SecretStore } from '../secrets/secret-store.ts'

const secretName = 'server/upstream-proxy'
const mask = '***'
const passwordPattern = /^(?<before>[a-z0-9+.-]+:\/\/[^/?#\s]*?:)(?<password>[^/?#\s]*)@/iu

/** A proxy URL with its password masked: the only form that is shown or stored in the database. */
export function maskProxy(proxy: string): string {
  return proxy.replace(passwordPattern, `$<before>${mask}@`)
}

/** Puts the URL's password into the secret store and returns what may be stored in the database. */
export async function sealProxy(proxy: string, secrets: Pick<SecretStore, 'set' | 'delete'>): Promise<string> {
  const masked = maskProxy(proxy)
  if (masked === proxy) await secrets.delete(secretName)
  else await secrets.set(secretName, proxy)
  return masked
}

/** The whole URL again. A masked one whose secret is gone or belongs to another URL stays masked. */
export async function revealProxy(masked: string, secrets: Pick<SecretStore, 'get'>): Promise<string> {
  if (!masked.includes(`:${mask}@`)) return masked
  const sealed = await secrets.get(secretName)
  return sealed !== undefined && maskProxy(sealed) === masked ? sealed : masked
}
