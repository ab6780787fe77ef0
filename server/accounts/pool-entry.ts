import type { BackendAccount } from '../backends/backend.ts'
import type { ModelInfo } from '../canonical/offering.ts'
import type { StoredAccount } from '../store/types.ts'
import { modelsOf, toBackendAccount } from './backend-account.ts'
import { isResting } from './cooldown.ts'
import type { PickEntry } from './pick.ts'

/** An account as the question "which of your models serves this request?" sees it. */
export interface PoolAccount {
  readonly account: BackendAccount
  /** Ids of the models that it offers; empty while its list was never fetched. */
  readonly modelIds: readonly string[]
}

export interface PoolQuery {
  /** The account's own model id for this request; undefined: it lacks the model. */
  readonly resolve: (account: PoolAccount) => string | undefined
  readonly conversationKey?: string
  /** Only this account will do. */
  readonly accountId?: string
  /** Only accounts of these types will do (an endpoint of one service). */
  readonly accountTypes?: readonly string[]
  /** Only these will do (a client key's own accounts). */
  readonly allowedAccountIds?: readonly string[]
}

/** Why an account may not be used now. */
export type Obstacle = 'disabled' | 'suspended' | 'sign-in-needed' | 'limit-reached' | 'resting' | 'pace'

const MAX_BLOCKED_MODELS = 200
const MINUTE_MS = 60_000

/** One account in the pool: what was derived from it once, and what is counted while the program runs. */
export class PoolEntry implements PickEntry {
  readonly id: string
  account: StoredAccount
  poolAccount: PoolAccount
  models: ReadonlyMap<string, ModelInfo>
  weight = 1
  priority = 0
  inFlight = 0
  served: number
  lastUsed: number
  /** Requests a minute that the person allows it; 0: no limit. */
  #pace = 0
  /** When requests of the last minute began; never longer than the pace. */
  #starts: number[] = []
  readonly #blockedModels = new Map<string, number>()

  constructor(account: StoredAccount, served: number) {
    this.id = account.id
    this.account = account
    this.served = served
    this.lastUsed = account.lastUsedAt ?? 0
    this.models = new Map()
    this.poolAccount = { account: toBackendAccount(account), modelIds: [] }
    this.derive(account)
  }

  /** Takes over a changed account. */
  derive(account: StoredAccount): void {
    this.account = account
    this.models = new Map(modelsOf(account).map((model) => [model.id, model]))
    this.poolAccount = { account: toBackendAccount(account), modelIds: [...this.models.keys()] }
    this.weight = Math.max(numberOption(account, 'weight', 1), 0.001)
    this.priority = numberOption(account, 'priority', 0)
    this.#pace = Math.max(0, Math.floor(numberOption(account, 'rpm', 0)))
    if (this.#pace === 0) this.#starts = []
  }

  /** What stands in the way of using the account at `now`, or undefined. */
  obstacle(now: number): Obstacle | undefined {
    const { account } = this
    if (account.status === 'suspended' || account.status === 'sign-in-needed') return account.status
    if (!account.enabled) return 'disabled'
    if (isResting(account, now)) return account.status === 'limit-reached' ? 'limit-reached' : 'resting'
    return this.#pace > 0 && this.pacedUntil(now) > now ? 'pace' : undefined
  }

  /** When its own cap allows the next request; not after `now`: at once. */
  pacedUntil(now: number): number {
    while (this.#starts.length > 0 && (this.#starts[0] ?? 0) <= now - MINUTE_MS) this.#starts.shift()
    return this.#starts.length < this.#pace ? now : (this.#starts[0] ?? now) + MINUTE_MS
  }

  started(now: number): void {
    this.inFlight++
    this.served++
    this.lastUsed = now
    if (this.#pace === 0) return
    this.#starts.push(now)
    if (this.#starts.length > this.#pace) this.#starts.shift()
  }

  finished(): void {
    this.inFlight = Math.max(0, this.inFlight - 1)
  }

  /** Keeps the account away from one model until `until`. */
  blockModel(model: string, until: number): void {
    const oldest = this.#blockedModels.keys().next()
    if (this.#blockedModels.size >= MAX_BLOCKED_MODELS && oldest.done !== true) this.#blockedModels.delete(oldest.value)
    this.#blockedModels.set(model, until)
  }

  isBlocked(model: string, now: number): boolean {
    const until = this.#blockedModels.get(model)
    if (until === undefined) return false
    if (until > now) return true
    this.#blockedModels.delete(model)
    return false
  }
}

function numberOption(account: StoredAccount, name: string, fallback: number): number {
  const value = account.other[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback
}
