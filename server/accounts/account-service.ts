import type { AuthMethod } from '../backends/backend.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { StoredAccount } from '../store/types.ts'
import { ProxyError } from '../canonical/error.ts'
import type { AccountBook, AccountChange, AccountFields } from './account-book.ts'
import type { AccountDetails, DetailsOutcome } from './account-details.ts'
import {
  accessTokenEnd,
  apiRegionOf,
  checkCredentials,
  checkProxy,
  invalid,
  optionOf,
  toStoredAccount,
  withoutSecrets,
  withoutSource,
} from './account-input.ts'
import type { AccountPatch, NewAccount } from './account-input.ts'
import { accountSecret, deleteAccountSecrets } from './account-secrets.ts'
import { recovered } from './cooldown.ts'
import type { TokenService } from './tokens.ts'
import type { TokenSet } from './token-set.ts'

export type { AccountPatch, NewAccount }

/** The tokens and registration that a new login of an existing account brings. */
export interface Renewal {
  readonly tokens: TokenSet
  readonly authMethod?: AuthMethod
  readonly clientId?: string
  readonly clientSecret?: string
  readonly clientSecretExpiresAt?: number
  readonly ssoRegion?: string
  readonly startUrl?: string
}

/** A person's accounts: adding, changing, removing. Methods reject with `ProxyError` (or `StoreError`). */
export interface AccountService {
  list(): readonly StoredAccount[]
  get(id: string): StoredAccount | undefined
  /** Stores the account and its secrets, then fetches its details in the background. Nothing is checked online. */
  add(account: NewAccount, id?: string): Promise<StoredAccount>
  update(id: string, patch: AccountPatch): Promise<StoredAccount>
  /** Signs an account in again in place: its history, label and options stay. */
  signInAgain(id: string, renewal: Renewal): Promise<StoredAccount>
  /** Removes the account and its secrets. */
  remove(id: string): Promise<void>
  /** Fetches profile, models, quota and e-mail again. */
  refreshDetails(id: string): Promise<DetailsOutcome>
  subscribe(listener: (change: AccountChange) => void): () => void
}

export interface AccountServiceDeps {
  readonly book: AccountBook
  readonly secrets: SecretStore
  readonly tokens: TokenService
  readonly details: AccountDetails
  readonly now: () => number
  readonly randomUuid: () => string
}

const MAX_ACCOUNTS = 2_000
const ALL_DETAILS = ['profile', 'models', 'quota'] as const

