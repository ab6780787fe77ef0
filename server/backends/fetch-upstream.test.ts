import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { ProxyError } from '../canonical/error.ts'
import { createUpstreamClient } from './fetch-upstream.ts'
import type { UpstreamClient, UpstreamClientOptions } from './fetch-upstream.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface TestServer {
  readonly url: string
  readonly sockets: Set<Socket>
  /** Resolves when no socket is open any more. */
  allClosed(): Promise<void>
}

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestServer> {
  const server = createServer(handler)
  const sockets = new Set<Socket>()
  const waiters: (() => void)[] = []
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) for (const waiter of waiters.splice(0)) waiter()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    allClosed: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
  }
}

function client(options: UpstreamClientOptions = {}): UpstreamClient {
  const created = createUpstreamClient({ proxy: 'none', ...options })
  cleanups.push(() => created.close())
  return created
}

async function failureOf(promise: Promise<unknown>): Promise<ProxyError> {
  const error: unknown = await promise.then(
    () => new Error('It was expected to fail.'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProxyError)) throw error
  return error
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0
  for await (const chunk of body) size += chunk.byteLength
  return size
}

describe('fetch-upstream: answers', () => {
  it('sends method, headers and body, and gives status, headers and body back', async () => {
    const server = await serve((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => (body += part))
      request.on('end', () => {
        response.writeHead(201, { 'x-one': 'a', 'set-cookie': ['b', 'c'] })
        response.end(`${request.method} ${request.url} ${request.headers['x-in']} ${body}`)
      })
    })
    let responses = 0
    const response = await client().request({
      url: `${server.url}/path?q=1`,
      method: 'POST',
      headers: { 'X-In': 'yes' },
      body: 'grüße',
      onResponse: () => responses++,
    })
    expect(response.status).toBe(201)
    expect(response.headers.get('x-one')).toBe('a')
    expect(response.headers.get('set-cookie')).toBe('b, c')
    expect(response.headers.get('x-none')).toBeUndefined()
    expect(await response.text(1_000)).toBe('POST /path?q=1 yes grüße')
    expect(responses).toBe(1)
  })

  it('reuses a connection, and not after refreshConnections', async () => {
    const ports = new Set<number>()
    const server = await serve((request, response) => {
      ports.add(request.socket.remotePort ?? 0)
      response.end('ok')
    })
    const upstream = client()
    const get = async (): Promise<string> =>
      (await upstream.request({ url: server.url, method: 'GET', headers: {} })).text(10)
    await get()
    // undici takes a connection back one turn of the event loop after the answer's end.
    await setImmediate()
    await get()
    expect(ports.size).toBe(1)
    upstream.refreshConnections()
    await server.allClosed()
    await get()
    expect(ports.size).toBe(2)
  })

  it('cuts text at its limit and lets the rest go', async () => {
    const server = await serve((_request, response) => {
      response.write('x'.repeat(5_000))
    })
    const response = await client().request({ url: server.url, method: 'GET', headers: {} })
    expect(await response.text(100)).toBe('x'.repeat(100))
    await server.allClosed()
  })

  it('pauses the socket while nobody reads, and loses nothing', async () => {
    const total = 8 * 1_048_576
    let written = 0
    let paused: () => void = () => undefined
    const stalled = new Promise<void>((resolve) => (paused = resolve))
    const server = await serve((_request, response) => {
      const chunk = Buffer.alloc(65_536, 7)
      const pump = (): void => {
        while (written < total) {
          written += chunk.byteLength
          if (!response.write(chunk)) {
            // The kernel's buffers are full once no drain comes within a while of writing.
            response.once('drain', pump)
            setTimeout(() => paused(), 300).unref()
            return
          }
        }
        response.end()
      }
      pump()
    })
    const response = await client().request({ url: server.url, method: 'GET', headers: {} })
    await stalled
    expect(written).toBeLessThan(total)
    expect(await drain(response.body)).toBe(total)
  })
})

