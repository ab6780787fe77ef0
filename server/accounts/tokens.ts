import { ProxyError } from '../canonical/error.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { StoredAccount } from '../store/types.ts'
import type { AccountBook } from './account-book.ts'
import { accountSecret, readAccessToken, writeAccessToken } from './account-secrets.ts'
import type { StoredAccessToken } from './account-secrets.ts'
import { abortable } from './abortable.ts'
import { recovered } from './cooldown.ts'
import { nothingToRenewWith, refreshFailure, signInNeeded } from './token-failures.ts'
import type { RefreshTokens } from './token-refresh.ts'
import type { TokenSet } from './token-set.ts'

/** Access tokens that work. All methods reject with `ProxyError` only. */
export interface TokenService {
  /**
   * A token that is good for now: from memory, from the sealed store, or freshly renewed (5 minutes early). The signal
   * ends only this caller's wait: a renewal that others wait for goes on.
   */
  fresh(accountId: string, signal?: AbortSignal): Promise<string>
  /** Another token than `refusedToken`, which the service did not accept. */
  renew(accountId: string, refusedToken: string): Promise<string>
  /**
   * A renewal because the person asks for it, even where the sign-in was given up: success ends that state. Does nothing
   * for an account with an API key.
   */
  renewByHand(accountId: string): Promise<void>
  /** Takes over the tokens of a new login; durable when it resolves. */
  adopt(accountId: string, tokens: TokenSet): Promise<void>
  /** Drops what is kept in memory for an account. */
  forget(accountId: string): void
}

export interface TokenServiceDeps {
  readonly book: AccountBook
  readonly secrets: SecretStore
  readonly refresh: RefreshTokens
  readonly now: () => number
}

const RENEW_EARLY_MS = 5 * 60_000
/** An early renewal that failed is not tried again before this has passed, while the old token lives. */
const EARLY_RETRY_MS = 30_000
/** A token this close to its end would die on the way. */
const MARGIN_MS = 10_000

/** Everything kept in memory for one account. */
interface TokenState {
  access: StoredAccessToken | undefined
  loaded: boolean
  /** The one renewal that runs. */
  renewal: Promise<string> | undefined
  /** Tokens that the service has issued but the SecretStore has not taken yet. */
  unsaved: TokenSet | undefined
  /** Counts logins, so that a renewal begun before one does not overwrite its tokens. */
  generation: number
  noEarlyRenewalBefore: number
}

