import type { RequestRecord } from '../store/types.ts'

/** Upper bounds of the latency buckets, seconds. */
export const latencyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const

/** Distinct label sets kept; what comes after goes under `other`. */
const maxSeries = 500

/** A counter with labels, or a histogram's sums. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  requests: number
  inputTokens: number
  outputTokens: number
  credits: number
  totalSeconds: number
  /** Requests per latency bucket, not cumulative; the last one is over every bound. */
  readonly buckets: number[]
}

/** Totals since start for `/metrics` and the overview: plain numbers, so that counting costs nothing on the way. */
export interface Counters {
  count(record: RequestRecord): void
  series(): Iterable<Series>
  /** Completions under way. */
  active: number
}

/** Empty counters. */
export function createCounters(): Counters {
  const all = new Map<string, Series>()
  return {
    active: 0,
    count(record) {
      const model = record.servedModel ?? 'none'
      const outcome = record.errorKind ?? 'ok'
      let key = `${record.dialect}|${model}|${outcome}`
      let labels: Record<string, string> = { dialect: record.dialect, model, outcome }
      if (!all.has(key) && all.size >= maxSeries) {
        key = 'other'
        labels = { dialect: 'other', model: 'other', outcome: 'other' }
      }
      let series = all.get(key)
      if (!series) {
        series = {
          labels,
          requests: 0,
          inputTokens: 0,
          outputTokens: 0,
          credits: 0,
          totalSeconds: 0,
          buckets: latencyBuckets.map(() => 0).concat(0),
        }
        all.set(key, series)
      }
      const seconds = record.totalMs / 1_000
      const bucket = latencyBuckets.findIndex((bound) => seconds <= bound)
      const index = bucket < 0 ? latencyBuckets.length : bucket
      series.buckets[index] = (series.buckets[index] ?? 0) + 1
      series.requests += 1
      series.inputTokens += record.inputTokens
      series.outputTokens += record.outputTokens
      series.credits += record.credits ?? 0
      series.totalSeconds += seconds
    },
    series: () => all.values(),
  }
}
