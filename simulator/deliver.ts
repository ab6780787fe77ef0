import { ChunkWriter } from './chunk-writer.ts'
import { corrupt } from './corrupt.ts'
import { pause, type Exchange } from './exchange.ts'
import type { Fault } from './faults.ts'
import { encodeFrame, type ScriptedFrame } from './frames.ts'

export interface Delivery {
  readonly frames: Iterable<ScriptedFrame>
  readonly headers: Readonly<Record<string, string>>
  /** A fault of the bytes; undefined: none. */
  readonly fault: Fault | undefined
  /** Milliseconds before every frame. */
  readonly frameDelayMs: number
  /** Cuts the bytes into chunks of this size, frames notwithstanding. */
  readonly chunkBytes: number | undefined
}

/** How an answer went on: to its end, ended early in good order, or left to the closing of its connection. */
type Course = 'whole' | 'ended' | 'gone'

/** Streams an answer of status 200 with the fault's damage done to it. */
export async function deliver(exchange: Exchange, delivery: Delivery): Promise<void> {
  const { response, entry, world, gone } = exchange
  const { fault } = delivery
  if (fault?.name === 'cut-before-headers') return cut(exchange)
  if (fault?.name === 'stall-before-headers') await pause(fault.ms ?? Number.POSITIVE_INFINITY, gone)
  await pause(world.configuration.pace.firstByteMs, gone)
  if (gone.aborted) return
  entry.status = 200
  response.writeHead(200, {
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amzn-requestid': world.ids.uuid(),
    ...delivery.headers,
  })
  response.flushHeaders()
  world.log.wake(entry)
  const writer = new ChunkWriter(response, gone, chunkSize(delivery))
  if (fault?.name === 'cut-before-first-byte') {
    await writer.flush()
    return cut(exchange)
  }
  if (fault?.name === 'stall-before-first-byte') await pause(fault.ms ?? Number.POSITIVE_INFINITY, gone)
  if ((await play(exchange, delivery, writer)) === 'gone') return
  await writer.flush()
  if (fault?.name === 'lying-content-length') return cut(exchange)
  if (gone.aborted) return
  response.end()
  // Written down before the client can see the end, so that a test finds it there.
  world.log.end(entry, fault === undefined ? 'ok' : 'fault')
}

async function play(exchange: Exchange, delivery: Delivery, writer: ChunkWriter): Promise<Course> {
  const { entry, gone } = exchange
  const { fault } = delivery
  const delayMs = fault?.name === 'slow-drip' ? (fault.ms ?? 100) : delivery.frameDelayMs
  const strikeAt = fault?.name === 'exception-first' ? 0 : (fault?.afterFrames ?? 3)
  const frames = delivery.frames[Symbol.iterator]()
  let index = 0
  for (let current = frames.next(); current.done !== true; index += 1) {
    const next = frames.next()
    if (delayMs > 0) await pause(delayMs, gone)
    if (gone.aborted) return 'gone'
    const bytes = encodeFrame(current.value)
    // A short answer is struck at its last frame, so that a fault that was asked for always shows.
    if (fault !== undefined && (index === strikeAt || (next.done === true && index < strikeAt))) {
      const course = await strike(exchange, fault, bytes, writer)
      if (course !== 'whole') return course
    } else {
      await writer.write(bytes)
    }
    entry.frames += 1
    current = next
  }
  return gone.aborted ? 'gone' : 'whole'
}

/** Does the fault's damage to one frame, or in place of it. */
async function strike(exchange: Exchange, fault: Fault, bytes: Uint8Array, writer: ChunkWriter): Promise<Course> {
  const message = fault.message ?? 'The simulator was told to fail.'
  switch (fault.name) {
    case 'exception-first':
    case 'exception-midstream':
      await writer.write(
        encodeFrame({ exception: fault.type ?? 'ThrottlingException', payload: { message, reason: null } }),
      )
      return 'ended'
    case 'error-midstream':
      await writer.write(encodeFrame({ errorCode: fault.type ?? 'InternalFailure', errorMessage: message }))
      return 'ended'
    case 'invalid-state':
      await writer.write(
        encodeFrame({ event: 'invalidStateEvent', payload: { reason: 'INVALID_TASK_ASSIST_PLAN', message } }),
      )
      return 'ended'
    case 'end-midstream':
      return 'ended'
    case 'end-midframe':
      await writer.write(bytes.subarray(0, Math.floor(bytes.length / 2)))
      return 'ended'
    case 'cut-midframe':
      await writer.write(bytes.subarray(0, Math.floor(bytes.length / 2)))
      await writer.flush()
      cut(exchange)
      return 'gone'
    case 'cut-midstream':
      await writer.flush()
      cut(exchange)
      return 'gone'
    case 'reset-midstream':
      await writer.flush()
      exchange.world.log.end(exchange.entry, 'fault')
      exchange.request.socket.resetAndDestroy()
      return 'gone'
    case 'stall-midstream':
      await writer.flush()
      await pause(fault.ms ?? Number.POSITIVE_INFINITY, exchange.gone)
      if (exchange.gone.aborted) return 'gone'
      await writer.write(bytes)
      return 'whole'
    case 'corrupt-crc':
    case 'corrupt-prelude':
    case 'lying-length':
      await writer.write(corrupt(bytes, fault.name))
      return 'whole'
    default:
      await writer.write(bytes)
      return 'whole'
  }
}

function chunkSize({ fault, chunkBytes }: Delivery): number | undefined {
  if (fault?.name === 'one-byte-chunks') return 1
  if (fault?.name === 'odd-chunks') return Math.max(1, fault.bytes ?? 7)
  return chunkBytes
}

function cut(exchange: Exchange): void {
  exchange.world.log.end(exchange.entry, 'fault')
  exchange.request.socket.destroy()
}