export function createTokenService(deps: TokenServiceDeps): TokenService {
  const { book, secrets, now } = deps
  const states = new Map<string, TokenState>()

  function stateOf(accountId: string): TokenState {
    let state = states.get(accountId)
    if (state === undefined) {
      state = {
        access: undefined,
        loaded: false,
        renewal: undefined,
        unsaved: undefined,
        generation: 0,
        noEarlyRenewalBefore: 0,
      }
      states.set(accountId, state)
    }
    return state
  }

  /** Refresh token first: if the program dies in between, the chain is not broken. Nothing is used before it is kept. */
  async function save(accountId: string, state: TokenState, tokens: TokenSet): Promise<void> {
    state.unsaved = tokens
    try {
      if (tokens.refreshToken !== undefined) {
        await secrets.set(accountSecret(accountId, 'refresh-token'), tokens.refreshToken)
      }
      const access = { token: tokens.accessToken, expiresAt: tokens.expiresAt }
      await writeAccessToken(secrets, accountId, access)
      state.access = access
      state.loaded = true
      state.unsaved = undefined
    } catch (error) {
      throw new ProxyError(
        'internal',
        `The renewed sign-in of ${nameOf(book, accountId)} could not be stored in the place where Culvert keeps secrets. Unlock the keychain or free disk space; Culvert keeps the sign-in in memory and tries again.`,
        { cause: error },
      )
    }
  }

  async function renewNow(account: StoredAccount, state: TokenState): Promise<string> {
    const { id } = account
    const { generation } = state
    try {
      const tokens = state.unsaved ?? (await deps.refresh(account))
      // A login during the refresh has put newer tokens in place: these belong to a chain that is no longer used.
      if (state.generation !== generation && state.access !== undefined) return state.access.token
      await save(id, state, tokens)
      const fields = {
        accessTokenExpiresAt: tokens.expiresAt,
        lastRefreshTime: now(),
        lastRefreshStatus: 'success',
        ...(tokens.profileArn === undefined || account.profileArn !== null ? {} : { profileArn: tokens.profileArn }),
      }
      if (book.get(id)?.status !== 'sign-in-needed') book.note(id, fields)
      // The token is good even where the store is busy; the book tries the write again.
      else await book.change(id, { ...fields, ...recovered(now()), consecutiveFailures: 0 }).catch(() => undefined)
      return tokens.accessToken
    } catch (error) {
      throw await failed(account, state, generation, error)
    }
  }

  async function failed(
    account: StoredAccount,
    state: TokenState,
    generation: number,
    error: unknown,
  ): Promise<ProxyError> {
    const failure = refreshFailure(account, error)
    if (state.generation !== generation) return failure
    const outcome = { lastRefreshTime: now(), lastRefreshStatus: failure.message }
    if (failure.kind !== 'sign-in-needed') {
      book.note(account.id, outcome)
      return failure
    }
    state.access = undefined
    // The reason to stop is known now; a store that is busy must not turn it into another error.
    await book
      .change(account.id, {
        ...outcome,
        status: 'sign-in-needed',
        statusReason: failure.message,
        statusSince: now(),
        restsUntil: null,
      })
      .catch(() => undefined)
    return failure
  }

  function renewOnce(account: StoredAccount, state: TokenState): Promise<string> {
    state.renewal ??= renewNow(account, state).finally(() => {
      state.renewal = undefined
    })
    return state.renewal
  }

  async function load(accountId: string, state: TokenState): Promise<void> {
    if (state.loaded) return
    const stored = await readAccessToken(secrets, accountId)
    if (state.loaded) return
    state.access = stored
    state.loaded = true
  }

  function accountOf(accountId: string): StoredAccount {
    const account = book.get(accountId)
    if (account === undefined) {
      throw new ProxyError('no-account', 'The account was removed while it was in use. Send the request again.')
    }
    if (account.status === 'sign-in-needed') throw signInNeeded(account, undefined)
    return account
  }

  async function fresh(accountId: string): Promise<string> {
    const account = accountOf(accountId)
    if (account.authMethod === 'api-key') {
      const key = await secrets.get(accountSecret(accountId, 'api-key'))
      if (key === undefined) throw signInNeeded(account, undefined)
      return key
    }
    const state = stateOf(accountId)
    await load(accountId, state)
    const life = state.access === undefined ? 0 : state.access.expiresAt - now()
    if (state.access !== undefined && life > RENEW_EARLY_MS) return state.access.token
    const living = life > MARGIN_MS ? state.access : undefined
    if (living !== undefined && state.unsaved === undefined && now() < state.noEarlyRenewalBefore) return living.token
    try {
      return await renewOnce(account, state)
    } catch (error) {
      if (living === undefined || (error instanceof ProxyError && error.kind === 'sign-in-needed')) throw error
      state.noEarlyRenewalBefore = now() + EARLY_RETRY_MS
      return living.token
    }
  }

  return {
    fresh(accountId, signal) {
      const state = states.get(accountId)
      // The everyday case, without a promise chain of its own.
      if (
        state?.access !== undefined &&
        state.access.expiresAt - now() > RENEW_EARLY_MS &&
        book.get(accountId) !== undefined
      ) {
        return Promise.resolve(state.access.token)
      }
      return abortable(fresh(accountId), signal)
    },
    async renew(accountId, refusedToken) {
      const account = accountOf(accountId)
      if (account.authMethod === 'api-key') throw signInNeeded(account, undefined)
      const state = stateOf(accountId)
      await load(accountId, state)
      if (state.renewal === undefined && state.access !== undefined && state.access.token !== refusedToken) {
        if (state.access.expiresAt - now() > MARGIN_MS) return state.access.token
      }
      return await renewOnce(account, state)
    },
    async renewByHand(accountId) {
      const account = book.get(accountId)
      if (account === undefined) throw new ProxyError('not-found', 'There is no account with this id.', { param: 'id' })
      if (account.authMethod === 'api-key') return
      if ((await secrets.get(accountSecret(accountId, 'refresh-token'))) === undefined) {
        throw nothingToRenewWith(account)
      }
      const state = stateOf(accountId)
      await load(accountId, state)
      await renewOnce(account, state)
    },
    async adopt(accountId, tokens) {
      const state = stateOf(accountId)
      state.generation++
      state.noEarlyRenewalBefore = 0
      await save(accountId, state, tokens)
    },
    forget(accountId) {
      states.delete(accountId)
    },
  }
}

function nameOf(book: AccountBook, accountId: string): string {
  return `“${book.get(accountId)?.label ?? accountId}”`
}
