import type { AccountType } from '../../backends/backend.ts'
import { ProxyError } from '../../canonical/error.ts'
import type { StoredLogin } from '../../store/types.ts'
import type { AccountService, NewAccount } from '../account-service.ts'
import type { LoginSecrets } from './login-secrets.ts'

export interface FinishLoginDeps {
  readonly accounts: Pick<AccountService, 'add' | 'get' | 'signInAgain'>
  readonly secrets: LoginSecrets
  readonly now: () => number
}

/**
 * Turns the tokens of a login into an account, or gives them to the account that signs in again. May be repeated after
 * an interruption at any point: a new account has the login's own id. Returns the account's id.
 */
export async function finishLogin({ accounts, secrets }: FinishLoginDeps, login: StoredLogin): Promise<string> {
  const tokens = await secrets.tokens(login.id)
  if (tokens === undefined) throw new ProxyError('internal', 'The tokens of the sign-in are gone. Start it again.')
  const clientSecret = login.kind === 'social' ? undefined : await secrets.clientSecret(login.id)
  const registration = {
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(login.clientId === null ? {} : { clientId: login.clientId }),
    ...(login.clientSecretExpiresAt === null ? {} : { clientSecretExpiresAt: login.clientSecretExpiresAt }),
    ...(login.ssoRegion === null ? {} : { ssoRegion: login.ssoRegion }),
    ...(login.startUrl === null ? {} : { startUrl: login.startUrl }),
  }
  const accountId = login.targetAccountId ?? login.id
  if (accounts.get(accountId) !== undefined) {
    await accounts.signInAgain(accountId, { tokens, authMethod: login.kind, ...registration })
    return accountId
  }
  if (login.targetAccountId !== null) {
    throw new ProxyError('not-found', 'The account that was to sign in again has been removed meanwhile.')
  }
  const account: NewAccount = {
    type: login.accountType as AccountType,
    authMethod: login.kind,
    accessToken: tokens.accessToken,
    accessTokenExpiresAt: tokens.expiresAt,
    ...registration,
    ...(login.label === '' ? {} : { label: login.label }),
    ...(tokens.refreshToken === undefined ? {} : { refreshToken: tokens.refreshToken }),
    ...(tokens.profileArn === undefined ? {} : { profileArn: tokens.profileArn }),
  }
  await accounts.add(account, login.id)
  return login.id
}
