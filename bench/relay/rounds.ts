import { median } from '../lib/measure.ts'
import type { Relay } from './targets.ts'

/** The two that are compared. */
export interface Pair {
  readonly bare: Relay
  readonly culvert: Relay
}

export interface RoundOptions {
  /** Measured rounds. */
  readonly rounds: number
  /** Rounds thrown away first, so that the optimising compiler has settled. */
  readonly warmUp: number
}

/** What one run measured, by name. */
export type Sample<Name extends string> = Readonly<Record<Name, number>>

export interface Comparison<Name extends string> {
  readonly bare: Sample<Name>
  readonly culvert: Sample<Name>
  /** Culvert's figure over the bare relay's: the median of the rounds' own ratios. */
  readonly ratio: Sample<Name>
}

/**
 * Runs both in turn, round after round, the order turned around every other round, and compares within each round: what
 * else the machine does then hits both alike.
 */
export async function compareRounds<Name extends string>(
  pair: Pair,
  { rounds, warmUp }: RoundOptions,
  run: (relay: Relay) => Promise<Sample<Name>>,
): Promise<Comparison<Name>> {
  const samples: { readonly bare: Sample<Name>; readonly culvert: Sample<Name> }[] = []
  for (let round = -warmUp; round < rounds; round += 1) {
    let bare: Sample<Name>
    let culvert: Sample<Name>
    if (round % 2 === 0) {
      bare = await run(pair.bare)
      culvert = await run(pair.culvert)
    } else {
      culvert = await run(pair.culvert)
      bare = await run(pair.bare)
    }
    if (round >= 0) samples.push({ bare, culvert })
  }
  const names = Object.keys(samples[0]?.bare ?? {}) as Name[]
  const medians = (of: (sample: (typeof samples)[number], name: Name) => number): Sample<Name> =>
    Object.fromEntries(names.map((name) => [name, median(samples.map((sample) => of(sample, name)))])) as Sample<Name>
  return {
    bare: medians((sample, name) => sample.bare[name]),
    culvert: medians((sample, name) => sample.culvert[name]),
    ratio: medians((sample, name) => sample.culvert[name] / sample.bare[name]),
  }
}
