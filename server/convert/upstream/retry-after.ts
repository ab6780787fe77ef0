const MAX_WAIT_MS = 7 * 24 * 60 * 60 * 1000

/**
 * The wait that a `retry-after` header asks for, in milliseconds: seconds (also fractions) or an HTTP date. `undefined`
 * when there is no header or it says nothing usable; never more than a week.
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.trim() === '') return undefined
  const seconds = Number(value)
  const wait = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(Math.round(wait), 0), MAX_WAIT_MS)
}
