import type { SecretStore } from '../secrets/secret-store.ts'

export interface StoredAccessToken {
  readonly token: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

const NAMES = ['refresh-token', 'client-secret', 'access-token', 'api-key', 'proxy'] as const

type SecretName = (typeof NAMES)[number]

/** The name of one of an account's secrets in the SecretStore. */
export function accountSecret(accountId: string, name: SecretName): string {
  return `account/${accountId}/${name}`
}

/** Removes every secret of an account. */
export async function deleteAccountSecrets(secrets: SecretStore, accountId: string): Promise<void> {
  for (const name of NAMES) await secrets.delete(accountSecret(accountId, name))
}

/** The sealed access token with its expiry, or undefined when there is none that can be read as such. */
export async function readAccessToken(
  secrets: Pick<SecretStore, 'get'>,
  accountId: string,
): Promise<StoredAccessToken | undefined> {
  const text = await secrets.get(accountSecret(accountId, 'access-token'))
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { token, expiresAt } = value as { readonly token?: unknown; readonly expiresAt?: unknown }
    return typeof token === 'string' && typeof expiresAt === 'number' ? { token, expiresAt } : undefined
  } catch {
    return undefined
  }
}

/** Seals the access token together with its expiry, so that the two never disagree after a crash. */
export async function writeAccessToken(
  secrets: SecretStore,
  accountId: string,
  accessToken: StoredAccessToken,
): Promise<void> {
  await secrets.set(
    accountSecret(accountId, 'access-token'),
    JSON.stringify({ token: accessToken.token, expiresAt: accessToken.expiresAt }),
  )
}
