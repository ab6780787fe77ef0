import type { ErrorKind } from '../canonical/error.ts'

/**
 * What may be done after an attempt failed before its first event:
 * - `stop`: the answer is the client's (its own fault, or trying on would do harm);
 * - `next-account`: another account may serve it;
 * - `again`: the fault passes by itself: another account, or this one once more after a pause.
 */
export type Reaction = 'stop' | 'next-account' | 'again'

/**
 * The reaction to each kind of failure (promises.md §3; amazon-q.md §4.3). Suspicious activity stops everything: going
 * on with the next account is what turns a pause into a suspension (field-notes.md fact 4).
 */
export function reactionTo(kind: ErrorKind): Reaction {
  switch (kind) {
    case 'invalid-request':
    case 'prompt-too-long':
    case 'request-too-large':
    case 'unauthenticated':
    case 'forbidden':
    case 'not-found':
    case 'client-rate-limited':
    case 'cancelled':
    case 'suspicious-activity':
    case 'signature-invalid':
    case 'no-account':
    case 'shutting-down':
    case 'internal':
      return 'stop'
    case 'token-invalid':
    case 'sign-in-needed':
    case 'rate-limited':
    case 'quota-exhausted':
    case 'suspended':
    case 'feature-not-supported':
    case 'model-not-found':
      return 'next-account'
    case 'overloaded':
    case 'upstream-error':
    case 'upstream-invalid':
    case 'empty-response':
    case 'timeout':
    case 'network':
      return 'again'
  }
}

/** Milliseconds to wait before the same account is tried once more: 0.4 s, then 1.6 s, for overload 2 s, then 6 s. */
export function pauseBefore(attempt: number, kind: ErrorKind, random: () => number): number {
  const base = kind === 'overloaded' ? [2_000, 6_000] : [400, 1_600]
  const pause = base[Math.min(attempt - 1, base.length - 1)] ?? 0
  return pause * (0.8 + 0.4 * random())
}
