import { isIPv6 } from 'node:net'
import { unmapped } from './authority.ts'

export interface FailureLimiterOptions {
  /** Failures that are forgiven within the window; the next attempt is locked out. */
  readonly limit: number
  readonly windowMs: number
  /** Addresses remembered at most; the one that failed least recently is forgotten first. */
  readonly maximumAddresses?: number
  readonly now: () => number
}

/** Counts failed sign-ins per remote address, in bounded memory. */
export interface FailureLimiter {
  /** Milliseconds until the address may try again; 0: it may now. */
  lockedFor(address: string): number
  fail(address: string): void
  succeed(address: string): void
}

interface Failures {
  count: number
  until: number
}

/** The window starts with the first failure and, once the limit is reached, starts anew: that is the lock-out. */
export function createFailureLimiter(options: FailureLimiterOptions): FailureLimiter {
  const { limit, windowMs, now, maximumAddresses = 10_000 } = options
  const failures = new Map<string, Failures>()

  return {
    lockedFor(address) {
      const entry = failures.get(network(address))
      if (entry === undefined || entry.count < limit) return 0
      return Math.max(0, entry.until - now())
    },
    fail(address) {
      const key = network(address)
      const known = failures.get(key)
      const entry = known !== undefined && known.until > now() ? known : { count: 0, until: now() + windowMs }
      entry.count += 1
      if (entry.count === limit) entry.until = now() + windowMs
      failures.delete(key)
      failures.set(key, entry)
      const oldest = failures.keys().next()
      if (failures.size > maximumAddresses && !oldest.done) failures.delete(oldest.value)
    },
    succeed(address) {
      failures.delete(network(address))
    },
  }
}

/** One home has a whole /64 of IPv6 addresses: counting single ones would count nothing. */
function network(address: string): string {
  const plain = unmapped(address)
  if (!isIPv6(plain)) return plain
  const [head = '', tail = ''] = plain.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === '' ? [] : tail.split(':')
  const gap = plain.includes('::') ? Array.from({ length: 8 - front.length - back.length }, () => '0') : []
  return [...front, ...gap, ...back].slice(0, 4).join(':')
}
