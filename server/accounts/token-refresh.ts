import type { UpstreamClient } from '../backends/fetch-upstream.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { StoredAccount } from '../store/types.ts'
import { accountSecret } from './account-secrets.ts'
import type { KiroAuth } from './logins/kiro-auth.ts'
import type { LoginCall, SsoOidc } from './logins/sso-oidc.ts'
import { refreshAtExternalIdp } from './logins/external-idp.ts'
import { SignInError } from './sign-in-error.ts'
import type { TokenSet } from './token-set.ts'

/** Asks an account's login service for a new token. Rejects with `SignInError` or `ProxyError`. */
export type RefreshTokens = (account: StoredAccount) => Promise<TokenSet>

export interface TokenRefreshDeps {
  readonly secrets: SecretStore
  readonly oidc: SsoOidc
  readonly kiroAuth: KiroAuth
  readonly client: UpstreamClient
  readonly userAgent: () => string
  readonly now: () => number
  /** See `ExternalIdpOptions.trustedHosts`. */
  readonly trustedTokenHosts?: readonly string[]
}

/** The refresh call of each kind of credential (amazon-q.md §1). */
export function createTokenRefresh(deps: TokenRefreshDeps): RefreshTokens {
  return async (account) => {
    const refreshToken = await deps.secrets.get(accountSecret(account.id, 'refresh-token'))
    if (refreshToken === undefined) throw missing('refresh token')
    const proxy = textOption(account, 'proxy')
    const call: LoginCall = { region: account.ssoRegion ?? 'us-east-1', ...(proxy === undefined ? {} : { proxy }) }
    switch (account.authMethod) {
      case 'social':
        return await deps.kiroAuth.refresh(call, refreshToken)
      case 'external-idp': {
        const tokenEndpoint = textOption(account, 'tokenEndpoint')
        if (tokenEndpoint === undefined || account.clientId === null) throw missing('token endpoint or client id')
        const scope = textOption(account, 'scope')
        return await refreshAtExternalIdp(deps, {
          tokenEndpoint,
          clientId: account.clientId,
          refreshToken,
          ...(scope === undefined ? {} : { scope }),
          ...(proxy === undefined ? {} : { proxy }),
        })
      }
      default: {
        const clientSecret = await deps.secrets.get(accountSecret(account.id, 'client-secret'))
        if (clientSecret === undefined || account.clientId === null) throw missing('client registration')
        return await deps.oidc.refresh(call, { clientId: account.clientId, clientSecret }, refreshToken)
      }
    }
  }
}

/** A text member of the account's own options; undefined when absent or of another type. */
export function textOption(account: Pick<StoredAccount, 'other'>, name: string): string | undefined {
  const value = account.other[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Nothing to refresh with is the same as a dead refresh token: only a new sign-in helps. */
function missing(what: string): SignInError {
  return new SignInError('invalid_grant', `The account has no ${what}.`, { status: 0 })
}
