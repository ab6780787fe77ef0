import { describe, expect, it } from 'vitest'
import type { UsageReport } from '../canonical/event.ts'
import { resolveUsage } from './usage.ts'
import type { UsageFacts } from './usage.ts'

const base: UsageFacts = {
  report: {},
  estimatedInput: 20_000,
  estimatedOutput: 100,
  calibrationFactor: 1.2,
  multiplier: 1.5,
  model: 'claude-haiku-4.5',
  contextWindow: 200_000,
}

describe('resolveUsage', () => {
  const cases: readonly [string, UsageReport, Partial<UsageFacts>, object][] = [
    [
      'the provider told everything',
      { inputTokens: 101, cacheReadTokens: 300, cacheWriteTokens: 40, outputTokens: 23, credits: 0.5 },
      {},
      {
        inputTokens: 101,
        cacheReadTokens: 300,
        cacheWriteTokens: 40,
        outputTokens: 23,
        inputSource: 'provider',
        outputSource: 'provider',
        credits: 0.5,
      },
    ],
    [
      'all of the input came from the cache',
      { inputTokens: 0, cacheReadTokens: 300 },
      {},
      { inputTokens: 0, cacheReadTokens: 300, inputSource: 'provider' },
    ],
    [
      'a percentage within reach: less our own output, never multiplied',
      { contextUsagePercentage: 12.5 },
      {},
      { inputTokens: 25_000 - 180, inputSource: 'context-percentage', outputTokens: 180, outputSource: 'estimated' },
    ],
    [
      'a percentage less the output that the provider told',
      { contextUsagePercentage: 12.5, outputTokens: 500 },
      {},
      { inputTokens: 24_500, inputSource: 'context-percentage', outputTokens: 500, outputSource: 'provider' },
    ],
    [
      'the odd denominator of sonnet 4.5',
      { contextUsagePercentage: 5, outputTokens: 10 },
      { model: 'claude-sonnet-4.5' },
      { inputTokens: 22_690, inputSource: 'context-percentage' },
    ],
    [
      'the odd denominator of opus with its window of a million',
      { contextUsagePercentage: 2, outputTokens: 10 },
      { model: 'claude-opus-4.6', contextWindow: 1_000_000 },
      { inputTokens: 29_390, inputSource: 'context-percentage' },
    ],
    [
      'no odd denominator for a window that it was not seen with',
      { contextUsagePercentage: 10, outputTokens: 10 },
      { model: 'claude-opus-4.6', contextWindow: 200_000 },
      { inputTokens: 19_990, inputSource: 'context-percentage' },
    ],
    [
      'a percentage twice too high is not believed',
      { contextUsagePercentage: 30 },
      {},
      { inputTokens: 36_000, inputSource: 'estimated' },
    ],
    [
      'a percentage half too low is not believed',
      { contextUsagePercentage: 5 },
      {},
      { inputTokens: 36_000, inputSource: 'estimated' },
    ],
    ['nothing told', {}, {}, { inputTokens: 36_000, inputSource: 'estimated', outputTokens: 180 }],
    [
      'zeros mean that the provider does not count',
      { inputTokens: 0, outputTokens: 0 },
      {},
      { inputTokens: 36_000, inputSource: 'estimated', outputTokens: 180, outputSource: 'estimated' },
    ],
    [
      'an empty answer really has no output',
      { inputTokens: 10, outputTokens: 0 },
      { estimatedOutput: 0 },
      { inputTokens: 10, outputTokens: 0, outputSource: 'provider' },
    ],
    [
      'figures that are no counts',
      { inputTokens: Number.NaN, outputTokens: -1, contextUsagePercentage: Number.NaN },
      {},
      { inputTokens: 36_000, inputSource: 'estimated', outputTokens: 180, outputSource: 'estimated' },
    ],
    [
      'only the cache told: the rest is estimated',
      { cacheReadTokens: 6_000 },
      {},
      { inputTokens: 30_000, cacheReadTokens: 6_000, inputSource: 'estimated' },
    ],
  ]
  it.each(cases)('%s', (_name, report, facts, expected) => {
    expect(resolveUsage({ ...base, ...facts, report })).toMatchObject(expected)
  })

  it('passes on how much of the output was reasoning, if that was told', () => {
    expect(resolveUsage({ ...base, report: { reasoningTokens: 7 } })).toMatchObject({ reasoningTokens: 7 })
    expect(resolveUsage(base)).not.toHaveProperty('reasoningTokens')
  })

  it('leaves credits out when none were told', () => {
    expect(resolveUsage(base)).not.toHaveProperty('credits')
  })
})
