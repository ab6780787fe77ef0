import { describe, expect, it } from 'vitest'
import { recordingSecrets } from '../../tests/support/accounts/fixtures.ts'
import { isMaskedProxy, maskProxy, revealProxy, sealProxy } from './proxy-credentials.ts'

describe('proxy-credentials', () => {
  it.each([
    ['http://me:secret@proxy.example:3128', 'http://me:***@proxy.example:3128'],
    ['socks5://me:secret@[::1]:1080', 'socks5://me:***@[::1]:1080'],
    ['socks5h://:secret@host:1', 'socks5h://:***@host:1'],
    ['http://me:s:e@c@host:1/', 'http://me:***@host:1/'],
    ['me:secret@host:1', 'me:***@host:1'],
    ['http://me@host:1', 'http://me@host:1'],
    ['http://host:1', 'http://host:1'],
    ['host:1', 'host:1'],
    ['system', 'system'],
  ])('shows %s as %s', (proxy, masked) => {
    expect(maskProxy(proxy)).toBe(masked)
    expect(maskProxy(masked)).toBe(masked)
    expect(isMaskedProxy(masked)).toBe(masked !== proxy)
    expect(isMaskedProxy(proxy)).toBe(false)
  })

  it('seals what has a password, and gives it back for the same address only', async () => {
    const secrets = recordingSecrets()
    expect(await sealProxy('http://me:a@host:1', 'name', secrets)).toBe('http://me:***@host:1')
    expect(await secrets.get('name')).toBe('http://me:a@host:1')
    expect(await revealProxy('http://me:***@host:1', 'name', secrets)).toBe('http://me:a@host:1')
    expect(await revealProxy('http://me:***@host:2', 'name', secrets)).toBe('http://me:***@host:2')
    expect(await sealProxy('http://me:***@host:1', 'name', secrets)).toBe('http://me:***@host:1')
    expect(await secrets.get('name')).toBe('http://me:a@host:1')
    expect(await sealProxy('http://host:1', 'name', secrets)).toBe('http://host:1')
    expect(await secrets.names()).toEqual([])
  })
})
