import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { bearerToken, decideClient, presentedKeys } from './client-key.ts'
import type { ClientKeyPolicy } from './client-key.ts'
import { createFailureLimiter } from './failure-limiter.ts'

const strong = { id: 'k1', name: 'strong', guessable: false }
const weak = { id: 'k2', name: 'weak', guessable: true }
const known = new Map([
  ['culvert_good', strong],
  ['weak', weak],
])

function policy(change: Partial<ClientKeyPolicy> = {}): ClientKeyPolicy {
  const failures = createFailureLimiter({ limit: 3, windowMs: 60_000, now: () => 0 })
  return { keys: { verify: (key) => known.get(key) }, keysRequired: true, listensOnLoopback: true, failures, ...change }
}

function from(remoteAddress: string, headers: IncomingHttpHeaders): Pick<IncomingMessage, 'headers' | 'socket'> {
  return { headers, socket: { remoteAddress } as IncomingMessage['socket'] }
}

describe('server/http/access/client-key.ts', () => {
  it.each<[IncomingHttpHeaders, readonly string[]]>([
    [{}, []],
    [{ 'x-api-key': ' a ' }, ['a']],
    [{ authorization: 'Bearer b' }, ['b']],
    [{ authorization: 'bearer   b ' }, ['b']],
    [{ 'x-api-key': 'a', authorization: 'Bearer b' }, ['a', 'b']],
    [{ authorization: 'Basic b' }, []],
    [{ authorization: 'Bearer' }, []],
    [{ authorization: 'Bearer a b' }, []],
    [{ 'x-api-key': 'x'.repeat(600) }, []],
  ])('finds the keys in %o', (headers, keys) => {
    expect(presentedKeys(headers)).toEqual(keys)
  })

  it('reads a bearer token', () => {
    expect(bearerToken({ authorization: 'BEARER t' })).toBe('t')
    expect(bearerToken({})).toBeUndefined()
  })

  it.each<[string, IncomingHttpHeaders, Partial<ClientKeyPolicy>, string | null | false]>([
    ['127.0.0.1', { 'x-api-key': 'culvert_good' }, {}, 'k1'],
    ['127.0.0.1', { authorization: 'Bearer culvert_good' }, {}, 'k1'],
    ['127.0.0.1', { 'x-api-key': 'stale', authorization: 'Bearer culvert_good' }, {}, 'k1'],
    ['127.0.0.1', { 'x-api-key': 'culvert_good', authorization: 'Bearer stale' }, {}, 'k1'],
    ['127.0.0.1', { 'x-api-key': 'stale' }, {}, false],
    ['127.0.0.1', {}, {}, false],
    ['127.0.0.1', {}, { keysRequired: false }, null],
    ['::1', {}, { keysRequired: false }, null],
    ['::ffff:127.0.0.1', {}, { keysRequired: false }, null],
    ['127.0.0.1', { 'x-api-key': 'stale' }, { keysRequired: false }, null],
    ['127.0.0.1', { 'x-api-key': 'culvert_good' }, { keysRequired: false }, 'k1'],
    ['127.0.0.1', {}, { keysRequired: false, listensOnLoopback: false }, false],
    ['192.168.1.5', {}, { keysRequired: false, listensOnLoopback: false }, false],
    ['192.168.1.5', {}, { keysRequired: false }, false],
    ['127.0.0.1', { 'x-forwarded-for': '8.8.8.8' }, { keysRequired: false }, false],
    ['127.0.0.1', { forwarded: 'for=8.8.8.8' }, { keysRequired: false }, false],
    ['192.168.1.5', { 'x-api-key': 'weak' }, { listensOnLoopback: false }, 'k2'],
  ])('from %s with %o under %o: %s', (address, headers, change, expected) => {
    const decision = decideClient(from(address, headers), policy(change))
    const passed = { ok: true, identity: expected === null ? null : { id: expected } }
    expect(decision).toMatchObject(expected === false ? { ok: false, error: { kind: 'unauthenticated' } } : passed)
  })

  it('locks out an address that guesses, lets unguessable keys through, and spares this computer', () => {
    const rules = policy({ listensOnLoopback: false })
    const guess = (address: string, key: string) => decideClient(from(address, { 'x-api-key': key }), rules)
    for (let attempt = 0; attempt < 3; attempt++) expect(guess('10.0.0.9', 'wrong').ok).toBe(false)
    expect(guess('10.0.0.9', 'wrong')).toMatchObject({ error: { kind: 'client-rate-limited', retryAfterMs: 60_000 } })
    expect(guess('10.0.0.9', 'weak')).toMatchObject({ error: { kind: 'client-rate-limited' } })
    expect(guess('10.0.0.9', 'culvert_good').ok).toBe(true)
    expect(guess('10.0.0.8', 'weak').ok).toBe(true)
    for (let attempt = 0; attempt < 9; attempt++) guess('127.0.0.1', 'wrong')
    expect(guess('127.0.0.1', 'wrong')).toMatchObject({ error: { kind: 'unauthenticated' } })
    expect(guess('127.0.0.1', 'weak').ok).toBe(true)
  })
})
