import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { answer, type Exchange } from './exchange.ts'
import { findRoute } from './routes/index.ts'
import type { World } from './world.ts'

/** Bytes of a request that are read at all; what the service itself refuses as too large is a setting below it. */
const readLimitBytes = 64 * 1_048_576

/** The HTTP server of all simulated services. It is not listening yet. */
export function createSimulatorServer(world: World): Server {
  const server = createServer(
    { keepAliveTimeout: 60_000, requestTimeout: 0, headersTimeout: 60_000 },
    (request, response) => {
      void receive(world, request, response).catch((error: unknown) => {
        // A simulator that fails quietly would make the product look guilty.
        process.stderr.write(`simulator: ${request.method} ${request.url}: ${String(error)}\n`)
        response.destroy()
      })
    },
  )
  server.maxRequestsPerSocket = 0
  return server
}

async function receive(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const controller = new AbortController()
  const body = await readBody(request)
  if (body === undefined) return
  const url = new URL(request.url ?? '/', world.url)
  const route = findRoute(request.method ?? 'GET', url, request.headers)
  const entry = world.log.begin({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: request.headers,
    route: route.operation,
    ...(route.endpoint === undefined ? {} : { endpoint: route.endpoint }),
    bodyBytes: body.length,
  })
  response.once('close', () => {
    controller.abort()
    world.log.end(entry, 'aborted')
  })
  const exchange: Exchange = { world, request, response, url, route, body, entry, gone: controller.signal }
  if (body.length > readLimitBytes) {
    answer(exchange, { status: 413, headers: {}, body: '' }, 'refused', 'body over the read limit')
    return
  }
  await route.handle(exchange)
}

/** The whole body; undefined when the client left before it was sent. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      // Beyond the limit the rest is read and dropped, so that the client gets its answer.
      if (bytes <= readLimitBytes) chunks.push(chunk)
      bytes += chunk.length
    })
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    request.once('close', () => resolve(undefined))
  })
}