describe('fetch-upstream: failures', () => {
  it('times out without a first byte', async () => {
    const server = await serve(() => undefined)
    const error = await failureOf(
      client().request({ url: server.url, method: 'GET', headers: {}, firstByteTimeoutMs: 30 }),
    )
    expect(error.kind).toBe('timeout')
    expect(error.message).toContain('no answer within 30 ms')
    await server.allClosed()
  })

  it('times out when the body falls silent', async () => {
    const server = await serve((_request, response) => void response.write('one'))
    const response = await client().request({ url: server.url, method: 'GET', headers: {}, idleTimeoutMs: 40 })
    const error = await failureOf(drain(response.body))
    expect(error.kind).toBe('timeout')
    expect(error.message).toContain('fell silent')
    await server.allClosed()
  })

  it('delivers what came before a broken connection, then says network', async () => {
    const server = await serve((request, response) => {
      response.write('one', () => request.socket.destroy())
    })
    const response = await client().request({ url: server.url, method: 'GET', headers: {} })
    let text = ''
    const error = await failureOf(
      (async () => {
        for await (const chunk of response.body) text += Buffer.from(chunk).toString()
      })(),
    )
    expect(text).toBe('one')
    expect(error.kind).toBe('network')
  })

  it('says network for a refused connection and for an unknown name', async () => {
    const server = await serve((_request, response) => response.end())
    const refused = server.url.replace(/\d+$/u, '1')
    expect((await failureOf(client().request({ url: refused, method: 'GET', headers: {} }))).message).toContain(
      'refused',
    )
    const unknown = await failureOf(client().request({ url: 'http://nowhere.invalid/', method: 'GET', headers: {} }))
    expect(unknown.kind).toBe('network')
    expect(unknown.message).toContain('nowhere.invalid')
  })

  it('says upstream-invalid for bytes that are not HTTP', async () => {
    const server = await serve((request) => {
      request.socket.end('SSH-2.0-hello\r\n\r\n')
    })
    const error = await failureOf(client().request({ url: server.url, method: 'GET', headers: {} }))
    expect(error.kind).toBe('upstream-invalid')
  })

  it('is cancelled at once before, while waiting, and within the body', async () => {
    const arrivals: (() => void)[] = []
    const server = await serve((request, response) => {
      if (request.url === '/body') response.write('one')
      arrivals.shift()?.()
    })
    const upstream = client()
    const before = await failureOf(
      upstream.request({ url: server.url, method: 'GET', headers: {}, signal: AbortSignal.abort() }),
    )
    expect(before.kind).toBe('cancelled')

    const waiting = new AbortController()
    const arrived = new Promise<void>((resolve) => arrivals.push(resolve))
    const pending = upstream.request({ url: server.url, method: 'GET', headers: {}, signal: waiting.signal })
    await arrived
    waiting.abort()
    expect((await failureOf(pending)).kind).toBe('cancelled')
    await server.allClosed()

    const within = new AbortController()
    const response = await upstream.request({
      url: `${server.url}/body`,
      method: 'GET',
      headers: {},
      signal: within.signal,
    })
    within.abort()
    expect((await failureOf(drain(response.body))).kind).toBe('cancelled')
    await server.allClosed()
  })

  it('leaves no socket open after 1,000 streams that were left in the middle', async () => {
    const server = await serve((_request, response) => {
      response.write('one')
    })
    const upstream = client()
    const one = async (way: number): Promise<void> => {
      const abort = new AbortController()
      const response = await upstream.request({ url: server.url, method: 'GET', headers: {}, signal: abort.signal })
      if (way === 0) for await (const _chunk of response.body) break
      else if (way === 1) response.discard()
      else abort.abort()
    }
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => one(index % 3)))
    }
    await server.allClosed()
    expect(server.sockets.size).toBe(0)
  })
})
