import { pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'
import { CRC_START, crcOfRange } from '../server/codec/event-stream/crc32.ts'
import {
  floorsOf,
  ownDecode,
  ownDecodeIterated,
  ownJson,
  smithyDecode,
  smithyJson,
  type StreamReader,
} from './codec-contestants.ts'
import { type Corpus, makeCorpus } from './codec-corpus.ts'
import { measureAlternating } from './lib/measure.ts'
import { formatRatio, formatTable } from './lib/table.ts'

/** Our side repeats its work this often more than the reference, so that the clock's grain weighs alike. */
const OWN_PASSES = 12

/** Our cost beside the reference's, both in CPU nanoseconds. */
export interface CodecComparison {
  readonly name: string
  readonly referenceNs: number
  readonly ownNs: number
  readonly ratio: number
}

export interface CodecReport {
  /** Per message, against @smithy/core's streaming path; the first two are the ones with targets (12 and 6). */
  readonly comparisons: readonly CodecComparison[]
  /** Per message: what no decoder can go below. */
  readonly floors: readonly { readonly name: string; readonly ns: number }[]
  /** One-byte chunks: cost per byte of ten times the input over the cost per byte of the input; 1 is linear. */
  readonly linearity: readonly { readonly name: string; readonly nsPerByte: number; readonly growth: number }[]
  /** CRC of one piece: our loop and zlib, in nanoseconds a call. */
  readonly crc: readonly { readonly bytes: number; readonly ownNs: number; readonly nativeNs: number }[]
}

/** Measures the codec; takes about half a minute. Medians of five alternating rounds. */
export async function runCodecBench(): Promise<CodecReport> {
  const shape = { messages: 4000, minPayloadBytes: 60, maxPayloadBytes: 200, seed: 1 }
  const mixed = makeCorpus({ ...shape, minChunkBytes: 1, maxChunkBytes: 4096 })
  const small = makeCorpus({ ...shape, minChunkBytes: 1, maxChunkBytes: 512 })
  const large = makeCorpus({ ...shape, minChunkBytes: 65_536, maxChunkBytes: 65_536 })
  const short = makeCorpus({ ...shape, messages: 25, minChunkBytes: 1, maxChunkBytes: 4096 })
  const comparisons = [
    await compare('mixed corpus, chunks of 1-4,096 bytes', mixed, smithyDecode, ownDecode),
    await compare('the same, JSON.parse of every payload', mixed, smithyJson, ownJson),
    await compare('the same without JSON, fed through an async iterator', mixed, smithyDecode, ownDecodeIterated),
    await compare('chunks of 1-512 bytes', small, smithyDecode, ownDecode),
    await compare('chunks of 1-512 bytes, JSON.parse', small, smithyJson, ownJson),
    await compare('chunks of 64 KiB', large, smithyDecode, ownDecode),
    await compare('chunks of 64 KiB, JSON.parse', large, smithyJson, ownJson),
    await compare('short streams of 25 messages', short, smithyDecode, ownDecode),
  ]
  return {
    comparisons,
    floors: await measureFloors(mixed),
    linearity: await measureLinearity(),
    crc: await measureCrc(),
  }
}

/** The report as text. */
export function formatCodecReport(report: CodecReport): string {
  const ns = (value: number): string => value.toFixed(0)
  return [
    formatTable(
      ['event stream decode, CPU ns a message', '@smithy/core', 'own', 'ratio'],
      report.comparisons.map((row) => [row.name, ns(row.referenceNs), ns(row.ownNs), formatRatio(row.ratio)]),
    ),
    formatTable(
      ['floor, CPU ns a message', 'ns', 'ratio'],
      report.floors.map((row) => [row.name, ns(row.ns), formatRatio(report.comparisons[0]!.referenceNs / row.ns)]),
    ),
    formatTable(
      ['one-byte chunks', 'ns/byte', '10 × the input costs, per byte'],
      report.linearity.map((row) => [row.name, row.nsPerByte.toFixed(1), formatRatio(row.growth)]),
    ),
    formatTable(
      ['CRC-32 of one piece', 'own ns', 'zlib ns'],
      report.crc.map((row) => [`${row.bytes} bytes`, ns(row.ownNs), ns(row.nativeNs)]),
    ),
  ].join('\n\n')
}

async function compare(
  name: string,
  corpus: Corpus,
  reference: StreamReader,
  own: StreamReader,
): Promise<CodecComparison> {
  if ((await reference(corpus.chunks)) !== (await own(corpus.chunks))) {
    throw new Error(`The decoders disagree about ${name}.`)
  }
  const passes = Math.ceil(16_000 / corpus.messages)
  const [referenceTime, ownTime] = await measureAlternating([
    { name: '@smithy/core', run: () => repeat(passes, () => reference(corpus.chunks)) },
    { name: 'own', run: () => repeat(OWN_PASSES * passes, () => own(corpus.chunks)) },
  ])
  const messages = passes * corpus.messages
  const referenceNs = (1e6 * referenceTime!.cpuMs) / messages
  const ownNs = (1e6 * ownTime!.cpuMs) / (OWN_PASSES * messages)
  return { name, referenceNs, ownNs, ratio: referenceNs / ownNs }
}

async function repeat(passes: number, run: () => unknown): Promise<void> {
  for (let pass = 0; pass < passes; pass += 1) await run()
}

async function measureFloors(corpus: Corpus): Promise<CodecReport['floors']> {
  const floors = floorsOf(corpus)
  const passes = 60
  const results = await measureAlternating([
    { name: 'CRC of every byte, own', run: () => repeat(passes, floors.crcOwn) },
    { name: 'CRC of every byte, zlib', run: () => repeat(passes, floors.crcNative) },
    { name: 'JSON.parse of the payloads', run: () => repeat(passes, floors.jsonParse) },
  ])
  return results.map(({ name, cpuMs }) => ({ name, ns: (1e6 * cpuMs) / (passes * corpus.messages) }))
}

async function measureLinearity(): Promise<CodecReport['linearity']> {
  const shape = { minPayloadBytes: 60, maxPayloadBytes: 200, minChunkBytes: 65_536, maxChunkBytes: 65_536, seed: 2 }
  const big = { ...shape, messages: 1 }
  return [
    await growthOf(
      'many small messages',
      makeCorpus({ ...shape, messages: 400 }),
      makeCorpus({ ...shape, messages: 4000 }),
    ),
    await growthOf(
      'one large message',
      makeCorpus({ ...big, minPayloadBytes: 100_000, maxPayloadBytes: 100_000 }),
      makeCorpus({ ...big, minPayloadBytes: 1_000_000, maxPayloadBytes: 1_000_000 }),
    ),
  ]
}

async function growthOf(
  name: string,
  input: Corpus,
  tenfold: Corpus,
): Promise<{ name: string; nsPerByte: number; growth: number }> {
  const [small, large] = await measureAlternating([
    {
      name: 'input',
      run: async () => {
        for (let pass = 0; pass < 10; pass += 1) await ownDecode(oneByOne(input.bytes))
      },
    },
    { name: 'tenfold', run: () => ownDecode(oneByOne(tenfold.bytes)) },
  ])
  const nsPerByte = (1e6 * large!.cpuMs) / tenfold.bytes.length
  return { name, nsPerByte, growth: nsPerByte / ((1e6 * small!.cpuMs) / (10 * input.bytes.length)) }
}

function* oneByOne(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1) yield bytes.subarray(at, at + 1)
}

async function measureCrc(): Promise<CodecReport['crc']> {
  const bytes = Buffer.alloc(8192, 'The quick brown fox jumps over the lazy dog. ')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const rows: { bytes: number; ownNs: number; nativeNs: number }[] = []
  for (const length of [64, 256, 512, 768, 1023]) {
    const calls = Math.round(5e7 / length)
    const starts = bytes.length - length
    const [own, native] = await measureAlternating([
      {
        name: 'own',
        run: () => sumOf(calls, (n) => crcOfRange(bytes, view, n % starts, (n % starts) + length, CRC_START)),
      },
      { name: 'zlib', run: () => sumOf(calls, (n) => crc32(bytes.subarray(n % starts, (n % starts) + length))) },
    ])
    rows.push({ bytes: length, ownNs: (1e6 * own!.cpuMs) / calls, nativeNs: (1e6 * native!.cpuMs) / calls })
  }
  return rows
}

function sumOf(calls: number, run: (call: number) => number): number {
  let sum = 0
  for (let call = 0; call < calls; call += 1) sum ^= run(call)
  return sum
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(formatCodecReport(await runCodecBench()))
}
