import { describe, expect, it } from 'vitest'
import { runCodecFuzz } from './codec-fuzz.ts'

describe('bench/codec-fuzz', () => {
  it('finds nothing in 25,000 mutated streams', () => {
    const report = runCodecFuzz(25_000)
    expect(report.violations).toEqual([])
    expect(report.slowestMs).toBeLessThan(100)
    expect(report.maxGrowthBytes).toBeLessThan(64 * 2 ** 20)
    // Each error must have been provoked, or the mutations prove less than they claim.
    expect(Object.keys(report.outcomes).toSorted()).toEqual([
      'bad-header',
      'bad-lengths',
      'decoded',
      'headers-too-large',
      'message-checksum',
      'message-too-large',
      'prelude-checksum',
      'truncated',
    ])
  })
})
