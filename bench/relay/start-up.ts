import { setTimeout as pause } from 'node:timers/promises'
import { median } from '../lib/measure.ts'
import { type Figure, formatMs } from './figure.ts'
import { startChild } from './child.ts'
import { type Entry, type Simulator, startCulvert } from './targets.ts'

const limitMs = 250
/** Culvert writes the compile cache this long after it listens. */
const cacheWrittenMs = 2_500

interface StartTimes {
  readonly listeningMs: number
  readonly answeringMs: number
}

/**
 * Milliseconds from the start of the process until it listens and until it answers, with a warm compile cache and a data
 * directory that exists: of the source, and of the bundle that `npm start` runs. The reference listens with node:http
 * and does nothing else.
 */
export async function measureStartUp(
  simulator: Simulator,
  { dataDirectory, entries }: { readonly dataDirectory: string; readonly entries: readonly Entry[] },
  options: { readonly rounds: number },
): Promise<Figure[]> {
  const times = new Map(entries.map(({ name }) => [name, [] as StartTimes[]]))
  const bare: number[] = []
  for (const { path } of entries) await startOnce(simulator, dataDirectory, path, cacheWrittenMs)
  for (let round = 0; round < options.rounds; round += 1) {
    bare.push(await startBare())
    for (const { name, path } of entries) times.get(name)?.push(await startOnce(simulator, dataDirectory, path, 0))
  }
  return entries.flatMap(({ name }) => {
    const listeningMs = median((times.get(name) ?? []).map((time) => time.listeningMs))
    const answeringMs = median((times.get(name) ?? []).map((time) => time.answeringMs))
    return [
      {
        name: `listening after the start, ${name}`,
        reference: formatMs(median(bare)),
        own: formatMs(listeningMs),
        compared: '',
        target: `≤ ${limitMs} ms`,
        isMet: listeningMs <= limitMs,
      },
      { name: `first answer after the start, ${name}`, reference: '', own: formatMs(answeringMs), compared: '' },
    ]
  })
}

/** `restMs`: how long it stays up afterwards. */
async function startOnce(
  simulator: Simulator,
  dataDirectory: string,
  entry: string,
  restMs: number,
): Promise<StartTimes> {
  const spawnedAt = performance.now()
  const culvert = await startCulvert(simulator, { dataDirectory, entry })
  const response = await fetch(`${culvert.origin}/healthz`)
  if (!response.ok) throw new Error(`/healthz answered ${response.status}.`)
  const answeringMs = performance.now() - spawnedAt
  await pause(restMs)
  await culvert.process.stop()
  return { listeningMs: culvert.process.readyMs, answeringMs }
}

async function startBare(): Promise<number> {
  const program = "const s = require('node:http').createServer().listen(0, () => console.log('{}'))"
  const child = await startChild({ command: ['-e', program] })
  await child.stop()
  return child.readyMs
}
