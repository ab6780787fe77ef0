import { describe, expect, it } from 'vitest'
import { isLoopbackAddress, parseAuthority } from './authority.ts'
import { createHostCheck, refuseHost } from './host.ts'

const onLoopback = {
  listenHost: '127.0.0.1',
  allowedHosts: ['proxy.example', 'Box.LAN:9000', '[fd00::1]:1', 'fd00::2'],
}
const onAll = { listenHost: '0.0.0.0', allowedHosts: [] }

describe('server/http/access/authority.ts', () => {
  it.each([
    ['localhost', { host: 'localhost', kind: 'name', port: undefined }],
    ['LOCALHOST.:8788', { host: 'localhost', kind: 'name', port: 8788 }],
    ['127.0.0.1:', { host: '127.0.0.1', kind: 'ipv4', port: undefined }],
    ['[::1]:8788', { host: '::1', kind: 'ipv6', port: 8788 }],
    ['[0:0:0:0:0:0:0:1]', { host: '::1', kind: 'ipv6', port: undefined }],
    ['[::ffff:127.0.0.1]:80', { host: '127.0.0.1', kind: 'ipv4', port: 80 }],
    ['[::FFFF:7f00:1]', { host: '127.0.0.1', kind: 'ipv4', port: undefined }],
    ['127.1', { host: '127.1', kind: 'name', port: undefined }],
  ])('reads %s', (text, expected) => {
    expect(parseAuthority(text)).toEqual(expected)
  })

  it.each([
    '',
    ' localhost',
    'localhost ',
    'user@localhost',
    'localhost@evil.com',
    'localhost:8788@evil.com',
    'localhost:8788:1',
    'localhost:99999',
    'localhost:-1',
    'localhost:8788/',
    'localhost#',
    'localhost\\evil.com',
    'localhost,evil.com',
    'local%68ost',
    '..',
    'a..b',
    '::1',
    '[::1',
    '[::1]8788',
    '[fe80::1%eth0]',
    '[127.0.0.1]',
    'löcalhost',
    'a'.repeat(400),
  ])('does not take %s for a host', (text) => {
    expect(parseAuthority(text)).toBeUndefined()
  })

  it('listens on an address with a zone', () => {
    const check = createHostCheck({ listenHost: 'fe80::1%eth0', allowedHosts: [] })
    expect(check('[fe80::1]:8788')).toBe(true)
    expect(check('[fe80::2]:8788')).toBe(false)
  })

  it('knows the addresses of this computer', () => {
    const own = ['::1%lo', '127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '[::1]']
    const others = [
      'fe80::1%eth0',
      '128.0.0.1',
      '::',
      '0.0.0.0',
      '::2',
      '192.168.0.1',
      'localhost',
      '',
      '::ffff:10.0.0.1',
    ]
    expect([...own, ...others].filter(isLoopbackAddress)).toEqual(own)
  })
})

describe('server/http/access/host.ts', () => {
  it.each([
    'localhost',
    'localhost:8788',
    'LocalHost:1',
    'localhost.:8788',
    '127.0.0.1',
    '127.0.0.1:8788',
    '127.9.9.9:8788',
    '[::1]',
    '[::1]:8788',
    '[0:0:0:0:0:0:0:1]:8788',
    '[::ffff:127.0.0.1]:8788',
    'proxy.example',
    'PROXY.example.:443',
    'box.lan:8788',
    '[fd00:0::1]:8788',
    '[fd00::2]',
  ])('lets %s through', (host) => {
    const check = createHostCheck(onLoopback)
    expect(check(host)).toBe(true)
    expect(check(host)).toBe(true)
  })

  it.each([
    'evil.com',
    '127.0.0.1.evil.com',
    '127.0.0.1.evil.com:8788',
    'localhost.evil.com',
    'evil.localhost',
    'evil-localhost',
    'localhost@evil.com',
    'evil.com@localhost',
    'localhost:8788@evil.com',
    'localhost,evil.com',
    'sub.proxy.example',
    'proxy.example.evil.com',
    '127.0.0.1.nip.io:8788',
    '0.0.0.0:8788',
    '[::]:8788',
    '192.168.1.5:8788',
    '[fe80::1]:8788',
    '[::ffff:192.168.1.5]:8788',
    '2130706433',
    '0x7f000001',
    '127.1',
    '',
    undefined,
  ])('refuses %s', (host) => {
    expect(createHostCheck(onLoopback)(host)).toBe(false)
  })

  it('takes any address but no name when it listens on all of them', () => {
    const check = createHostCheck(onAll)
    const taken = ['192.168.1.5:8788', '[fe80::1]:8788', '127.0.0.1', 'localhost:8788']
    const refused = ['evil.com', '192.168.1.5.nip.io', '0.0.0.0:8788', '[::]:8788', 'box.lan']
    expect([...taken, ...refused].filter(check)).toEqual(taken)
  })

  it.each([
    ['/v1/models', '127.0.0.1:8788', true],
    ['*', '127.0.0.1:8788', true],
    ['http://127.0.0.1:8788/v1/models', '127.0.0.1:8788', true],
    ['http://localhost', '127.0.0.1:8788', true],
    ['http://evil.com/v1/models', '127.0.0.1:8788', false],
    ['http://evil.com?x=http://localhost/', '127.0.0.1:8788', false],
    ['HTTP://user@localhost/v1', '127.0.0.1:8788', false],
    ['http://127.0.0.1:8788/v1/models', 'evil.com', false],
    ['evil.com:443', '127.0.0.1:8788', false],
    ['/v1/models', undefined, false],
  ])('judges the target %s with Host %s', (url, host, passes) => {
    const error = refuseHost({ url, rawHeaders: host === undefined ? [] : ['Host', host] }, createHostCheck(onLoopback))
    expect(error?.kind).toBe(passes ? undefined : 'forbidden')
  })

  it('says what to do, and repeats nothing that is not a plain host', () => {
    const refusal = (host: string) =>
      refuseHost({ url: '/', rawHeaders: ['host', host] }, createHostCheck(onLoopback))?.message
    expect(refusal('evil.com:8788')).toContain('"evil.com"')
    expect(refusal('evil.com:8788')).toContain('allowedHosts')
    expect(refusal('0.0.0.0:8788')).toContain('http://127.0.0.1')
    expect(refusal('<script>')).not.toContain('<')
  })
})
