import type { ProxyError } from '../canonical/error.ts'
import { isJsonObject } from '../canonical/json.ts'
import type { StoredAccount } from '../store/types.ts'
import type { AccountFields } from './account-book.ts'

export interface CooldownContext {
  /** Epoch milliseconds. */
  readonly now: number
  readonly random: () => number
  /** Errors in a row that switch an account off; 0: never. */
  readonly maxErrorCount: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Failures in a row of the upstream's own kind that an account may have before it rests. */
const TOLERATED = 2

/**
 * What a failure does to the account that it happened on (promises.md §3; amazon-q.md §4.3). Undefined: the failure says
 * nothing about the account.
 */
export function afterFailure(
  account: StoredAccount,
  failure: ProxyError,
  context: CooldownContext,
): AccountFields | undefined {
  const { now } = context
  const failures = account.consecutiveFailures + 1
  const counted: AccountFields = { errorCount: account.errorCount + 1, consecutiveFailures: failures, lastUsedAt: now }
  switch (failure.kind) {
    case 'rate-limited': {
      const told = failure.retryAfterMs
      const pause = told === undefined ? growing(2 * SECOND, failures, 5 * MINUTE, context) : Math.min(told, DAY)
      return switchedOff(account, rest(account, counted, failure, pause, now), context)
    }
    case 'suspicious-activity':
      return rest(account, counted, failure, growing(30 * MINUTE, failures, DAY, context, 0.2), now)
    case 'quota-exhausted':
      return {
        ...counted,
        ...(isFinal(account)
          ? {}
          : {
              status: 'limit-reached',
              statusReason: failure.message,
              statusSince: now,
              restsUntil: limitResetsAt(account, failure, now),
            }),
      }
    case 'suspended':
      return {
        ...counted,
        enabled: false,
        status: 'suspended',
        statusReason: failure.message,
        statusSince: now,
        restsUntil: null,
      }
    case 'sign-in-needed':
      return {
        ...counted,
        ...(account.status === 'suspended'
          ? {}
          : { status: 'sign-in-needed', statusReason: failure.message, statusSince: now, restsUntil: null }),
      }
    case 'token-invalid':
      // A token that was renewed a moment ago is refused again: the next request would not fare better at once.
      return switchedOff(
        account,
        rest(account, counted, failure, growing(30 * SECOND, failures, 5 * MINUTE, context), now),
        context,
      )
    case 'feature-not-supported':
      return { ...counted, statusReason: failure.message }
    case 'network':
      // Most often this computer is offline: accounts must be there again as soon as the network is.
      return switchedOff(account, restAfterSeveral(account, counted, failure, 5 * SECOND, context), context)
    case 'upstream-error':
    case 'upstream-invalid':
    case 'empty-response':
    case 'timeout':
      return switchedOff(account, restAfterSeveral(account, counted, failure, MINUTE, context), context)
    case 'overloaded':
    case 'signature-invalid':
    case 'model-not-found':
    case 'invalid-request':
    case 'prompt-too-long':
    case 'request-too-large':
    case 'unauthenticated':
    case 'forbidden':
    case 'not-found':
    case 'client-rate-limited':
    case 'cancelled':
    case 'no-account':
    case 'shutting-down':
    case 'internal':
      return undefined
  }
}

/** What an answer that came through does to its account. A rest that still lasts is not cut short by an older request. */
export function afterSuccess(account: StoredAccount, now: number): AccountFields {
  const counted: AccountFields = { successCount: account.successCount + 1, lastUsedAt: now }
  if (isResting(account, now) || isFinal(account)) return counted
  return { ...counted, consecutiveFailures: 0, ...(account.status === 'ready' ? {} : recovered(now)) }
}

/** The fields of an account that may be used again. */
export function recovered(now: number): AccountFields {
  return { status: 'ready', statusReason: null, statusSince: now, restsUntil: null }
}

/** Whether the account rests or waits for its limit now. */
export function isResting(account: Pick<StoredAccount, 'status' | 'restsUntil'>, now: number): boolean {
  return (account.status === 'resting' || account.status === 'limit-reached') && (account.restsUntil ?? 0) > now
}

/** The pause after the `failures`th failure in a row: doubling from `base`, at most `cap`, less up to `jitter` of it. */
export function growing(
  base: number,
  failures: number,
  cap: number,
  { random }: Pick<CooldownContext, 'random'>,
  jitter = 0.5,
): number {
  const full = Math.min(cap, base * 2 ** Math.min(failures - 1, 20))
  // Never below `base`: a pause that the provider asks for must not shrink by luck.
  return Math.round(Math.max(base, full * (1 - jitter * random())))
}

function rest(
  account: StoredAccount,
  counted: AccountFields,
  failure: ProxyError,
  pause: number,
  now: number,
): AccountFields {
  if (isFinal(account)) return counted
  const until = now + pause
  // The longer of two rests holds, with its own reason.
  if (isResting(account, now) && (account.restsUntil ?? 0) >= until) return counted
  return { ...counted, status: 'resting', statusReason: failure.message, statusSince: now, restsUntil: until }
}

function restAfterSeveral(
  account: StoredAccount,
  counted: AccountFields,
  failure: ProxyError,
  cap: number,
  context: CooldownContext,
): AccountFields {
  const over = account.consecutiveFailures + 1 - TOLERATED
  if (over <= 0) return counted
  return rest(account, counted, failure, growing(2 * SECOND, over, cap, context), context.now)
}

function switchedOff(account: StoredAccount, fields: AccountFields, context: CooldownContext): AccountFields {
  const failures = fields.consecutiveFailures ?? 0
  if (context.maxErrorCount === 0 || failures < context.maxErrorCount || !account.enabled) return fields
  const last = fields.statusReason ?? account.statusReason
  return {
    ...fields,
    enabled: false,
    statusReason: `Culvert switched this account off after ${failures} errors in a row.${last === null ? '' : ` The last one: ${last}`}`,
  }
}

/** Only the person can change these states. */
function isFinal(account: StoredAccount): boolean {
  return account.status === 'suspended' || account.status === 'sign-in-needed'
}

/** As told, else midnight (UTC) for a daily limit, else the quota's own reset date, else the first of next month. */
function limitResetsAt(account: StoredAccount, failure: ProxyError, now: number): number {
  if (failure.retryAfterMs !== undefined && failure.retryAfterMs > 0) return now + failure.retryAfterMs
  const date = new Date(now)
  if (failure.upstream?.code === 'DAILY_REQUEST_COUNT') {
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)
  }
  const known = isJsonObject(account.quota) ? account.quota['resetsAt'] : undefined
  if (typeof known === 'number' && known > now) return known
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}
