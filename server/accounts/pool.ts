import type { BackendAccount } from '../backends/backend.ts'
import type { ModelInfo } from '../canonical/offering.ts'
import type { ProxyError } from '../canonical/error.ts'
import type { AccountBook, AccountFields } from './account-book.ts'
import { afterFailure, afterSuccess } from './cooldown.ts'
import { createModelPauses } from './model-pauses.ts'
import { pickOrder } from './pick.ts'
import type { Strategy } from './pick.ts'
import { PoolEntry } from './pool-entry.ts'
import type { PoolAccount, PoolQuery } from './pool-entry.ts'
import { countStates, unavailability } from './pool-unavailable.ts'
import type { AccountCounts } from './pool-unavailable.ts'
import { createRecentConversations } from './recent-conversations.ts'

export type { AccountCounts, PoolAccount, PoolQuery }

export interface Candidate {
  readonly account: BackendAccount
  readonly model: string
  readonly modelInfo?: ModelInfo
  /** Why this account, in words for the log. */
  readonly reason: string
}

export interface PooledModel {
  readonly model: ModelInfo
  /** The enabled accounts that offer it. */
  readonly accountIds: readonly string[]
}

/**
 * Which account serves a request, and what became of it. Everything is synchronous; state is kept through the account
 * book, so that a rest or a suspension outlives the program.
 */
export interface AccountPool {
  /** The accounts that may serve the request now, in the order to try them. Empty: ask `unavailability`. */
  candidates(query: PoolQuery): readonly Candidate[]
  /** Why there is no candidate, in words that say what to do; `retryAfterMs` when waiting helps. */
  unavailability(query: PoolQuery): ProxyError
  started(accountId: string): void
  finished(accountId: string): void
  succeeded(accountId: string, conversationKey?: string, model?: string): void
  failed(accountId: string, failure: ProxyError, model: string): void
  /** What all enabled accounts offer together. The same array until an account changes. */
  models(): readonly PooledModel[]
  counts(): AccountCounts
  close(): void
}

export interface AccountPoolDeps {
  readonly book: AccountBook
  readonly settings: () => { readonly strategy: Strategy; readonly maxErrorCount: number }
  readonly now: () => number
  readonly random: () => number
  /** Told when a change of state could not be stored (it is tried again). */
  readonly onError: (error: unknown) => void
}

const MAX_RECENT_CONVERSATIONS = 10_000
/** How long an account is kept away from a model that its plan turned out not to include. */
const MODEL_BLOCK_MS = 3_600_000

export function createAccountPool(deps: AccountPoolDeps): AccountPool {
  const { book, settings, now, random } = deps
  const entries = new Map<string, PoolEntry>()
  const recent = createRecentConversations(MAX_RECENT_CONVERSATIONS)
  const pauses = createModelPauses(now, random)
  let pooledModels: readonly PooledModel[] | undefined

  const add = (account: Parameters<PoolEntry['derive']>[0]): void => {
    // A newcomer starts level, or it would get every request until it had caught up.
    let served = Number.POSITIVE_INFINITY
    for (const entry of entries.values()) served = Math.min(served, entry.served / entry.weight)
    entries.set(account.id, new PoolEntry(account, Number.isFinite(served) ? served : 0))
  }
  for (const account of book.list()) add(account)

  const unsubscribe = book.subscribe(({ type, account }) => {
    const entry = entries.get(account.id)
    if (type === 'used' && entry !== undefined) {
      entry.account = account
      return
    }
    pooledModels = undefined
    if (type === 'removed') entries.delete(account.id)
    else if (entry === undefined) add(account)
    else entry.derive(account)
  })

  /** Changes of state are durable at once; counters may wait a second. */
  function store(entry: PoolEntry, fields: AccountFields): void {
    const { account } = entry
    const isState =
      (fields.status ?? account.status) !== account.status ||
      (fields.enabled ?? account.enabled) !== account.enabled ||
      (fields.restsUntil !== undefined && fields.restsUntil !== account.restsUntil)
    if (isState) book.change(account.id, fields).catch(deps.onError)
    else book.note(account.id, fields)
  }

  return {
    candidates(query) {
      const at = now()
      const usable: PoolEntry[] = []
      const modelIds = new Map<string, string>()
      for (const entry of entries.values()) {
        if (!isAsked(entry, query) || entry.obstacle(at) !== undefined) continue
        const model = query.resolve(entry.poolAccount)
        if (model === undefined || entry.isBlocked(model, at) || pauses.until(model) !== 0) continue
        modelIds.set(entry.id, model)
        usable.push(entry)
      }
      if (usable.length === 0) return []
      const { conversationKey } = query
      const { order, reason } = pickOrder(usable, {
        strategy: settings().strategy,
        conversationKey,
        recentId: conversationKey === undefined ? undefined : recent.get(conversationKey),
        random,
      })
      return order.map((entry, index) => {
        const model = modelIds.get(entry.id) ?? ''
        const modelInfo = entry.models.get(model)
        return {
          account: entry.poolAccount.account,
          model,
          reason: index === 0 ? reason : 'next in line after a failure',
          ...(modelInfo === undefined ? {} : { modelInfo }),
        }
      })
    },
    unavailability: (query) =>
      unavailability(
        [...entries.values()].filter((entry) => isAsked(entry, query)),
        {
          query,
          isAnySetUp: entries.size > 0,
          now: now(),
          pausedUntil: (model) => pauses.until(model),
        },
      ),
    started: (accountId) => entries.get(accountId)?.started(now()),
    finished: (accountId) => entries.get(accountId)?.finished(),
    succeeded(accountId, conversationKey, model) {
      const entry = entries.get(accountId)
      if (entry === undefined) return
      if (conversationKey !== undefined) recent.set(conversationKey, accountId)
      if (model !== undefined) pauses.clear(model)
      store(entry, afterSuccess(entry.account, now()))
    },
    failed(accountId, failure, model) {
      const entry = entries.get(accountId)
      if (failure.kind === 'overloaded') pauses.busy(model, failure.retryAfterMs)
      if (entry === undefined) return
      if (failure.kind === 'feature-not-supported' || failure.kind === 'model-not-found') {
        entry.blockModel(model, now() + MODEL_BLOCK_MS)
      }
      const { maxErrorCount } = settings()
      const fields = afterFailure(entry.account, failure, { now: now(), random, maxErrorCount })
      if (fields !== undefined) store(entry, fields)
    },
    models: () => (pooledModels ??= unionOfModels(entries.values())),
    counts: () => countStates(entries.values(), now()),
    close: unsubscribe,
  }
}

function isAsked({ id, account }: PoolEntry, { accountId: only, accountTypes, allowedAccountIds }: PoolQuery): boolean {
  if (only !== undefined && id !== only) return false
  if (accountTypes !== undefined && !accountTypes.includes(account.type)) return false
  return allowedAccountIds === undefined || allowedAccountIds.includes(id)
}

function unionOfModels(entries: Iterable<PoolEntry>): readonly PooledModel[] {
  const union = new Map<string, { model: ModelInfo; accountIds: string[] }>()
  for (const { id, account, models } of entries) {
    if (!account.enabled) continue
    for (const model of models.values()) {
      const known = union.get(model.id)
      if (known === undefined) union.set(model.id, { model, accountIds: [id] })
      else known.accountIds.push(id)
    }
  }
  return [...union.values()]
}
