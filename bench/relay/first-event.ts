import { percentile } from '../lib/measure.ts'
import { directBody, shortBody } from './bodies.ts'
import { type Figure, formatMs } from './figure.ts'
import { LoadClient } from './load.ts'
import type { Pair } from './rounds.ts'
import type { Target } from './targets.ts'

const limitMs = 1.5
const shape = { frames: 5, bytes: 40, chunk: 1 }

interface Contestant {
  readonly client: LoadClient
  readonly body: Buffer
  readonly times: number[]
}

/** What a relay adds to the time until the first event with text, one request at a time. */
export async function measureFirstEvent(
  pair: Pair,
  direct: Target,
  options: { readonly requests: number },
): Promise<Figure[]> {
  const contestants = [direct, pair.bare, pair.culvert].map((target): Contestant => ({
    client: new LoadClient(target, 1),
    body: target.name === 'direct' ? directBody(shape) : shortBody(shape),
    times: [],
  }))
  // One of each in turn: the machine's other work then hits all alike.
  for (let request = -50; request < options.requests; request += 1) {
    for (const { client, body, times } of contestants) {
      const { firstEventMs } = await client.send(body)
      if (request >= 0) times.push(firstEventMs)
    }
  }
  await Promise.all(contestants.map(({ client }) => client.close()))
  return [0.5, 0.95].map((share) => {
    const [directMs = 0, bareMs = 0, culvertMs = 0] = contestants.map(({ times }) => percentile(times, share))
    const added = culvertMs - directMs
    return {
      name: `first event, p${100 * share} (direct: ${formatMs(directMs)})`,
      reference: formatMs(bareMs),
      own: formatMs(culvertMs),
      compared: `+ ${formatMs(added)}`,
      ...(share === 0.5 ? { target: `< + ${limitMs} ms`, isMet: added < limitMs } : {}),
    }
  })
}
