import type { StoredAccount } from '../store/types.ts'
import type { AccountBook } from './account-book.ts'
import type { AccountDetails, Detail } from './account-details.ts'
import { isResting, recovered } from './cooldown.ts'
import type { TokenService } from './tokens.ts'

/**
 * What is done for accounts while nobody asks: quota after use, models daily, tokens ahead of their end for accounts in
 * use, and the end of rests. At most two calls at a time.
 */
export interface AccountCare {
  /** Begins; the first round comes at once. */
  start(): void
  /** One round: what is due is queued. For tests and for the moment after a sleep. */
  round(): void
  /** Resolves when nothing is queued or running. */
  idle(): Promise<void>
  close(): Promise<void>
}

export interface AccountCareDeps {
  readonly book: AccountBook
  readonly details: AccountDetails
  readonly tokens: TokenService
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

const MINUTE_MS = 60_000
const ROUND_MS = 15_000
const MODELS_EVERY_MS = 24 * 60 * MINUTE_MS
/** After a failed or fruitless fetch. */
const RETRY_MS = 10 * MINUTE_MS
const QUOTA_AFTER_USE_MS = 20_000
const QUOTA_EVERY_MS = 5 * MINUTE_MS
const IN_USE_MS = 30 * MINUTE_MS
const RENEW_EARLY_MS = 5 * MINUTE_MS
const PARALLEL = 2
const CLOSE_MS = 5_000

/** What care remembers of one account. */
interface CareState {
  successes: number
  /** When it was last used without its quota having been fetched since; 0: never. */
  usedAt: number
  quotaTriedAt: number
  modelsTriedAt: number
  isQueued: boolean
}

export function createAccountCare(deps: AccountCareDeps): AccountCare {
  const { book, details, tokens, now } = deps
  const states = new Map<string, CareState>()
  const queue: (() => Promise<unknown>)[] = []
  let waiting: (() => void)[] = []
  let running = 0
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  function stateOf(account: StoredAccount): CareState {
    let state = states.get(account.id)
    if (state === undefined) {
      const quota = account.quota === null ? 0 : now()
      state = { successes: account.successCount, usedAt: 0, quotaTriedAt: quota, modelsTriedAt: 0, isQueued: false }
      states.set(account.id, state)
    }
    return state
  }

  const unsubscribe = book.subscribe(({ type, account }) => {
    if (type === 'removed') {
      states.delete(account.id)
      return
    }
    const state = stateOf(account)
    if (account.successCount === state.successes) return
    state.successes = account.successCount
    state.usedAt = now()
  })

  function nextJob(): (() => Promise<unknown>) | undefined {
    return running < PARALLEL && !isClosed ? queue.shift() : undefined
  }

  function pump(): void {
    for (let job = nextJob(); job !== undefined; job = nextJob()) {
      running++
      job()
        .catch(deps.onError)
        .finally(() => {
          running--
          pump()
        })
    }
    if (running > 0 || (queue.length > 0 && !isClosed)) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  function look(account: StoredAccount): void {
    const at = now()
    const state = stateOf(account)
    if ((account.status === 'resting' || account.status === 'limit-reached') && !isResting(account, at)) {
      book.change(account.id, recovered(at)).catch(deps.onError)
    }
    if (!account.enabled || account.status === 'suspended' || account.status === 'sign-in-needed' || state.isQueued)
      return
    const due: Detail[] = []
    if (at - (account.modelsFetchedAt ?? 0) > MODELS_EVERY_MS && at - state.modelsTriedAt > RETRY_MS) {
      due.push('profile', 'models')
      state.modelsTriedAt = at
    }
    const isQuotaStale = state.usedAt > state.quotaTriedAt && at - state.usedAt >= QUOTA_AFTER_USE_MS
    if ((isQuotaStale && at - state.quotaTriedAt > QUOTA_EVERY_MS) || (account.quota === null && due.length > 0)) {
      due.push('quota')
      state.quotaTriedAt = at
    }
    const isInUse = account.lastUsedAt !== null && at - account.lastUsedAt < IN_USE_MS
    const isTokenDue =
      isInUse && account.accessTokenExpiresAt !== null && account.accessTokenExpiresAt - at < RENEW_EARLY_MS
    if (due.length === 0 && !isTokenDue) return
    // One job an account at a time bounds the queue by the number of accounts.
    state.isQueued = true
    queue.push(async () => {
      try {
        if (isTokenDue) await tokens.fresh(account.id)
        if (due.length > 0) await details.refresh(account.id, due, 'program')
      } finally {
        state.isQueued = false
      }
    })
  }

  function round(): void {
    if (isClosed) return
    for (const account of book.list()) look(account)
    pump()
  }

  function idle(): Promise<void> {
    if (running === 0 && (queue.length === 0 || isClosed)) return Promise.resolve()
    return new Promise((resolve) => waiting.push(resolve))
  }

  return {
    start() {
      if (timer !== undefined || isClosed) return
      timer = setInterval(round, ROUND_MS).unref()
      round()
    },
    round,
    idle,
    async close() {
      isClosed = true
      clearInterval(timer)
      unsubscribe()
      queue.length = 0
      details.close()
      // A renewal under way is waited for: its new refresh token must not be lost. A stuck one is not.
      await Promise.race([idle(), new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())])
    },
  }
}
