import { performance } from 'node:perf_hooks'
import { formatCount, formatRatio } from '../lib/table.ts'
import { type AnswerShape, shortBody } from './bodies.ts'
import { type Figure, formatMs } from './figure.ts'
import { LoadClient } from './load.ts'
import { compareRounds, type Pair, type RoundOptions, type Sample } from './rounds.ts'
import type { Relay } from './targets.ts'

interface StreamLoad {
  readonly name: string
  readonly streams: number
  readonly shape: AnswerShape
  /** Culvert's CPU over the bare relay's. */
  readonly limit: number
}

const loads: readonly StreamLoad[] = [
  {
    name: '4 streams × 50,000 events, 8 a chunk',
    streams: 4,
    shape: { frames: 50_000, bytes: 100, chunk: 8 },
    limit: 1.5,
  },
  {
    name: '50 streams × 200 events, one a chunk, paced 10 ms',
    streams: 50,
    shape: { frames: 200, bytes: 100, chunk: 1, intervalMs: 10 },
    limit: 1.5,
  },
]

/** CPU for 1,000 events of streams that run for long, and events a second where nothing holds them up. */
export async function measureLongStreams(pair: Pair, options: RoundOptions): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const load of loads) {
    const { bare, culvert, ratio } = await compareRounds(pair, options, (relay) => streamOnce(relay, load))
    figures.push({
      name: `CPU for 1,000 events: ${load.name}`,
      reference: formatMs(bare.cpuMs),
      own: formatMs(culvert.cpuMs),
      compared: formatRatio(ratio.cpuMs),
      target: `≤ ${load.limit} ×`,
      isMet: ratio.cpuMs <= load.limit,
    })
    if ((load.shape.intervalMs ?? 0) > 0) continue
    figures.push({
      name: 'events a second of the same',
      reference: formatCount(bare.perSecond),
      own: formatCount(culvert.perSecond),
      compared: formatRatio(ratio.perSecond),
    })
  }
  return figures
}

async function streamOnce(relay: Relay, { streams, shape }: StreamLoad): Promise<Sample<'cpuMs' | 'perSecond'>> {
  const client = new LoadClient(relay, streams)
  const body = shortBody(shape)
  const cpuBefore = relay.process.cpuMs()
  const startedAt = performance.now()
  const answers = await Promise.all(Array.from({ length: streams }, () => client.send(body)))
  const seconds = (performance.now() - startedAt) / 1000
  const cpuMs = relay.process.cpuMs() - cpuBefore
  await client.close()
  const expected = streams * shape.frames
  const events = answers.reduce((sum, answer) => sum + answer.events, 0)
  if (events !== expected) throw new Error(`${relay.name} delivered ${events} of ${expected} events.`)
  return { cpuMs: (1000 * cpuMs) / events, perSecond: events / seconds }
}
