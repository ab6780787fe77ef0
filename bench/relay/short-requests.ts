import { performance } from 'node:perf_hooks'
import { formatCount, formatRatio } from '../lib/table.ts'
import { shortBody } from './bodies.ts'
import { type Figure, formatMs } from './figure.ts'
import { LoadClient } from './load.ts'
import { compareRounds, type Pair, type RoundOptions, type Sample } from './rounds.ts'
import type { Relay } from './targets.ts'

const body = shortBody({ frames: 5, bytes: 40, chunk: 1 })

export interface ShortRequestOptions extends RoundOptions {
  /** How long one run of one relay lasts. */
  readonly durationMs: number
  /** How long each relay is used before anything is measured: V8 goes on optimising for ten thousand requests. */
  readonly settleMs: number
}

/** Short streamed requests a second with 1, 16 and 64 of them under way, over kept connections. */
export async function measureShortRequests(pair: Pair, options: ShortRequestOptions): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const relay of [pair.bare, pair.culvert]) await requestFor(relay, 16, options.settleMs)
  for (const concurrency of [1, 16, 64]) {
    const { bare, culvert, ratio } = await compareRounds(pair, options, (relay) =>
      requestFor(relay, concurrency, options.durationMs),
    )
    const hasTarget = concurrency > 1
    figures.push(
      {
        name: `short requests a second, ${concurrency} at once`,
        reference: formatCount(bare.perSecond),
        own: formatCount(culvert.perSecond),
        compared: `${(100 * ratio.perSecond).toFixed(0)} %`,
        ...(hasTarget ? { target: '≥ 55 %', isMet: ratio.perSecond >= 0.55 } : {}),
      },
      {
        name: 'CPU of one of them',
        reference: formatMs(bare.cpuMs),
        own: formatMs(culvert.cpuMs),
        compared: formatRatio(ratio.cpuMs),
      },
    )
  }
  return figures
}

async function requestFor(
  relay: Relay,
  concurrency: number,
  durationMs: number,
): Promise<Sample<'cpuMs' | 'perSecond'>> {
  const client = new LoadClient(relay, concurrency)
  const cpuBefore = relay.process.cpuMs()
  const startedAt = performance.now()
  let requests = 0
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() - startedAt < durationMs) {
        const { events } = await client.send(body)
        if (events !== 5) throw new Error(`${relay.name} delivered ${events} of 5 events.`)
        requests += 1
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const cpuMs = relay.process.cpuMs() - cpuBefore
  await client.close()
  return { cpuMs: cpuMs / requests, perSecond: requests / seconds }
}
