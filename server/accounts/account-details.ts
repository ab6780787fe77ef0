import type { Backend, BackendOptions, ControlCall } from '../backends/backend.ts'
import type { Profile, Quota } from '../canonical/offering.ts'
import { ProxyError, toProxyError } from '../canonical/error.ts'
import type { JsonValue } from '../canonical/json.ts'
import type { StoredAccount } from '../store/types.ts'
import type { AccountBook } from './account-book.ts'
import { toBackendAccount } from './backend-account.ts'
import { recovered } from './cooldown.ts'
import type { TokenService } from './tokens.ts'

export type Detail = 'profile' | 'models' | 'quota'

export interface DetailsOutcome {
  /** The account as it is now; undefined: it was removed meanwhile. */
  readonly account: StoredAccount | undefined
  /** What could not be fetched, and why. */
  readonly failures: readonly { readonly detail: Detail; readonly error: ProxyError }[]
}

/** Fetches what the provider knows of an account (profile, models, quota, e-mail) and stores it. */
export interface AccountDetails {
  /** Never rejects. Several calls for one account share one fetch when they ask for the same. */
  refresh(accountId: string, details: readonly Detail[], trigger: 'person' | 'program'): Promise<DetailsOutcome>
  close(): void
}

export interface AccountDetailsDeps {
  readonly book: AccountBook
  readonly tokens: TokenService
  /** Undefined: no backend serves this type of account. */
  readonly backendFor: (accountType: string) => Backend | undefined
  readonly options: () => BackendOptions
  readonly now: () => number
  /** Told of failures that say something about the account itself (suspended and the like). */
  readonly onAccountFailure: (accountId: string, error: ProxyError) => void
}

/** Milliseconds for one call to the control plane. */
const TIMEOUT_MS = 30_000

export function createAccountDetails(deps: AccountDetailsDeps): AccountDetails {
  const { book, tokens, now } = deps
  const closing = new AbortController()
  const running = new Map<string, Promise<DetailsOutcome>>()

  async function withToken<T>(account: StoredAccount, call: (control: ControlCall) => Promise<T>): Promise<T> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT_MS)])
    const control = (accessToken: string): ControlCall => ({
      // Read anew: the profile may have been found a moment ago.
      account: toBackendAccount(book.get(account.id) ?? account),
      accessToken,
      signal,
      options: deps.options(),
    })
    const token = await tokens.fresh(account.id, signal)
    try {
      return await call(control(token))
    } catch (error) {
      if (!(error instanceof ProxyError) || error.kind !== 'token-invalid') throw error
      return await call(control(await tokens.renew(account.id, token)))
    }
  }

  /** A profile that is set is looked at again only when the person asks: it may have been taken away. */
  async function fetchProfile(account: StoredAccount, backend: Backend, isAsked: boolean): Promise<void> {
    const { profiles } = backend
    if (profiles === undefined || account.authMethod === 'api-key') return
    if (account.profileArn !== null && !isAsked) return
    const found = await withToken(account, profiles)
    const chosen = preferred(found, account)
    if (chosen === undefined || chosen.arn === account.profileArn) return
    await book.change(account.id, { profileArn: chosen.arn, apiRegion: chosen.region })
  }

  async function fetchModels(account: StoredAccount, backend: Backend): Promise<void> {
    const { models } = backend
    if (models === undefined) return
    const list = await withToken(account, models)
    await book.change(account.id, { models: toJson(list), modelsFetchedAt: now() })
  }

  async function fetchQuota(account: StoredAccount, backend: Backend, isAsked: boolean): Promise<void> {
    if (backend.quota === undefined) return
    const quota = await withToken(account, backend.quota)
    const current = book.get(account.id)
    // The person looks because something has changed (an upgrade, a reset): believe the new figures.
    const isFree = isAsked && current?.status === 'limit-reached' && hasAllowance(quota, now())
    await book.change(account.id, {
      quota: toJson(quota),
      plan: quota.plan ?? current?.plan ?? null,
      email: quota.email ?? current?.email ?? null,
      ...(isFree ? recovered(now()) : {}),
    })
  }

  async function run(
    account: StoredAccount,
    backend: Backend,
    details: readonly Detail[],
    trigger: 'person' | 'program',
  ): Promise<DetailsOutcome> {
    const failures: { detail: Detail; error: ProxyError }[] = []
    const attempt = async (detail: Detail, action: () => Promise<void>): Promise<void> => {
      if (!details.includes(detail)) return
      try {
        await action()
      } catch (thrown) {
        const error = toProxyError(thrown)
        failures.push({ detail, error })
        if (error.kind === 'suspended' || error.kind === 'suspicious-activity') deps.onAccountFailure(account.id, error)
      }
    }
    // The profile first: the other two need its ARN and region.
    await attempt('profile', () => fetchProfile(account, backend, trigger === 'person'))
    const isStopped = failures.some(
      ({ error }) => error.kind !== 'upstream-error' && error.kind !== 'feature-not-supported',
    )
    if (!isStopped) {
      await attempt('models', () => fetchModels(account, backend))
      await attempt('quota', () => fetchQuota(account, backend, trigger === 'person'))
    }
    return { account: book.get(account.id), failures }
  }

  return {
    refresh(accountId, details, trigger) {
      const account = book.get(accountId)
      const backend = account === undefined ? undefined : deps.backendFor(account.type)
      if (account === undefined || backend === undefined || closing.signal.aborted) {
        return Promise.resolve({ account, failures: [] })
      }
      const key = `${accountId} ${trigger} ${details.join()}`
      let outcome = running.get(key)
      if (outcome === undefined) {
        outcome = run(account, backend, details, trigger).finally(() => running.delete(key))
        running.set(key, outcome)
      }
      return outcome
    },
    close: () => closing.abort(),
  }
}

/** An organisation's member may have several profiles: the one in the login's own region is meant most often. */
function preferred(profiles: readonly Profile[], account: StoredAccount): Profile | undefined {
  return (
    profiles.find((profile) => profile.arn === account.profileArn) ??
    profiles.find((profile) => profile.region === account.apiRegion) ??
    profiles[0]
  )
}

function hasAllowance(quota: Quota, now: number): boolean {
  return quota.buckets.some((bucket) => bucket.used < bucket.limit && (bucket.expiresAt ?? Infinity) > now)
}

/** Plain data without members that are undefined. */
function toJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue
}
