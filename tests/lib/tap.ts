import { createServer, type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One exchange that went through the tap. */
export interface TappedExchange {
  readonly method: string
  /** Path without the query. */
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  /** The request's body; `{}` when there was none or it was no JSON. */
  readonly body: Record<string, unknown>
  /** 0 until the answer begins. */
  readonly status: number
  readonly answerHeaders: IncomingHttpHeaders
  /** What came of the answer so far. */
  readonly answer: string
}

export interface Tap {
  readonly url: string
  /** Oldest first. */
  readonly exchanges: readonly TappedExchange[]
  /** Those of one path. */
  on(path: string): readonly TappedExchange[]
  close(): Promise<void>
}

/** Starts a forwarder that passes everything on unchanged, both ways and at once, and writes it down. */
export async function startTap(target: string): Promise<Tap> {
  const exchanges: { -readonly [Member in keyof TappedExchange]: TappedExchange[Member] }[] = []
  const { hostname, port } = new URL(target)
  const server = createServer((request, response) => {
    const [path = '/', query = ''] = (request.url ?? '/').split('?')
    const exchange = {
      method: request.method ?? '',
      path,
      query,
      headers: request.headers,
      body: {},
      status: 0,
      answerHeaders: {} as IncomingHttpHeaders,
      answer: '',
    }
    exchanges.push(exchange)
    const parts: Buffer[] = []
    const upstream = httpRequest(
      {
        hostname,
        port,
        path: request.url,
        method: request.method,
        headers: { ...request.headers, host: `127.0.0.1:${port}` },
      },
      (answer) => {
        exchange.status = answer.statusCode ?? 0
        exchange.answerHeaders = answer.headers
        response.writeHead(exchange.status, answer.headers)
        answer.on('data', (part: Buffer) => {
          exchange.answer += part.toString()
          response.write(part)
        })
        answer.on('end', () => response.end())
        answer.on('error', () => response.destroy())
      },
    )
    request.on('data', (part: Buffer) => {
      parts.push(part)
      upstream.write(part)
    })
    request.on('end', () => {
      exchange.body = parse(Buffer.concat(parts).toString())
      upstream.end()
    })
    upstream.on('error', () => response.destroy())
    response.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    exchanges,
    on: (path) => exchanges.filter((exchange) => exchange.path === path),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
