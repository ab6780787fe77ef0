import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyOrigin, createAccess, isLoopbackHost } from './access.ts'
import type { AccessSettings } from './access.ts'

const settings: AccessSettings = {
  host: '127.0.0.1',
  allowedHosts: [],
  allowedOrigins: ['https://tool.example'],
  keysRequired: true,
}
let current = settings

const access = createAccess({
  settings: () => current,
  keys: { verify: (key) => (key === 'good' ? { id: 'k', name: 'k', guessable: false } : undefined) },
  admin: { verify: (token) => token === 'admin' },
  now: () => 0,
})

const server = createServer((request, response) => {
  const decision = access.admit(request, 'client')
  if (decision.kind === 'refuse') {
    response.writeHead(403).end()
    return
  }
  if (applyOrigin(decision, response)) return
  response.end(access.client(request).ok ? 'welcome' : 'who?')
})

beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => new Promise((resolve) => server.close(resolve)))

/** The whole answer to bytes as they are. */
async function send(...lines: readonly string[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.setEncoding('utf8')
  socket.write([...lines, 'Connection: close', '', ''].join('\r\n'))
  let answer = ''
  socket.on('data', (text: string) => (answer += text))
  await once(socket, 'close')
  return answer
}

describe('server/http/access/access.ts', () => {
  it.each([
    [['GET / HTTP/1.1', 'Host: localhost:8788', 'X-Api-Key: good'], /^HTTP\/1\.1 200[^]*welcome/u],
    [['GET / HTTP/1.1', 'Host: [::1]:8788', 'Authorization: Bearer good'], /200[^]*welcome/u],
    [['GET / HTTP/1.1', 'Host: localhost', 'Authorization: Bearer admin'], /200[^]*who\?/u],
    [['GET / HTTP/1.1', 'Host: 127.0.0.1.evil.com', 'X-Api-Key: good'], /^HTTP\/1\.1 403/u],
    [['GET http://evil.com/ HTTP/1.1', 'Host: localhost', 'X-Api-Key: good'], /^HTTP\/1\.1 403/u],
    [['GET http://localhost:1/ HTTP/1.1', 'Host: evil.com', 'X-Api-Key: good'], /^HTTP\/1\.1 403/u],
    [['GET http://localhost:1/ HTTP/1.1', 'Host: localhost:1', 'X-Api-Key: good'], /200[^]*welcome/u],
    [['GET / HTTP/1.0', 'X-Api-Key: good'], /^HTTP\/1\.1 403/u],
    [['GET / HTTP/1.1', 'X-Api-Key: good'], /^HTTP\/1\.1 400/u],
    [['GET / HTTP/1.1', 'Host: localhost', 'Host: evil.com', 'X-Api-Key: good'], /^HTTP\/1\.1 40[03]/u],
    [['GET / HTTP/1.1', 'Host: evil.com', 'Host: localhost', 'X-Api-Key: good'], /^HTTP\/1\.1 40[03]/u],
    [['GET / HTTP/1.1', 'Host: localhost', 'Origin: null', 'X-Api-Key: good'], /^HTTP\/1\.1 403/u],
    [
      ['OPTIONS / HTTP/1.1', 'Host: localhost', 'Origin: https://tool.example', 'Access-Control-Request-Method: POST'],
      /^HTTP\/1\.1 204/u,
    ],
    [
      ['OPTIONS / HTTP/1.1', 'Host: localhost', 'Origin: https://evil.example', 'Access-Control-Request-Method: POST'],
      /^HTTP\/1\.1 403/u,
    ],
  ])('%j', async (lines, expected) => {
    const answer = await send(...lines)
    expect(answer).toMatch(expected)
    expect(answer).not.toMatch(/access-control-allow-origin: \*/iu)
  })

  it('obeys changed settings at once', async () => {
    const lines = ['GET / HTTP/1.1', 'Host: box.lan', 'X-Api-Key: good']
    expect(await send(...lines)).toMatch(/^HTTP\/1\.1 403/u)
    current = { ...settings, allowedHosts: ['box.lan'] }
    expect(await send(...lines)).toMatch(/^HTTP\/1\.1 200/u)
    current = { ...settings, keysRequired: false }
    expect(await send('GET / HTTP/1.1', 'Host: localhost')).toMatch(/welcome/u)
    current = { ...settings, keysRequired: false, host: '0.0.0.0' }
    expect(await send('GET / HTTP/1.1', 'Host: localhost')).toMatch(/who\?/u)
    current = settings
  })

  it('knows which addresses to listen on are this computer only', () => {
    const loopback = ['localhost', '127.0.0.1', '127.5.5.5', '::1', '[::1]', '::ffff:127.0.0.1']
    const others = ['0.0.0.0', '::', '192.168.1.5', 'box.lan', 'localhost.evil.com', '', 'fe80::1']
    expect([...loopback, ...others].filter(isLoopbackHost)).toEqual(loopback)
  })
})
