import type { AccountKind, AccountOptions, Plan } from '../types.ts'
import type { IdSource } from './ids.ts'

export interface Profile {
  readonly arn: string
  readonly name: string
  readonly region: string
}

/** One allowance in credits. */
export interface Allowance {
  readonly name: string
  used: number
  readonly limit: number
  readonly expired: boolean
}

/** A simulated person's account at the service. */
export interface Account {
  readonly id: string
  readonly kind: AccountKind
  readonly plan: Plan
  readonly email: string
  readonly userId: string
  readonly startUrl: string | undefined
  readonly region: string
  readonly apiRegion: string
  readonly profiles: readonly Profile[]
  readonly models: readonly string[] | undefined
  readonly accessTokenLifetimeMs: number | undefined
  readonly base: Allowance
  readonly trial: Allowance | undefined
  readonly bonuses: readonly Allowance[]
  overage: boolean
  overageUsed: number
  readonly legacyLimits: boolean
  /** The message of the lock; undefined: not locked. */
  suspended: string | undefined
}

export const builderIdStartUrl = 'https://view.awsapps.com/start'

/** What hobby clients send for a Builder ID where the service insists on an ARN (amazon-q.md §2.9). */
export const placeholderArn = 'arn:aws:codewhisperer:us-east-1:638616132270:profile/AAAACCCCXXXX'

/** What the social token endpoint returns for everyone (amazon-q.md §2.9). */
export const socialArn = 'arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK'

const planCredits: Readonly<Record<Plan, number>> = { free: 50, pro: 1_000, 'pro-plus': 2_000, power: 10_000 }
const accountLimit = 20_000

/** All accounts by id. */
export class AccountBook {
  readonly #accounts = new Map<string, Account>()
  readonly #ids: IdSource

  constructor(ids: IdSource) {
    this.#ids = ids
  }

  /** @throws when there are too many accounts already */
  create(options: AccountOptions): Account {
    if (this.#accounts.size >= accountLimit) throw new Error(`The simulator keeps at most ${accountLimit} accounts.`)
    const kind = options.kind ?? 'builder-id'
    const plan = options.plan ?? 'pro'
    const number = this.#accounts.size + 1
    const credits = options.credits ?? { used: 0, limit: planCredits[plan] }
    const account: Account = {
      id: `account-${number}-${this.#ids.hex(6)}`,
      kind,
      plan,
      email: options.email ?? `person${number}@example.com`,
      userId: `d-${this.#ids.digits(10)}.${this.#ids.uuid()}`,
      startUrl: options.startUrl ?? defaultStartUrl(kind),
      region: options.region ?? 'us-east-1',
      apiRegion: options.apiRegion ?? 'us-east-1',
      profiles: this.#profiles(kind, options),
      models: options.models,
      accessTokenLifetimeMs: options.accessTokenLifetimeMs,
      base: { name: 'Credit', used: credits.used, limit: credits.limit, expired: false },
      trial:
        options.trial === undefined
          ? undefined
          : { name: 'Free trial', ...options.trial, expired: options.trial.expired ?? false },
      bonuses: (options.bonuses ?? []).map((bonus) => ({ ...bonus, expired: false })),
      overage: options.overage ?? false,
      overageUsed: 0,
      legacyLimits: options.legacyLimits ?? false,
      suspended: undefined,
    }
    this.#accounts.set(account.id, account)
    return account
  }

  /** @throws when there is no such account */
  get(id: string): Account {
    const account = this.#accounts.get(id)
    if (account === undefined) throw new Error(`The simulator has no account ${id}.`)
    return account
  }

  all(): readonly Account[] {
    return [...this.#accounts.values()]
  }

  clear(): void {
    this.#accounts.clear()
  }

  #profiles(kind: AccountKind, options: AccountOptions): readonly Profile[] {
    const wanted = options.profile ?? kind !== 'builder-id'
    if (!wanted) return []
    const regions = [options.apiRegion ?? 'us-east-1', ...(options.moreProfileRegions ?? [])]
    return regions.map((region, index) => ({
      arn:
        kind === 'social' && index === 0
          ? socialArn.replace('us-east-1', region)
          : `arn:aws:codewhisperer:${region}:${this.#ids.digits(12)}:profile/${this.#ids.hex(12).toUpperCase()}`,
      name: index === 0 ? 'Simulated profile' : `Simulated profile ${index + 1}`,
      region,
    }))
  }
}

/** Spends credits: trial first, then bonuses, then the base, then overage. */
export function spend(account: Account, credits: number): void {
  let rest = credits
  for (const allowance of activeAllowances(account)) {
    const part = Math.min(rest, Math.max(0, allowance.limit - allowance.used))
    allowance.used += part
    rest -= part
  }
  if (rest <= 0) return
  if (account.overage) account.overageUsed += rest
  else account.base.used += rest
}

/** Whether the account may still make a call (amazon-q.md §2.10). */
export function hasCredits(account: Account): boolean {
  return account.overage || activeAllowances(account).some((allowance) => allowance.limit > allowance.used)
}

function activeAllowances(account: Account): readonly Allowance[] {
  const extra = account.trial === undefined ? account.bonuses : [account.trial, ...account.bonuses]
  return [...extra.filter((allowance) => !allowance.expired), account.base]
}

function defaultStartUrl(kind: AccountKind): string | undefined {
  if (kind === 'builder-id') return builderIdStartUrl
  return kind === 'idc' ? 'https://simulated.awsapps.com/start' : undefined
}
