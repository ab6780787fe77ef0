import { formatRatio } from '../lib/table.ts'
import { largeBody } from './bodies.ts'
import { type Figure, formatMs } from './figure.ts'
import { LoadClient } from './load.ts'
import { compareRounds, type Pair, type RoundOptions, type Sample } from './rounds.ts'
import type { Relay } from './targets.ts'

const limit = 3
const shape = { frames: 5, bytes: 40, chunk: 1 }

/** CPU of a request with a body of 200 KB, one after another; no two bodies are alike. */
export async function measureLargeBody(
  pair: Pair,
  options: RoundOptions & { readonly requests: number },
): Promise<Figure[]> {
  let seed = 1
  let bytes = 0
  const send = async (relay: Relay): Promise<Sample<'cpuMs'>> => {
    const bodies = Array.from({ length: options.requests }, () => largeBody(shape, (seed += 1)))
    bytes = bodies[0]?.length ?? 0
    const client = new LoadClient(relay, 1)
    const cpuBefore = relay.process.cpuMs()
    for (const body of bodies) await client.send(body)
    const cpuMs = relay.process.cpuMs() - cpuBefore
    await client.close()
    return { cpuMs: cpuMs / bodies.length }
  }
  const { bare, culvert, ratio } = await compareRounds(pair, options, send)
  return [
    {
      name: `CPU of a request with a body of ${(bytes / 1000).toFixed(0)} KB`,
      reference: formatMs(bare.cpuMs),
      own: formatMs(culvert.cpuMs),
      compared: formatRatio(ratio.cpuMs),
      target: `< ${limit} ×`,
      isMet: ratio.cpuMs < limit,
    },
  ]
}
