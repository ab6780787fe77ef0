import { EventStreamCodec } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'
import { seededRandom } from './lib/measure.ts'

export interface Corpus {
  readonly messages: number
  /** The whole stream. */
  readonly bytes: Uint8Array
  /** The same stream in pieces, each with memory of its own, as a socket hands them out. */
  readonly chunks: readonly Buffer[]
}

export interface CorpusOptions {
  readonly messages: number
  readonly minPayloadBytes: number
  readonly maxPayloadBytes: number
  readonly minChunkBytes: number
  readonly maxChunkBytes: number
  readonly seed: number
}

/**
 * A stream as Amazon Q sends it (amazon-q.md §3.3): text deltas, and in between tool fragments, reasoning, metering and
 * context usage, every message with three string headers and a JSON payload. One delta in eight has characters beyond
 * ASCII. The frames are made by @smithy/core, so that nothing of ours has a say in the input.
 */
export function makeCorpus(options: CorpusOptions): Corpus {
  const random = seededRandom(options.seed)
  const codec = new EventStreamCodec(toUtf8, fromUtf8)
  const frames = Array.from({ length: options.messages }, (_, index) => {
    const span = options.maxPayloadBytes - options.minPayloadBytes + 1
    const { type, payload } = makeEvent(index, options.minPayloadBytes + Math.floor(random() * span), random)
    return codec.encode({
      headers: {
        ':event-type': { type: 'string', value: type },
        ':content-type': { type: 'string', value: 'application/json' },
        ':message-type': { type: 'string', value: 'event' },
      },
      body: fromUtf8(payload),
    })
  })
  const bytes = Buffer.concat(frames)
  return { messages: frames.length, bytes, chunks: cut(bytes, options, random) }
}

const EVENTS: readonly (readonly [share: number, type: string, before: string, after: string])[] = [
  [0.7, 'assistantResponseEvent', '{"content":"', '","modelId":"claude-sonnet-4.5"}'],
  [0.85, 'toolUseEvent', '{"toolUseId":"tooluse_8fZk","name":"Read","input":"', '"}'],
  [0.94, 'reasoningContentEvent', '{"text":"', '"}'],
  [0.97, 'meteringEvent', '{"usage":0.0169,"unit":"credit","unitPlural":"', '"}'],
  [1, 'contextUsageEvent', '{"contextUsagePercentage":12.75,"note":"', '"}'],
]

const WORDS =
  'the function returns a promise that settles when every chunk was read; so const x = {a: 1} and then \\n'.split(' ')
const WIDE_WORDS = 'naïve — 例えば 変換 “quoted” → 🙂'.split(' ')
/** Tool input is a piece of JSON text inside a JSON string. */
const TOOL_WORDS = '{\\"file_path\\": \\"/src/index.ts\\", \\"offset\\": 120, \\"limit\\": 40}'.split(' ')

function makeEvent(index: number, length: number, random: () => number): { type: string; payload: string } {
  const pick = random()
  const [, type, before, after] = EVENTS.find(([share]) => pick < share)!
  const plain = type === 'toolUseEvent' ? TOOL_WORDS : WORDS
  const words = index % 8 === 0 ? [...plain, ...WIDE_WORDS] : plain
  let text = ''
  let rest = length - before.length - after.length
  while (rest > 0) {
    const word = `${words[Math.floor(random() * words.length)]!} `
    const bytes = Buffer.byteLength(word)
    text += bytes <= rest ? word : 'x'.repeat(rest)
    rest -= Math.min(bytes, rest)
  }
  return { type, payload: before + text + after }
}

function cut(bytes: Buffer, options: CorpusOptions, random: () => number): Buffer[] {
  const chunks: Buffer[] = []
  const span = options.maxChunkBytes - options.minChunkBytes + 1
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + options.minChunkBytes + Math.floor(random() * span))
    const chunk = Buffer.allocUnsafeSlow(end - at)
    bytes.copy(chunk, 0, at, end)
    chunks.push(chunk)
    at = end
  }
  return chunks
}
