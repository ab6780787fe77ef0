import { performance } from 'node:perf_hooks'

/** One thing to measure. `run` does the work once and returns something that depends on all of it. */
export interface Contestant {
  readonly name: string
  readonly run: () => unknown
}

export interface Measurement {
  readonly name: string
  /** Median milliseconds by the clock on the wall. */
  readonly wallMs: number
  /** Median milliseconds of CPU time of the main thread: on a busy machine the steadier figure. */
  readonly cpuMs: number
}

export interface MeasureOptions {
  /** Measured rounds of each contestant; default 5. */
  readonly rounds?: number
  /** Rounds thrown away first, so that the optimising compiler has settled; default 2. */
  readonly warmUp?: number
}

/**
 * Times the contestants in turn, round after round, so that what the machine does meanwhile hits all alike; the order
 * turns around every other round. A promise that `run` returns is awaited. Collects garbage before each run where the
 * process was started with `--expose-gc`.
 */
export async function measureAlternating(
  contestants: readonly Contestant[],
  options: MeasureOptions = {},
): Promise<Measurement[]> {
  const { rounds = 5, warmUp = 2 } = options
  const results = contestants.map(({ name }) => ({ name, wall: [] as number[], cpu: [] as number[] }))
  for (let round = -warmUp; round < rounds; round += 1) {
    const order = contestants.map((_, index) => index)
    if (round % 2 !== 0) order.reverse()
    for (const index of order) {
      const { wallMs, cpuMs } = await timeOnce(contestants[index]!)
      if (round < 0) continue
      results[index]!.wall.push(wallMs)
      results[index]!.cpu.push(cpuMs)
    }
  }
  return results.map(({ name, wall, cpu }) => ({ name, wallMs: median(wall), cpuMs: median(cpu) }))
}

/** The middle value, or the mean of the two middle ones. NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}

/** The value below which `share` (0 to 1) of the values lie, by the nearest rank. NaN for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** A seeded generator of numbers from 0 to below 1 (mulberry32), so that every run of a bench sees the same bytes. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function timeOnce(contestant: Contestant): Promise<{ wallMs: number; cpuMs: number }> {
  globalThis.gc?.()
  const wall = performance.now()
  const cpu = process.threadCpuUsage()
  await contestant.run()
  const { user, system } = process.threadCpuUsage(cpu)
  return { wallMs: performance.now() - wall, cpuMs: (user + system) / 1000 }
}