export function createAccountService(deps: AccountServiceDeps): AccountService {
  const { book, secrets, tokens, details, now } = deps
  /** Refresh tokens whose accounts are on their way into the book: two requests at once must not both add one. */
  const arriving = new Set<string>()

  function existing(id: string): StoredAccount {
    const account = book.get(id)
    if (account === undefined) throw new ProxyError('not-found', 'There is no account with this id.', { param: 'id' })
    return account
  }

  /** Two accounts with one refresh token would sign each other out at the first renewal. */
  async function refuseTwin(refreshToken: string, exceptId: string | undefined): Promise<void> {
    for (const { id, label } of book.list()) {
      if (id === exceptId) continue
      if ((await secrets.get(accountSecret(id, 'refresh-token'))) === refreshToken) {
        throw invalid('refreshToken', `This refresh token already belongs to the account “${label}”.`)
      }
    }
  }

  async function keepCredentials(id: string, credentials: Pick<NewAccount, 'clientSecret' | 'apiKey'>): Promise<void> {
    const { clientSecret, apiKey } = credentials
    if (clientSecret !== undefined) await secrets.set(accountSecret(id, 'client-secret'), clientSecret)
    if (apiKey !== undefined) await secrets.set(accountSecret(id, 'api-key'), apiKey)
  }

  async function keep(account: NewAccount, row: StoredAccount): Promise<void> {
    const { id } = row
    try {
      await keepCredentials(id, account)
      if (account.refreshToken !== undefined) {
        await secrets.set(accountSecret(id, 'refresh-token'), account.refreshToken)
      }
      if (account.accessToken !== undefined) {
        await tokens.adopt(id, { accessToken: account.accessToken, expiresAt: accessTokenEnd(account, now()) })
      }
      await book.insert(row)
    } catch (error) {
      tokens.forget(id)
      await deleteAccountSecrets(secrets, id).catch(() => undefined)
      throw error
    }
  }

  return {
    list: () => book.list(),
    get: (id) => book.get(id),
    async add(input, id = deps.randomUuid()) {
      if (book.list().length >= MAX_ACCOUNTS) {
        throw new ProxyError('invalid-request', `Culvert keeps at most ${MAX_ACCOUNTS} accounts. Remove one first.`)
      }
      const apiKey = input.apiKey ?? optionOf(input.other, 'apiKey')
      const account: NewAccount = apiKey === undefined ? input : { ...input, apiKey }
      checkCredentials(account)
      checkProxy(account.other)
      const row = toStoredAccount(account, { id, now: now(), existing: book.list() })
      const { refreshToken } = account
      if (refreshToken === undefined) await keep(account, row)
      else {
        if (arriving.has(refreshToken)) throw invalid('refreshToken', 'This refresh token is being added right now.')
        arriving.add(refreshToken)
        try {
          await refuseTwin(refreshToken, id)
          await keep(account, row)
        } finally {
          arriving.delete(refreshToken)
        }
      }
      void details.refresh(id, ALL_DETAILS, 'program')
      return row
    },
    async update(id, patch) {
      const account = existing(id)
      checkCredentials(patch)
      checkProxy(patch.other, account.other)
      const apiKey = patch.apiKey ?? optionOf(patch.other, 'apiKey')
      if (patch.refreshToken !== undefined) await refuseTwin(patch.refreshToken, id)
      await keepCredentials(id, { ...patch, ...(apiKey === undefined ? {} : { apiKey }) })
      if (patch.refreshToken !== undefined) {
        await secrets.set(accountSecret(id, 'refresh-token'), patch.refreshToken)
        await secrets.delete(accountSecret(id, 'access-token'))
        tokens.forget(id)
      }
      if (patch.accessToken !== undefined) {
        const refreshToken = await secrets.get(accountSecret(id, 'refresh-token'))
        const expiresAt = accessTokenEnd(refreshToken === undefined ? {} : { refreshToken }, now())
        await tokens.adopt(id, { accessToken: patch.accessToken, expiresAt })
      }
      const isNewSignIn = [patch.refreshToken, patch.accessToken, apiKey].some((each) => each !== undefined)
      const changed = await book.change(id, {
        ...fieldsOf(account, patch),
        ...statusAfter(account, patch, isNewSignIn, now()),
      })
      if (isNewSignIn || patch.profileArn !== undefined) void details.refresh(id, ALL_DETAILS, 'program')
      return changed ?? account
    },
    async signInAgain(id, renewal) {
      const account = existing(id)
      await keepCredentials(id, renewal.clientSecret === undefined ? {} : { clientSecret: renewal.clientSecret })
      await tokens.adopt(id, renewal.tokens)
      const changed = await book.change(id, {
        authMethod: renewal.authMethod ?? account.authMethod,
        clientId: renewal.clientId ?? account.clientId,
        clientSecretExpiresAt: renewal.clientSecretExpiresAt ?? account.clientSecretExpiresAt,
        ssoRegion: renewal.ssoRegion ?? account.ssoRegion,
        startUrl: renewal.startUrl ?? account.startUrl,
        accessTokenExpiresAt: renewal.tokens.expiresAt,
        lastRefreshTime: now(),
        lastRefreshStatus: 'success',
        other: withoutSource(account.other),
        ...(renewal.tokens.profileArn === undefined ? {} : { profileArn: renewal.tokens.profileArn }),
        ...(account.status === 'sign-in-needed' ? { ...recovered(now()), consecutiveFailures: 0 } : {}),
      })
      void details.refresh(id, ALL_DETAILS, 'program')
      return changed ?? account
    },
    async remove(id) {
      existing(id)
      await deleteAccountSecrets(secrets, id)
      tokens.forget(id)
      await book.remove(id)
    },
    async refreshDetails(id) {
      existing(id)
      return await details.refresh(id, ALL_DETAILS, 'person')
    },
    subscribe: (listener) => book.subscribe(listener),
  }
}

function fieldsOf(account: StoredAccount, patch: AccountPatch): AccountFields {
  return {
    ...(patch.label === undefined || patch.label.trim() === '' ? {} : { label: patch.label.trim() }),
    ...(patch.enabled === undefined ? {} : { enabled: patch.enabled }),
    ...otherAfter(account, patch),
    ...(patch.clientId === undefined ? {} : { clientId: patch.clientId }),
    ...((patch.refreshToken ?? patch.accessToken) ? { accessTokenExpiresAt: null } : {}),
    ...placeAfter(account, patch),
  }
}

/** Where the account signs in and is served. The profile's ARN names the service's region. */
function placeAfter(account: StoredAccount, patch: AccountPatch): AccountFields {
  // What comes back as it was read may be older than a later sign-in.
  const changed = (name: string): string | undefined => {
    const value = optionOf(patch.other, name)
    return value === optionOf(account.other, name) ? undefined : value
  }
  const region = changed('region')
  const startUrl = changed('startUrl')
  const ssoRegion = region ?? account.ssoRegion
  const profileArn = patch.profileArn === undefined ? account.profileArn : patch.profileArn
  const isMoved = patch.profileArn !== undefined || ssoRegion !== account.ssoRegion
  return {
    ...(startUrl === undefined ? {} : { startUrl }),
    ...(isMoved ? { ssoRegion, profileArn, apiRegion: apiRegionOf(profileArn, ssoRegion) } : {}),
  }
}

/** A sign-in of its own is no longer shared with the program that an account was imported from. */
function otherAfter(account: StoredAccount, patch: AccountPatch): AccountFields {
  if (patch.other === undefined && patch.refreshToken === undefined) return {}
  const other = withoutSecrets(patch.other ?? account.other)
  return { other: patch.refreshToken === undefined ? other : withoutSource(other) }
}

/** Switching an account on again is the person's "try it again"; new credentials end "sign in again". */
function statusAfter(account: StoredAccount, patch: AccountPatch, isNewSignIn: boolean, now: number): AccountFields {
  const isRevived = patch.enabled === true && !account.enabled && account.status !== 'sign-in-needed'
  const isSignedIn = isNewSignIn && account.status === 'sign-in-needed'
  return isRevived || isSignedIn ? { ...recovered(now), consecutiveFailures: 0 } : {}
}
