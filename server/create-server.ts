import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Assembly } from './assemble.ts'
import type { Foundation } from './foundation.ts'

/** A running Culvert. */
export interface CulvertServer {
  readonly host: string
  readonly port: number
  readonly url: string
  /** Everything behind the socket; resolves a moment after listening. */
  readonly ready: Promise<Assembly>
  /** Completions under way. */
  active(): number
  /**
   * Takes no new requests, waits for running streams until `drainMs` have passed, then ends everything and closes the
   * foundation.
   */
  close(drainMs?: number): Promise<void>
}

/** The address is taken or not ours; the message says by what and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

const defaultDrainMs = 10_000

/** Not imported: importing `node:http` reads all it exports, which loads a second undici, a sixth of a start. */
const { createServer: createHttpServer } = process.getBuiltinModule('node:http')

/**
 * Listens first, then loads what answers: requests that come in between wait for it. Rejects with `ListenError`.
 */
export async function createServer(foundation: Foundation): Promise<CulvertServer> {
  const { settings, log } = foundation
  const { host, port } = settings.current()
  let handle: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  const http = createHttpServer({
    noDelay: true,
    keepAliveTimeout: 75_000,
    headersTimeout: 30_000,
    requestTimeout: 300_000,
    maxHeaderSize: 32_768,
  })
  http.on('request', (request, response) => {
    if (handle) handle(request, response)
    else ready.then((assembly) => assembly.handle(request, response)).catch(() => response.destroy())
  })
  // WebSocket upgrades: Codex tries one first and falls back the faster the sooner it is refused (clients.md §2).
  http.on('upgrade', (_request, socket) =>
    socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
  )
  http.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
  await listen(http, host, port)
  const address = http.address() as AddressInfo
  const url = `http://${urlHost(host)}:${address.port}`
  const startedAt = foundation.now()
  const load = async () => {
    // Most of an `import()` is done at once: whoever waits for the server to listen is told first.
    await nextTurn()
    const { assemble } = await import('./assemble.ts')
    return await assemble(foundation, { host, port: address.port, url, startedAt })
  }
  const ready = load()
  ready.then(
    (assembly) => (handle = assembly.handle),
    (error: unknown) => log.fatal({ error }, 'Culvert could not start'),
  )

  return {
    host,
    port: address.port,
    url,
    ready,
    active: () => 0,
    async close(drainMs = defaultDrainMs) {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()))
      http.closeIdleConnections()
      const assembly = await ready.catch(() => undefined)
      await assembly?.drain(drainMs)
      http.closeAllConnections()
      await closed
      await assembly?.close()
      await foundation.close()
    },
  }
}

function listen(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    http.listen({ host, port }, resolve)
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program. Stop that program, or start Culvert with --port and another number (0 picks a free one).`,
    EACCES: `This user may not listen on port ${port}. Choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `${host} is not an address of this computer. Check --host and the setting host.`,
  }
  return new ListenError(
    reasons[error.code ?? ''] ?? `Culvert can't listen on ${host}:${port} (${error.code ?? error.message}).`,
    { cause: error },
  )
}

/** How a client on this computer reaches a server that listens on `host`. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
