import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createEventStreamDecoder, EventStreamError } from '../server/codec/event-stream/index.ts'
import { frameEnds, makeSeedStream, mutate, type Mutation } from './codec-mutations.ts'
import { seededRandom } from './lib/measure.ts'
import { formatCount, formatTable } from './lib/table.ts'

export interface FuzzReport {
  readonly inputs: number
  /** How many inputs ended how: `decoded`, or the code of the error. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly messages: number
  /** CPU time of the slowest input in milliseconds: on a busy machine the wall's clock tells of other programs. */
  readonly slowestMs: number
  readonly slowestKind: string
  /** Growth of live heap and array buffers over the start, in bytes, at its highest. */
  readonly maxGrowthBytes: number
  /** Broken promises, at most ten, each with what is needed to repeat it. */
  readonly violations: readonly string[]
}

/** What decoding an input came to, in a form that can be compared. */
interface Outcome {
  readonly end: string
  readonly messages: number
  readonly digest: string
}

const SAMPLE_EVERY = 5000

/**
 * Decodes `count` mutated streams and checks what the decoder promises of any bytes: it ends with messages or a typed
 * error and nothing else, the result does not depend on how the bytes are cut, every frame before the damage comes out
 * and nothing damaged does. The same seed gives the same inputs.
 */
export function runCodecFuzz(count: number, seed = 1): FuzzReport {
  const random = seededRandom(seed)
  const outcomes: Record<string, number> = {}
  const violations: string[] = []
  const collectGarbage = garbageCollector()
  collectGarbage()
  const before = usedBytes()
  let messages = 0
  let slowestMs = 0
  let slowestKind = ''
  let maxGrowthBytes = 0
  for (let input = 0; input < count; input += 1) {
    const stream = makeSeedStream(random)
    const mutation = mutate(stream, random)
    const chunks = cutRandomly(mutation.bytes, random)
    const start = process.threadCpuUsage()
    const whole = decodeAll([mutation.bytes])
    const { user, system } = process.threadCpuUsage(start)
    const elapsed = (user + system) / 1000
    const pieces = decodeAll(chunks)
    if (elapsed > slowestMs) {
      slowestMs = elapsed
      slowestKind = mutation.kind
    }
    outcomes[whole.end] = (outcomes[whole.end] ?? 0) + 1
    messages += whole.messages
    const problem = problemOf(stream, mutation, whole, pieces)
    if (problem !== undefined && violations.length < 10) {
      violations.push(`seed ${seed}, input ${input} (${mutation.kind}): ${problem}`)
    }
    if (input % SAMPLE_EVERY === SAMPLE_EVERY - 1) {
      collectGarbage()
      maxGrowthBytes = Math.max(maxGrowthBytes, usedBytes() - before)
    }
  }
  return { inputs: count, outcomes, messages, slowestMs, slowestKind, maxGrowthBytes, violations }
}

function problemOf(stream: Buffer, mutation: Mutation, whole: Outcome, pieces: Outcome): string | undefined {
  if (whole.end.startsWith('!')) return `threw ${whole.end.slice(1)}`
  if (whole.end !== pieces.end || whole.digest !== pieces.digest) {
    return `${whole.messages} messages and ${whole.end} in one piece, ${pieces.messages} and ${pieces.end} in pieces`
  }
  if (mutation.intactBytes === undefined) return undefined
  const intact = mutation.intactBytes
  const ends = frameEnds(stream).filter((end) => end <= intact)
  const expected = decodeAll([stream.subarray(0, ends.at(-1) ?? 0)])
  if (whole.digest !== expected.digest) return `${whole.messages} messages where ${expected.messages} are intact`
  const clean = intact === mutation.bytes.length && intact === (ends.at(-1) ?? 0)
  return clean === (whole.end === 'decoded') ? undefined : `ended as ${whole.end}`
}

function decodeAll(chunks: readonly Uint8Array[]): Outcome {
  const decoder = createEventStreamDecoder()
  let messages = 0
  let digest = ''
  try {
    for (const chunk of chunks) {
      for (const message of decoder.decode(chunk)) {
        messages += 1
        digest += `${message.messageType}/${message.type}/${message.headers.size}/${message.text}\n`
      }
    }
    decoder.end()
  } catch (error) {
    return { end: error instanceof EventStreamError ? error.code : `!${String(error)}`, messages, digest }
  }
  return { end: 'decoded', messages, digest }
}

function cutRandomly(bytes: Buffer, random: () => number): Buffer[] {
  const longest = random() < 0.05 ? 1 : 16 + Math.floor(random() * 1000)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunks.at(-1)!.length) {
    chunks.push(bytes.subarray(at, at + 1 + Math.floor(random() * longest)))
  }
  return chunks
}

/** Node's garbage collector without a command line flag. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function printReport(report: FuzzReport, seconds: number): void {
  const rows = Object.entries(report.outcomes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, inputs]) => [outcome, formatCount(inputs)])
  console.log(formatTable(['outcome', 'inputs'], [...rows, ['total', formatCount(report.inputs)]]))
  console.log(`messages decoded before the end  ${formatCount(report.messages)}`)
  console.log(`slowest input                    ${report.slowestMs.toFixed(2)} ms (${report.slowestKind})`)
  console.log(`highest growth of memory         ${(report.maxGrowthBytes / 2 ** 20).toFixed(1)} MB`)
  console.log(`peak resident set                ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`)
  console.log(`time                             ${seconds.toFixed(1)} s`)
  for (const violation of report.violations) console.log(`BROKEN: ${violation}`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const count = Number(process.argv[2] ?? 2_000_000)
  const seed = Number(process.argv[3] ?? 1)
  const start = performance.now()
  const report = runCodecFuzz(count, seed)
  printReport(report, (performance.now() - start) / 1000)
  const bounded = report.slowestMs < 100 && report.maxGrowthBytes < 64 * 2 ** 20
  process.exitCode = bounded && report.violations.length === 0 ? 0 : 1
}
