import type { Usage, UsageReport, UsageSource } from '../canonical/event.ts'
import { contextTokens } from './context-denominators.ts'

/** What is known of one completion's consumption. Token figures are whole tokens. */
export interface UsageFacts {
  readonly report: UsageReport
  /** Our own estimates, neither calibrated nor multiplied. */
  readonly estimatedInput: number
  readonly estimatedOutput: number
  /** What the model's real tokenizer counts against our estimate (`calibration.ts`). */
  readonly calibrationFactor: number
  /** The person's own factor (`tokenCountMultiplier`); never applied to a figure that the provider told. */
  readonly multiplier: number
  /** The upstream's model id. */
  readonly model: string
  /** Tokens; undefined when the account never told. */
  readonly contextWindow: number | undefined
}

/** All input tokens of a request, cached ones included, and who says so. */
interface ReportedInput {
  readonly tokens: number
  readonly source: Exclude<UsageSource, 'estimated'>
}

/** A percentage is believed when it is within this factor of our calibrated estimate, either way. */
const plausibleFactor = 2

/**
 * The figures for the client and the log, each with its source: the provider's token counts, else its context
 * percentage less the output (when plausible), else our estimate × calibration × multiplier.
 */
export function resolveUsage(facts: UsageFacts): Usage {
  const { report } = facts
  const output = outputOf(facts)
  const cacheReadTokens = whole(report.cacheReadTokens) ?? 0
  const cacheWriteTokens = whole(report.cacheWriteTokens) ?? 0
  const reasoningTokens = whole(report.reasoningTokens)
  const input = reportedInput(facts)
  const total = input?.tokens ?? ownFigure(facts.estimatedInput, facts)
  return {
    inputTokens: Math.max(0, total - cacheReadTokens - cacheWriteTokens),
    outputTokens: output.tokens,
    cacheReadTokens,
    cacheWriteTokens,
    inputSource: input?.source ?? 'estimated',
    outputSource: output.source,
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    ...(report.credits === undefined ? {} : { credits: report.credits }),
  }
}

/** What the provider says the whole input was, or undefined when it said nothing believable. */
function reportedInput(facts: UsageFacts): ReportedInput | undefined {
  const { report } = facts
  const cached = (whole(report.cacheReadTokens) ?? 0) + (whole(report.cacheWriteTokens) ?? 0)
  const uncached = whole(report.inputTokens)
  // A request is never empty: all zeros is how some models say that they don't count.
  if (uncached !== undefined && uncached + cached > 0) return { tokens: uncached + cached, source: 'provider' }

  const percentage = report.contextUsagePercentage
  if (percentage === undefined || !(percentage > 0) || percentage > 100) return undefined
  const tokens = contextTokens(percentage, facts.model, facts.contextWindow) - outputOf(facts).tokens
  const expected = facts.estimatedInput * facts.calibrationFactor
  const plausible = tokens > 0 && tokens >= expected / plausibleFactor && tokens <= expected * plausibleFactor
  return plausible ? { tokens, source: 'context-percentage' } : undefined
}

function outputOf(facts: UsageFacts): { readonly tokens: number; readonly source: UsageSource } {
  const told = whole(facts.report.outputTokens)
  if (told !== undefined && (told > 0 || facts.estimatedOutput === 0)) return { tokens: told, source: 'provider' }
  return { tokens: ownFigure(facts.estimatedOutput, facts), source: 'estimated' }
}

function ownFigure(estimated: number, facts: UsageFacts): number {
  return Math.round(estimated * facts.calibrationFactor * facts.multiplier)
}

/** A count as a whole number, or undefined when it can't be one. */
function whole(count: number | undefined): number | undefined {
  return count !== undefined && Number.isFinite(count) && count >= 0 ? Math.round(count) : undefined
}
