import type { FinishReason, UsageReport } from '../../../canonical/event.ts'
import type { JsonObject, JsonValue } from '../../../canonical/json.ts'

/** What the events at the end of an answer say: consumption and why it ended (amazon-q.md §3.3, §3.5). */
export class StreamTail {
  /** Any of these events came: the only sign that an answer is complete. */
  seen = false
  /** As the service wrote it. */
  stopReason: string | undefined
  contextUsagePercentage = 0
  private credits = 0

  /** `metadataEvent`. `undefined`: it says nothing about usage. */
  metadata(event: JsonObject): UsageReport | undefined {
    this.seen = true
    if (typeof event.stopReason === 'string' && event.stopReason !== '') this.stopReason = event.stopReason
    const usage = event.tokenUsage
    if (typeof usage !== 'object' || usage === null || Array.isArray(usage)) return undefined
    return this.tokenUsage(usage as JsonObject)
  }

  /** `contextUsageEvent`. */
  contextUsage(event: JsonObject): UsageReport | undefined {
    this.seen = true
    const percentage = amount(event.contextUsagePercentage)
    if (percentage === undefined) return undefined
    this.contextUsagePercentage = percentage
    return { contextUsagePercentage: Math.min(percentage, 100) }
  }

  /** `meteringEvent`: every one says what was consumed, so several add up. */
  metering(event: JsonObject): UsageReport | undefined {
    this.seen = true
    const usage = amount(event.usage)
    const unit = typeof event.unit === 'string' ? event.unit.toLowerCase() : 'credit'
    if (usage === undefined || !unit.startsWith('credit')) return undefined
    this.credits += usage
    return { credits: this.credits }
  }

  private tokenUsage(usage: JsonObject): UsageReport {
    const percentage = amount(usage.contextUsagePercentage)
    if (percentage !== undefined && this.contextUsagePercentage === 0) this.contextUsagePercentage = percentage
    return withoutAbsent({
      inputTokens: amount(usage.uncachedInputTokens),
      cacheReadTokens: amount(usage.cacheReadInputTokens),
      cacheWriteTokens: amount(usage.cacheWriteInputTokens),
      outputTokens: amount(usage.outputTokens),
    })
  }
}

/** `metricsEvent`, which some hosts send instead of token usage in the metadata. */
export function usageOfMetrics(event: JsonObject): UsageReport {
  return withoutAbsent({ inputTokens: amount(event.inputTokens), outputTokens: amount(event.outputTokens) })
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['MAX_TOKENS', 'max-tokens'],
  ['MODEL_CONTEXT_WINDOW_EXCEEDED', 'context-window-exceeded'],
  ['STOP_SEQUENCE', 'stop-sequence'],
  ['CONTENT_FILTERED', 'refusal'],
  ['GUARDRAIL_INTERVENED', 'refusal'],
  ['REFUSAL', 'refusal'],
])

/** Our reason for the service's, whatever its case; an unknown one ends the turn. */
export function finishReasonOf(stopReason: string | undefined): FinishReason {
  return REASONS.get((stopReason ?? '').toUpperCase()) ?? 'end-turn'
}

function amount(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

type Absent<Type> = { readonly [Key in keyof Type]: Type[Key] | undefined }

function withoutAbsent(usage: Absent<UsageReport>): UsageReport {
  const entries = Object.entries(usage).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries)
}
