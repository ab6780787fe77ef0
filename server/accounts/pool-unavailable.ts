import { ProxyError } from '../canonical/error.ts'
import type { Obstacle, PoolEntry, PoolQuery } from './pool-entry.ts'

/** Accounts by state; the states other than `total` and `enabled` add up to `total`. */
export interface AccountCounts {
  readonly total: number
  readonly enabled: number
  readonly ready: number
  readonly resting: number
  readonly limitReached: number
  readonly suspended: number
  readonly signInNeeded: number
  readonly disabled: number
}

export function countStates(entries: Iterable<PoolEntry>, now: number): AccountCounts {
  const counts = {
    total: 0,
    enabled: 0,
    ready: 0,
    resting: 0,
    limitReached: 0,
    suspended: 0,
    signInNeeded: 0,
    disabled: 0,
  }
  for (const entry of entries) {
    counts.total++
    if (entry.account.enabled) counts.enabled++
    switch (entry.obstacle(now)) {
      case 'disabled':
        counts.disabled++
        break
      case 'suspended':
        counts.suspended++
        break
      case 'sign-in-needed':
        counts.signInNeeded++
        break
      case 'limit-reached':
        counts.limitReached++
        break
      case 'resting':
        counts.resting++
        break
      case 'pace':
      case undefined:
        counts.ready++
    }
  }
  return counts
}

interface Situation {
  readonly query: PoolQuery
  readonly isAnySetUp: boolean
  /** Epoch milliseconds. */
  readonly now: number
  readonly pausedUntil: (model: string) => number
}

/** The obstacles in the order in which they are worth telling: what passes by itself first, then what the person can do. */
const WORTH_TELLING: readonly Obstacle[] = [
  'pace',
  'resting',
  'limit-reached',
  'sign-in-needed',
  'disabled',
  'suspended',
]

/** Why none of `asked` (the accounts that the request allows) can serve it now. */
export function unavailability(asked: readonly PoolEntry[], situation: Situation): ProxyError {
  const { query, now } = situation
  if (!situation.isAnySetUp) {
    return new ProxyError(
      'no-account',
      'Culvert has no account yet. Open Culvert and sign in with Kiro or Amazon Q, then send the request again.',
    )
  }
  if (asked.length === 0) {
    if (query.accountTypes !== undefined) {
      return new ProxyError(
        'no-account',
        `This endpoint uses accounts of type ${query.accountTypes.join(' or ')} only, and there is none${query.accountId === undefined ? '' : ' with the id in X-Account-ID'}. Add one in Culvert, or use another endpoint.`,
      )
    }
    return new ProxyError(
      'no-account',
      query.accountId === undefined
        ? 'None of the accounts that this key may use exists any more. Allow another account for the key.'
        : 'The account that the request asks for does not exist. Check the X-Account-ID header against the list of accounts.',
    )
  }
  const obstacles = asked.map((entry) => ({ entry, obstacle: entry.obstacle(now) }))
  const inService = obstacles.filter(({ obstacle }) => obstacle !== 'disabled' && obstacle !== 'suspended')
  const serving = inService.filter(({ entry }) => {
    const model = query.resolve(entry.poolAccount)
    return model !== undefined && !entry.isBlocked(model, now)
  })
  if (inService.length > 0 && serving.length === 0) return modelNotFound(inService.map(({ entry }) => entry))

  const paused = serving.find(({ obstacle }) => obstacle === undefined)
  if (paused !== undefined) {
    const model = query.resolve(paused.entry.poolAccount) ?? ''
    return new ProxyError(
      'overloaded',
      `The model ${model} is busy for everyone at the moment. Wait a few seconds and send the request again.`,
      { retryAfterMs: Math.max(1_000, situation.pausedUntil(model) - now) },
    )
  }
  const relevant = serving.length > 0 ? serving : obstacles
  for (const obstacle of WORTH_TELLING) {
    const held = relevant.filter((entry) => entry.obstacle === obstacle).map(({ entry }) => entry)
    if (held.length > 0) return heldBack(obstacle, held, relevant.length, now)
  }
  return new ProxyError('no-account', 'An account became free this moment. Send the request again.', {
    retryAfterMs: 1_000,
  })
}

function modelNotFound(entries: readonly PoolEntry[]): ProxyError {
  const offered = new Set<string>()
  for (const entry of entries) for (const id of entry.models.keys()) offered.add(id)
  const shown = [...offered].toSorted().slice(0, 20)
  if (shown.length === 0) {
    return new ProxyError(
      'model-not-found',
      'No account offers this model, and no list of models could be fetched yet. Refresh the account in Culvert and try again.',
    )
  }
  const more = offered.size > shown.length ? ` and ${offered.size - shown.length} more` : ''
  return new ProxyError(
    'model-not-found',
    `No account offers this model. The models that can be used are ${shown.join(', ')}${more}.`,
  )
}

function heldBack(obstacle: Obstacle, held: readonly PoolEntry[], of: number, now: number): ProxyError {
  const who = of === 1 ? `The account “${held[0]?.account.label ?? ''}”` : 'Every account that could serve this request'
  switch (obstacle) {
    case 'pace': {
      const until = Math.min(...held.map((entry) => entry.pacedUntil(now)))
      return new ProxyError(
        'no-account',
        `${who} has reached the requests a minute that you allow it. The next one may go in ${seconds(until - now)}.`,
        { retryAfterMs: until - now },
      )
    }
    case 'resting': {
      const until = soonest(held, now)
      return new ProxyError('no-account', `${who} rests until ${clockTime(until, now)}.${reasonOf(held)}`, {
        retryAfterMs: until - now,
      })
    }
    case 'limit-reached': {
      const until = soonest(held, now)
      return new ProxyError(
        'quota-exhausted',
        `${who} has used up its allowance, which resets ${clockTime(until, now)}. Add another account or wait until then.`,
        { retryAfterMs: until - now },
      )
    }
    case 'sign-in-needed':
      return new ProxyError(
        'sign-in-needed',
        `${who} needs a new sign-in. Open Culvert's accounts and sign in again, then send the request once more.`,
      )
    case 'disabled':
      return new ProxyError(
        'no-account',
        `${who} is switched off. Switch it on in Culvert's accounts.${reasonOf(held)}`,
      )
    case 'suspended':
      return new ProxyError(
        'suspended',
        `${who} is suspended by the provider. Culvert does not try it again; turn to the provider's support.${reasonOf(held)}`,
      )
  }
}

function soonest(entries: readonly PoolEntry[], now: number): number {
  return Math.max(now + 1_000, Math.min(...entries.map((entry) => entry.account.restsUntil ?? now)))
}

function reasonOf([first]: readonly PoolEntry[]): string {
  const reason = first?.account.statusReason
  return reason === null || reason === undefined ? '' : ` Its last error: ${reason}`
}

/** The person's own wall clock; with the date when it is not today. */
function clockTime(at: number, now: number): string {
  const date = new Date(at)
  const time = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
  if (date.toDateString() === new Date(now).toDateString()) return time
  const day = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`
  return `${day} ${time}`
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1_000))} s`
}
