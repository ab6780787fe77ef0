import { describe, expect, it } from 'vitest'
import { learn, uncalibrated } from './calibration.ts'
import type { Calibration, CalibrationSample } from './calibration.ts'

function sample(reported: number, source: CalibrationSample['source'] = 'provider'): CalibrationSample {
  return { estimated: 1_000, reported, source }
}

function learnAll(samples: readonly CalibrationSample[]): Calibration {
  return samples.reduce(learn, uncalibrated)
}

describe('learn', () => {
  it('takes the first figure of the provider as it is, the first percentage half', () => {
    expect(learn(uncalibrated, sample(1_300))).toEqual({ factor: 1.3, samples: 1 })
    expect(learn(uncalibrated, sample(1_300, 'context-percentage')).factor).toBeCloseTo(1.15)
  })

  it('comes close within a few samples and follows a change', () => {
    const settled = learnAll(Array.from({ length: 20 }, () => sample(1_200)))
    expect(settled.factor).toBeCloseTo(1.2)
    const moved = Array.from({ length: 60 }, () => sample(800)).reduce(learn, settled)
    expect(moved.factor).toBeGreaterThan(0.79)
    expect(moved.factor).toBeLessThan(0.82)
  })

  it('lets one odd sample move a settled factor by a fortieth at most', () => {
    const settled = learnAll(Array.from({ length: 20 }, () => sample(1_000)))
    expect(learn(settled, sample(1_990)).factor).toBeCloseTo(1.025)
    expect(learn(settled, sample(510)).factor).toBeCloseTo(0.975)
  })

  it.each([
    ['our own estimates', sample(1_200, 'estimated')],
    ['more than double', sample(2_001)],
    ['less than half', sample(499)],
    ['small requests', { estimated: 199, reported: 220, source: 'provider' } as const],
    ['figures that are no numbers', sample(Number.NaN)],
  ])('ignores %s', (_name, ignored) => {
    const state = { factor: 1.1, samples: 3 }
    expect(learn(state, ignored)).toBe(state)
  })

  it('stays within 0.5 and 2', () => {
    expect(learnAll(Array.from({ length: 200 }, () => sample(2_000))).factor).toBeLessThanOrEqual(2)
    expect(learnAll(Array.from({ length: 200 }, () => sample(500))).factor).toBeGreaterThanOrEqual(0.5)
  })
})
