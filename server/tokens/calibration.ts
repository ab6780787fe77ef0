import type { UsageSource } from '../canonical/event.ts'

/** What was learned of one model: real tokens ≈ estimated tokens × factor. */
export interface Calibration {
  /** 0.5–2. */
  readonly factor: number
  /** How many figures of the provider it rests on. */
  readonly samples: number
}

/** One figure of the provider beside our own estimate of the same input, both whole tokens. */
export interface CalibrationSample {
  /** Neither calibrated nor multiplied. */
  readonly estimated: number
  readonly reported: number
  readonly source: UsageSource
}

/** Nothing learned yet. */
export const uncalibrated: Calibration = { factor: 1, samples: 0 }

const lowest = 0.5
const highest = 2
/** Below this (tokens) fixed overheads say more than the tokenizer does. */
const smallestSample = 200
/** How much of a late sample goes into the factor; the first ones weigh more, so that a few requests suffice. */
const settledWeight = 0.1
/** A percentage is rounded and its denominator only observed. */
const percentageWeight = 0.5
/** How far one sample may pull, relative to the factor so far. */
const pull = 0.25

/**
 * The calibration after one more sample: a moving average, clamped to 0.5–2. Samples that are small, estimated by
 * ourselves or further than a factor of 2 off are ignored and leave the value as it was (the same object).
 */
export function learn(state: Calibration, sample: CalibrationSample): Calibration {
  if (sample.source === 'estimated' || !(sample.estimated >= smallestSample)) return state
  const ratio = sample.reported / sample.estimated
  if (!(ratio >= lowest && ratio <= highest)) return state

  const nearest = state.samples === 0 ? ratio : clamp(ratio, state.factor * (1 - pull), state.factor * (1 + pull))
  const trust = sample.source === 'provider' ? 1 : percentageWeight
  const weight = Math.max(settledWeight, 1 / (state.samples + 1)) * trust
  const factor = clamp(state.factor + (nearest - state.factor) * weight, lowest, highest)
  return { factor, samples: state.samples + 1 }
}

function clamp(value: number, from: number, to: number): number {
  return Math.min(Math.max(value, from), to)
}
