import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ProxyError } from '../canonical/error.ts'
import { createUpstreamClient } from './fetch-upstream.ts'
import { proxyFor } from './upstream-proxy.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** SOCKS5 (RFC 1928) with no authentication, IPv4 and names: connects and counts. */
function socksServer(onConnect: (target: string) => void): Server {
  return createServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]))
      socket.once('data', (request: Buffer) => {
        const isName = request[3] === 3
        const length = isName ? (request[4] ?? 0) : 4
        const start = isName ? 5 : 4
        const host = isName
          ? request.subarray(start, start + length).toString()
          : [...request.subarray(start, start + length)].join('.')
        const port = request.readUInt16BE(start + length)
        onConnect(`${host}:${port}`)
        const target = connect(port, '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]))
          socket.pipe(target).pipe(socket)
        })
        target.on('error', () => socket.destroy())
      })
    })
  })
}

describe('upstream-proxy: proxyFor', () => {
  const https = 'https://q.us-east-1.amazonaws.com/'
  const cases: [string, string, Record<string, string>, string | undefined][] = [
    ['none beats the environment', 'none', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['an explicit URL ignores NO_PROXY', 'http://x:2', { NO_PROXY: '*' }, 'http://x:2'],
    ['HTTPS_PROXY for https', 'system', { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://h:1' }, 'http://p:1'],
    ['ALL_PROXY else', 'system', { ALL_PROXY: 'socks5://s:1' }, 'socks5://s:1'],
    ['lower case wins', 'system', { https_proxy: 'http://l:1', HTTPS_PROXY: 'http://u:1' }, 'http://l:1'],
    ['HTTP_PROXY does not serve https', 'system', { HTTP_PROXY: 'http://h:1' }, undefined],
    ['an empty variable is none', 'system', { HTTPS_PROXY: ' ' }, undefined],
    ['NO_PROXY by suffix', 'system', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.b, .amazonaws.com' }, undefined],
    ['NO_PROXY by bare domain', 'system', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'amazonaws.com' }, undefined],
    ['NO_PROXY for another port', 'system', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'amazonaws.com:80' }, 'http://p:1'],
    ['NO_PROXY for this port', 'system', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'amazonaws.com:443' }, undefined],
    ['NO_PROXY of a look-alike', 'system', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'zonaws.com' }, 'http://p:1'],
    ['NO_PROXY star', 'system', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
  ]
  for (const [name, setting, environment, expected] of cases) {
    it(name, () => {
      expect(proxyFor(new URL(https), setting, environment)).toBe(expected)
    })
  }

  it('knows IPv6 hosts in NO_PROXY', () => {
    const environment = { HTTP_PROXY: 'http://p:1', NO_PROXY: '[::1]:8080' }
    expect(proxyFor(new URL('http://[::1]:8080/'), 'system', environment)).toBeUndefined()
    expect(proxyFor(new URL('http://[::1]:81/'), 'system', environment)).toBe('http://p:1')
  })
})

describe('upstream-proxy: real proxies', () => {
  it('goes through an HTTP proxy, with its user name and password', async () => {
    const seen: string[] = []
    const proxy = createHttpServer((request, response) => {
      seen.push(`${request.url} ${request.headers['proxy-authorization']}`)
      response.end('through the proxy')
    })
    const port = await listen(proxy)
    const client = createUpstreamClient({ environment: { HTTP_PROXY: `http://me:secret@127.0.0.1:${port}` } })
    cleanups.push(() => client.close())
    const response = await client.request({ url: 'http://service.invalid/a?b=c', method: 'GET', headers: {} })
    expect(await response.text(100)).toBe('through the proxy')
    expect(seen).toEqual([`http://service.invalid/a?b=c Basic ${Buffer.from('me:secret').toString('base64')}`])
  })

  it('says in words that a proxy wants a password, without telling its address', async () => {
    const proxy = createHttpServer((_request, response) => response.writeHead(407).end('no'))
    const port = await listen(proxy)
    const client = createUpstreamClient({ proxy: `http://me:secret@127.0.0.1:${port}` })
    cleanups.push(() => client.close())
    const error: unknown = await client
      .request({ url: 'http://service.invalid/', method: 'GET', headers: {} })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ProxyError)
    expect((error as ProxyError).kind).toBe('network')
    expect((error as ProxyError).message).toContain('asks for a user name and password')
    expect((error as ProxyError).message).not.toContain('secret')
  })

  it('goes through a SOCKS5 proxy that one call names, and lets the proxy look the name up', async () => {
    const target = createHttpServer((_request, response) => response.end('reached'))
    const targetPort = await listen(target)
    const seen: string[] = []
    const port = await listen(socksServer((name) => seen.push(name)))
    const client = createUpstreamClient({ proxy: 'none' })
    cleanups.push(() => client.close())
    const response = await client.request({
      url: `http://service.invalid:${targetPort}/`,
      method: 'GET',
      headers: {},
      proxy: `socks5://127.0.0.1:${port}`,
    })
    expect(await response.text(100)).toBe('reached')
    expect(seen).toEqual([`service.invalid:${targetPort}`])
  })

  for (const scheme of ['http', 'socks5']) {
    it(`blames the ${scheme} proxy, and not the service, when the proxy can not be reached`, async () => {
      const client = createUpstreamClient({ proxy: `${scheme}://127.0.0.1:1` })
      cleanups.push(() => client.close())
      await expect(client.request({ url: 'https://service.invalid/', method: 'GET', headers: {} })).rejects.toThrow(
        /through the proxy.*can not be reached itself, ECONNREFUSED/u,
      )
    })
  }

  it('refuses an address that is no proxy', async () => {
    const client = createUpstreamClient({ proxy: 'ftp://x' })
    cleanups.push(() => client.close())
    await expect(client.request({ url: 'http://service.invalid/', method: 'GET', headers: {} })).rejects.toThrow(
      /not an http, https or socks5 URL/u,
    )
  })
})
