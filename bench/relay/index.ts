import { measureFirstEvent } from './first-event.ts'
import { type Figure, formatFigures } from './figure.ts'
import { measureLargeBody } from './large-body.ts'
import { measureLongStreams } from './long-streams.ts'
import { measureMemory, residentAtRest, restFigure } from './memory.ts'
import { measureShortRequests } from './short-requests.ts'
import { measureStartUp } from './start-up.ts'
import {
  addAccount,
  prepareEntries,
  startBareRelay,
  startCulvert,
  startSimulatorProcess,
  withDataDirectory,
} from './targets.ts'

/** What of the relay to measure. */
export type RelayPart = 'start' | 'memory' | 'relay'

export interface RelayBenchOptions {
  readonly parts: readonly RelayPart[]
  /** Fewer and shorter rounds: a look, not a figure to quote. */
  readonly quick: boolean
}

/**
 * Measures the whole product against the bare relay and a direct connection, each a process of its own, and prints every
 * figure as soon as it is there. Returns all of them.
 */
export async function runRelayBench({ parts, quick }: RelayBenchOptions): Promise<readonly Figure[]> {
  const all: Figure[] = []
  const report = (title: string, figures: readonly Figure[]): void => {
    all.push(...figures)
    console.log(`${formatFigures(title, figures)}\n`)
  }
  const entries = await prepareEntries()
  const simulator = await startSimulatorProcess()
  await withDataDirectory(async (dataDirectory) => {
    const first = await startCulvert(simulator, { dataDirectory })
    await addAccount(first, simulator)
    await first.process.stop()
    if (parts.includes('start')) {
      report('start', await measureStartUp(simulator, { dataDirectory, entries }, { rounds: quick ? 7 : 11 }))
    }
    if (parts.includes('memory')) {
      for (const { name, path } of entries.filter((entry) => entry.name === 'bundle')) {
        const culvert = await startCulvert(simulator, { dataDirectory, entry: path })
        report('memory, bundle', [restFigure(name, undefined, await residentAtRest(culvert))])
        await culvert.process.stop()
      }
    }
    if (!parts.includes('memory') && !parts.includes('relay')) return
    const pair = { bare: await startBareRelay(simulator), culvert: await startCulvert(simulator, { dataDirectory }) }
    try {
      if (parts.includes('memory')) report('memory', await measureMemory(pair))
      if (!parts.includes('relay')) return
      const rounds = { rounds: quick ? 3 : 7, warmUp: quick ? 1 : 2 }
      report('long streams', await measureLongStreams(pair, rounds))
      report(
        'short requests',
        await measureShortRequests(pair, {
          ...rounds,
          ...(quick ? { durationMs: 700, settleMs: 2_000 } : { durationMs: 1_500, settleMs: 8_000 }),
        }),
      )
      report('latency', await measureFirstEvent(pair, simulator.target, { requests: quick ? 200 : 600 }))
      report('large body', await measureLargeBody(pair, { ...rounds, requests: quick ? 20 : 40 }))
    } finally {
      await pair.culvert.process.stop()
      await pair.bare.process.stop()
    }
  })
  await simulator.process.stop()
  return all
}
