import { drained } from './chunk-writer.ts'
import { findDirective, numberParameter } from './directives.ts'
import type { Exchange } from './exchange.ts'
import type { Recording } from './recordings.ts'
import type { Parameters } from './types.ts'

/**
 * The parameters of a `bench` marker that skips validation, found in the raw bytes: a benchmark must not measure the
 * simulator's own parsing.
 */
export function findUnvalidatedBench(body: Buffer): Parameters | undefined {
  const start = body.lastIndexOf('[[scenario:bench')
  if (start < 0) return undefined
  const marker = findDirective(body.toString('latin1', start, start + 200), 'scenario')
  return marker?.parameters['novalidate'] === true ? marker.parameters : undefined
}

/**
 * `frames`, `bytes` (text of a frame), `chunk` (frames of one write), `intervalMs` (between writes; 0: as fast as the
 * client reads).
 */
export async function playBench(exchange: Exchange, parameters: Parameters): Promise<void> {
  const { world, response, entry, gone, route } = exchange
  const recording = world.recordings.get(parameters, route.protocol === 'json')
  entry.scenario = 'bench'
  entry.status = 200
  entry.frames = recording.frames
  response.writeHead(200, {
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amzn-requestid': world.ids.uuid(),
  })
  response.write(recording.head)
  world.log.wake(entry)
  const intervalMs = numberParameter(parameters, 'intervalMs', 0)
  if (intervalMs > 0) {
    await writeOnWheel(exchange, recording, intervalMs)
  } else {
    for (let index = 0; index < recording.chunks && !gone.aborted; index += 1) {
      if (!response.write(recording.chunk)) await drained(response, gone)
    }
  }
  if (gone.aborted) return
  response.end(recording.end)
  world.log.end(entry, 'ok')
}

function writeOnWheel({ world, response, gone }: Exchange, recording: Recording, intervalMs: number): Promise<void> {
  let left = recording.chunks
  let blocked = false
  return new Promise((resolve) => {
    world.wheels.every(intervalMs, () => {
      if (gone.aborted || left <= 0) {
        resolve()
        return false
      }
      if (blocked) return true
      left -= 1
      blocked = !response.write(recording.chunk)
      if (blocked) response.once('drain', () => (blocked = false))
      return true
    })
  })
}
