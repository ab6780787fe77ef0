import { Registry, collectDefaultMetrics, Counter, Gauge, Histogram } from 'prom-client'
import type { Counters, Series } from '../proxy/counters.ts'
import { latencyBuckets } from '../proxy/counters.ts'

/** What `/metrics` shows besides the counters. */
export interface MetricsSources {
  readonly counters: Counters
  readonly accountsByStatus: () => ReadonlyMap<string, number>
}

/** The metrics page in Prometheus' text format; `scrape` reads the totals as they are at that moment. */
export function createMetricsPage(sources: MetricsSources): {
  readonly contentType: string
  scrape(): Promise<string>
} {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const labels = ['dialect', 'model', 'outcome']
  const requests = new Counter({
    name: 'culvert_requests_total',
    help: 'Completion requests, by how they ended.',
    labelNames: labels,
    registers: [registry],
  })
  const tokens = new Counter({
    name: 'culvert_tokens_total',
    help: 'Tokens; estimates where the provider told none.',
    labelNames: [...labels, 'direction'],
    registers: [registry],
  })
  const credits = new Counter({
    name: 'culvert_credits_total',
    help: 'Provider credits reported by metering events.',
    labelNames: labels,
    registers: [registry],
  })
  registry.registerMetric(new LatencyHistogram(sources.counters, labels))
  const active = new Gauge({ name: 'culvert_active_requests', help: 'Completions under way.', registers: [registry] })
  const accounts = new Gauge({
    name: 'culvert_accounts',
    help: 'Accounts, by status.',
    labelNames: ['status'],
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    async scrape() {
      for (const metric of [requests, tokens, credits, accounts]) metric.reset()
      for (const series of sources.counters.series()) {
        requests.inc(series.labels, series.requests)
        tokens.inc({ ...series.labels, direction: 'input' }, series.inputTokens)
        tokens.inc({ ...series.labels, direction: 'output' }, series.outputTokens)
        credits.inc(series.labels, series.credits)
      }
      active.set(sources.counters.active)
      for (const [status, count] of sources.accountsByStatus()) accounts.set({ status }, count)
      return await registry.metrics()
    },
  }
}

const latencyName = 'culvert_request_duration_seconds'
const latencyHelp = 'Time from receipt to the end of the answer.'

/** A histogram whose buckets are counted elsewhere: it only writes them down. */
class LatencyHistogram extends Histogram {
  readonly #counters: Counters

  constructor(counters: Counters, labelNames: readonly string[]) {
    super({
      name: latencyName,
      help: latencyHelp,
      labelNames: [...labelNames],
      buckets: [...latencyBuckets],
      registers: [],
    })
    this.#counters = counters
  }

  /** The registry's way in for text. */
  getForPromString() {
    const values = [...this.#counters.series()].flatMap(bucketValues)
    return { name: latencyName, help: latencyHelp, type: 'histogram', aggregator: 'sum', values }
  }
}

function bucketValues(series: Series) {
  let below = 0
  const buckets = series.buckets.map((count, index) => {
    below += count
    const le = latencyBuckets[index] ?? '+Inf'
    return { labels: { ...series.labels, le }, value: below, metricName: `${latencyName}_bucket` }
  })
  return [
    ...buckets,
    { labels: series.labels, value: series.totalSeconds, metricName: `${latencyName}_sum` },
    { labels: series.labels, value: series.requests, metricName: `${latencyName}_count` },
  ]
}
