const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const MAX_MS = 7 * 24 * 3_600_000

/** A duration as Google writes it (`34.07s`, `900ms`, `1h16m0.667s`) in milliseconds, at most a week (gemini.md §6). */
export function durationMs(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^(?:\d{1,9}(?:\.\d{1,12})?(?:ms|[hms]))+\.?$/u.test(value)) return undefined
  let total = 0
  for (const [, amount, unit = ''] of value.matchAll(/([\d.]+)(ms|[hms])/gu))
    total += Number(amount) * (UNITS[unit] ?? 0)
  return Math.min(Math.ceil(total), MAX_MS)
}

/** Milliseconds until midnight in California, when the daily allowances of API keys begin anew. */
export function untilDailyReset(now: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(now)
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0)
  return 24 * 3_600_000 - (of('hour') * 3_600 + of('minute') * 60 + of('second')) * 1_000
}
