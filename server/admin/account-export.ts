import { withoutSource } from '../accounts/account-input.ts'
import { readAccessToken } from '../accounts/account-secrets.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { ExportedAccount, PlainExport, SealedExport } from '../contract/account-transfer.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { StoredAccount } from '../store/types.ts'
import { isoTime } from './account-view.ts'
import { managementError, notFound } from './errors.ts'
import type { AdminDependencies } from './dependencies.ts'
import { sealText } from './sealed-envelope.ts'

export interface ExportChoice {
  /** Absent: all accounts. */
  readonly ids?: readonly string[] | undefined
  readonly passphrase?: string | undefined
  readonly plain?: boolean | undefined
}

/** Accounts with their secrets, sealed under the passphrase, or plain where the person said so explicitly. */
export async function exportAccounts(
  dependencies: Pick<AdminDependencies, 'accounts' | 'secrets' | 'now'>,
  choice: ExportChoice,
): Promise<PlainExport | SealedExport> {
  const { passphrase, plain = false } = choice
  if (passphrase === undefined && !plain) throw managementError('invalid-request', undecided, { path: 'passphrase' })
  if (passphrase !== undefined && plain) throw managementError('invalid-request', contradiction, { path: 'plain' })
  const accounts: ExportedAccount[] = []
  for (const account of chosen(dependencies.accounts.list(), choice.ids)) {
    accounts.push(await exportAccount(account, dependencies.secrets))
  }
  const exported_at = isoTime(dependencies.now())
  const whole: PlainExport = { format: 'culvert-accounts', version: 1, exported_at, accounts }
  return passphrase === undefined ? whole : sealText(JSON.stringify(whole), passphrase, exported_at)
}

const undecided =
  'An export holds everything needed to use your accounts. Give a passphrase of at least 8 characters to seal it, ' +
  'or ask for a plain one explicitly.'
const contradiction = 'An export is either sealed under a passphrase or plain, not both. Leave one of the two out.'

function chosen(accounts: readonly StoredAccount[], ids: readonly string[] | undefined): readonly StoredAccount[] {
  if (ids === undefined) return accounts
  return ids.map((id) => {
    const account = accounts.find((candidate) => candidate.id === id)
    if (account === undefined) throw notFound('account')
    return account
  })
}

async function exportAccount(account: StoredAccount, secrets: Pick<SecretStore, 'get'>): Promise<ExportedAccount> {
  const secret = (name: string): Promise<string | undefined> => secrets.get(`account/${account.id}/${name}`)
  const [clientSecret, refreshToken, apiKey] = await Promise.all(
    ['client-secret', 'refresh-token', 'api-key'].map(secret),
  )
  const accessToken = (await readAccessToken(secrets, account.id))?.token
  return {
    label: account.label,
    type: account.type,
    authMethod: account.authMethod,
    enabled: account.enabled,
    ...(account.clientId === null ? {} : { clientId: account.clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(account.profileArn === null ? {} : { profileArn: account.profileArn }),
    other: exportedOther(account, apiKey),
  }
}

function exportedOther(account: StoredAccount, apiKey: string | undefined): JsonObject {
  return {
    ...withoutSource(account.other),
    ...(account.ssoRegion === null ? {} : { region: account.ssoRegion }),
    ...(account.startUrl === null ? {} : { startUrl: account.startUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
  }
}
