import { numberParameter } from './directives.ts'
import { encodeFrame, textFrame } from './frames.ts'
import { BoundedMap } from './state/bounded-map.ts'
import type { Parameters } from './types.ts'

/** One `bench` answer, encoded once and sent as often as asked. */
export interface Recording {
  readonly head: Buffer
  /** `chunk` frames together. */
  readonly chunk: Buffer
  readonly chunks: number
  /** The frames that don't fill a chunk, and the tail. */
  readonly end: Buffer
  readonly frames: number
}

/** The recordings in use. */
export class Recordings {
  readonly #cache = new BoundedMap<string, Recording>(32)

  get(parameters: Parameters, initialResponse: boolean): Recording {
    const frames = Math.min(1_000_000, Math.max(0, numberParameter(parameters, 'frames', 200)))
    const bytes = Math.min(1_000_000, Math.max(1, numberParameter(parameters, 'bytes', 40)))
    const chunk = Math.max(1, numberParameter(parameters, 'chunk', 1))
    const key = `${frames} ${bytes} ${chunk} ${String(initialResponse)}`
    const found = this.#cache.get(key)
    if (found !== undefined) return found
    const made = record(frames, bytes, chunk, initialResponse)
    this.#cache.set(key, made)
    return made
  }
}

function record(frames: number, bytes: number, chunk: number, initialResponse: boolean): Recording {
  const conversationId = '00000000-0000-4000-8000-000000000000'
  const text = encodeFrame(textFrame('lorem ipsum dolor sit amet '.repeat(Math.ceil(bytes / 27)).slice(0, bytes)))
  const repeated = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => text))
  const events = (list: readonly (readonly [string, unknown])[]): Buffer =>
    Buffer.concat(list.map(([event, payload]) => encodeFrame({ event, payload })))
  const chunks = Math.floor(frames / chunk)
  return {
    head: events([
      ...(initialResponse ? [['initial-response', { conversationId }] as const] : []),
      ['messageMetadataEvent', { conversationId, utteranceId: conversationId }],
    ]),
    chunk: repeated(Math.min(chunk, frames)),
    chunks,
    end: Buffer.concat([
      repeated(frames - chunks * chunk),
      events([
        ['contextUsageEvent', { contextUsagePercentage: 1.5 }],
        ['meteringEvent', { usage: 0.01, unit: 'credit', unitPlural: 'credits' }],
        ['metadataEvent', { stopReason: 'END_TURN' }],
      ]),
    ]),
    frames,
  }
}
