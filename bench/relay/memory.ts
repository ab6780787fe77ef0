import { setTimeout as pause } from 'node:timers/promises'
import { formatCount } from '../lib/table.ts'
import { type AnswerShape, shortBody } from './bodies.ts'
import { type Figure, formatMegabytes } from './figure.ts'
import { LoadClient } from './load.ts'
import type { Pair } from './rounds.ts'
import type { Relay } from './targets.ts'

const settleMs = 1_500
/** Streams that are opened together; a crowd at the door would measure the kernel's queue. */
const rampSize = 100

interface Crowd {
  readonly streams: number
  readonly shape: AnswerShape
}

interface CrowdResult {
  /** Highest resident set while all streams were open. */
  readonly residentBytes: number
  /** Share of one core while all were flowing. */
  readonly cores: number
  readonly events: number
  readonly expected: number
}

const few: Crowd = { streams: 200, shape: { frames: 60, bytes: 40, chunk: 1, intervalMs: 100 } }
const many: Crowd = { streams: 2_000, shape: { frames: 24, bytes: 40, chunk: 1, intervalMs: 500 } }

/** The resident set of a fresh process that has served one request: which of the two forms it is matters here. */
export function restFigure(name: string, bareBytes: number | undefined, culvertBytes: number): Figure {
  return {
    name: `resident at rest, one request served, ${name}`,
    reference: bareBytes === undefined ? '' : formatMegabytes(bareBytes),
    own: formatMegabytes(culvertBytes),
    compared: '',
    target: '< 130 MB',
    isMet: culvertBytes < 130e6,
  }
}

/** Resident sets of freshly started processes, in source form: at rest, with 200 and with 2,000 streams that flow. */
export async function measureMemory({ bare, culvert }: Pair): Promise<Figure[]> {
  const rest = { bare: await residentAtRest(bare), culvert: await residentAtRest(culvert) }
  const open = { bare: await openStreams(bare, few), culvert: await openStreams(culvert, few) }
  const flood = { bare: await openStreams(bare, many), culvert: await openStreams(culvert, many) }
  const perStream = (relay: 'bare' | 'culvert'): number => (open[relay].residentBytes - rest[relay]) / few.streams
  const lost = flood.culvert.expected - flood.culvert.events + open.culvert.expected - open.culvert.events
  return [
    restFigure('source', rest.bare, rest.culvert),
    {
      name: `more for each of ${few.streams} open streams`,
      reference: kilobytes(perStream('bare')),
      own: kilobytes(perStream('culvert')),
      compared: '',
      target: '< 200 KB',
      isMet: perStream('culvert') < 200e3,
    },
    {
      name: `resident with ${formatCount(many.streams)} flowing streams`,
      reference: formatMegabytes(flood.bare.residentBytes),
      own: formatMegabytes(flood.culvert.residentBytes),
      compared: '',
      target: '< 350 MB',
      isMet: flood.culvert.residentBytes < 350e6,
    },
    {
      name: `their events (${formatCount((1000 * many.streams) / (many.shape.intervalMs ?? 1))} a second)`,
      reference: formatCount(flood.bare.events),
      own: formatCount(flood.culvert.events),
      compared: `${formatCount(lost)} lost`,
      target: 'none lost',
      isMet: lost === 0,
    },
    {
      name: 'their share of a core',
      reference: `${(100 * flood.bare.cores).toFixed(0)} %`,
      own: `${(100 * flood.culvert.cores).toFixed(0)} %`,
      compared: '',
    },
  ]
}

/** Bytes. */
export async function residentAtRest(relay: Relay): Promise<number> {
  const client = new LoadClient(relay, 1)
  await client.send(shortBody({ frames: 5, bytes: 40, chunk: 1 }))
  await client.close()
  await pause(settleMs)
  return relay.process.residentBytes()
}

async function openStreams(relay: Relay, { streams, shape }: Crowd): Promise<CrowdResult> {
  const client = new LoadClient(relay, streams)
  const body = shortBody(shape)
  const begun = Promise.withResolvers<void>()
  let waiting = streams
  const onFirstEvent = (): void => {
    waiting -= 1
    if (waiting === 0) begun.resolve()
  }
  const answers: Promise<{ readonly events: number }>[] = []
  while (answers.length < streams) {
    for (let next = 0; next < rampSize && answers.length < streams; next += 1) {
      answers.push(client.send(body, onFirstEvent))
    }
    await pause(50)
  }
  const all = Promise.all(answers)
  await Promise.race([begun.promise, all])
  if (waiting > 0)
    throw new Error(`Only ${streams - waiting} of ${streams} streams of ${relay.name} were open at once.`)
  const { residentBytes, cores } = await watch(relay)
  const events = (await all).reduce((sum, answer) => sum + answer.events, 0)
  await client.close()
  return { residentBytes, cores, events, expected: streams * shape.frames }
}

async function watch(relay: Relay): Promise<Pick<CrowdResult, 'residentBytes' | 'cores'>> {
  const cpuBefore = relay.process.cpuMs()
  const startedAt = performance.now()
  let residentBytes = 0
  for (let sample = 0; sample < 6; sample += 1) {
    await pause(settleMs / 6)
    residentBytes = Math.max(residentBytes, relay.process.residentBytes())
  }
  return { residentBytes, cores: (relay.process.cpuMs() - cpuBefore) / (performance.now() - startedAt) }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(0)} KB`
}
