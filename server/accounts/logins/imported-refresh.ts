import type { SecretStore } from '../../secrets/secret-store.ts'
import type { StoredAccount } from '../../store/types.ts'
import type { AccountBook } from '../account-book.ts'
import { optionOf } from '../account-input.ts'
import { accountSecret } from '../account-secrets.ts'
import { endsSignIn, SignInError } from '../sign-in-error.ts'
import type { RefreshTokens } from '../token-refresh.ts'
import type { FoundCredentials } from './import-found.ts'

export interface ImportedRefreshDeps {
  readonly refresh: RefreshTokens
  readonly book: Pick<AccountBook, 'change'>
  readonly secrets: Pick<SecretStore, 'get' | 'set'>
  /** What the place that an account was imported from holds now. */
  readonly read: (sourceId: string) => Promise<FoundCredentials | undefined>
  /** Name of the program that a source belongs to. */
  readonly programOf: (sourceId: string) => Promise<string>
}

/**
 * The refresh of accounts whose sign-in is shared with the program that they were imported from (amazon-q.md §1.7): when
 * the refresh token is dead, the other program may have put a new one in its place; it is looked for once.
 */
export function createImportedRefresh(deps: ImportedRefreshDeps): RefreshTokens {
  const { book, secrets, refresh } = deps

  /** The account with the source's newer credentials, durable, or undefined when there are none. */
  async function takeOver(account: StoredAccount, source: string): Promise<StoredAccount | undefined> {
    const found = await deps.read(source)
    const name = accountSecret(account.id, 'refresh-token')
    if (found?.refreshToken === undefined || found.refreshToken === (await secrets.get(name))) return undefined
    if (!isSameLogin(account, found)) return undefined
    // A refresh token works only with the registration that obtained it.
    if (found.clientSecret !== undefined) {
      await secrets.set(accountSecret(account.id, 'client-secret'), found.clientSecret)
    }
    await secrets.set(name, found.refreshToken)
    return await book.change(account.id, {
      clientId: found.clientId ?? account.clientId,
      clientSecretExpiresAt: found.clientSecretExpiresAt ?? account.clientSecretExpiresAt,
    })
  }

  return async (account) => {
    try {
      return await refresh(account)
    } catch (error) {
      const source = optionOf(account.other, 'source')
      if (source === undefined || !endsSignIn(error)) throw error
      const renewed = await takeOver(account, source)
      if (renewed === undefined) throw shared(error, await deps.programOf(source))
      try {
        return await refresh(renewed)
      } catch (again) {
        throw endsSignIn(again) ? shared(again, await deps.programOf(source)) : again
      }
    }
  }
}

/** The place may hold the login of somebody else by now. */
function isSameLogin(account: StoredAccount, found: FoundCredentials): boolean {
  const differs = (mine: string | null, theirs: string | undefined): boolean =>
    mine !== null && theirs !== undefined && mine !== theirs
  return !differs(account.startUrl, found.startUrl) && !differs(account.profileArn, found.profileArn)
}

function shared(error: SignInError, program: string): SignInError {
  return new SignInError(error.code, error.message, { status: error.status, sharedWith: program })
}
