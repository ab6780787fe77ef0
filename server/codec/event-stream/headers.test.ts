import { describe, expect, it } from 'vitest'
import { EventStreamError } from './errors.ts'
import { encodeHeaders } from './header-encoder.ts'
import type { EventStreamHeader } from './header-types.ts'
import { parseHeaders } from './headers.ts'

/** Each wire type and the ends of its range; the hex is the type byte and the value (amazon-q.md §3.1). */
const TYPES: readonly (readonly [name: string, header: EventStreamHeader, hex: string])[] = [
  ['true', { type: 'boolean', value: true }, '00'],
  ['false', { type: 'boolean', value: false }, '01'],
  ['byte', { type: 'byte', value: -128 }, '0280'],
  ['byte, highest', { type: 'byte', value: 127 }, '027f'],
  ['short', { type: 'short', value: -32_768 }, '038000'],
  ['short, highest', { type: 'short', value: 32_767 }, '037fff'],
  ['integer', { type: 'integer', value: -2_147_483_648 }, '0480000000'],
  ['integer, highest', { type: 'integer', value: 2_147_483_647 }, '047fffffff'],
  ['long', { type: 'long', value: -(2n ** 63n) }, '058000000000000000'],
  ['long, highest', { type: 'long', value: 2n ** 63n - 1n }, '057fffffffffffffff'],
  ['binary', { type: 'binary', value: Uint8Array.of(0, 255, 16) }, '06000300ff10'],
  ['binary, empty', { type: 'binary', value: new Uint8Array(0) }, '060000'],
  ['string', { type: 'string', value: 'hé' }, '07000368c3a9'],
  ['string, empty', { type: 'string', value: '' }, '070000'],
  ['timestamp', { type: 'timestamp', value: 1_700_000_000_000n }, '080000018bcfe56800'],
  ['timestamp before 1970', { type: 'timestamp', value: -1n }, '08ffffffffffffffff'],
  ['uuid', { type: 'uuid', value: '01234567-89ab-cdef-0123-456789abcdef' }, '090123456789abcdef0123456789abcdef'],
]

const MALFORMED: readonly (readonly [what: string, hex: string])[] = [
  ['only a name length', '03'],
  ['a name that runs past the end', '03616200'],
  ['no type', '026162'],
  ['an unknown type', '01610a'],
  ['the type 255', '0161ff'],
  ['a byte cut off', '016102'],
  ['a short cut off', '01610300'],
  ['an integer cut off', '016104000000'],
  ['a long cut off', '016105000000000000'],
  ['a string length cut off', '01610700'],
  ['a string that runs past the end', '016107000361'],
  ['a byte array that runs past the end', '016106ffff00'],
  ['a timestamp cut off', '01610800'],
  ['a UUID cut off', '016109000102030405060708090a0b0c0d0e'],
  ['a second header cut off', '01610001'],
]

describe('server/codec/event-stream/headers', () => {
  it.each(TYPES)('reads and writes %s', (_name, header, hex) => {
    const bytes = Buffer.from(`0168${hex}`, 'hex')
    expect(parseHeaders(bytes, 0, bytes.length)).toEqual(new Map([['h', header]]))
    expect(encodeHeaders([['h', header]]).toString('hex')).toBe(bytes.toString('hex'))
  })

  it('reads all types side by side, in order, from the middle of a buffer', () => {
    const all = new Map(TYPES.map(([name, header]) => [name, header]))
    const bytes = Buffer.concat([Buffer.of(9, 9), encodeHeaders(all), Buffer.of(9)])
    const read = parseHeaders(bytes, 2, bytes.length - 1)
    expect([...read]).toEqual([...all])
  })

  it.each(MALFORMED)('refuses %s', (_what, hex) => {
    const bytes = Buffer.from(`${hex}00000000`, 'hex')
    expect(() => parseHeaders(bytes, 0, bytes.length - 4)).toThrow(EventStreamError)
    expect(() => parseHeaders(bytes, 0, bytes.length - 4)).toThrow(expect.objectContaining({ code: 'bad-header' }))
  })

  it('lets the later of two headers with one name count, and takes any name', () => {
    const bytes = encodeHeaders([
      ['__proto__', 'a'],
      ['__proto__', 'b'],
      ['', 'no name'],
    ])
    expect([...parseHeaders(bytes, 0, bytes.length)]).toEqual([
      ['__proto__', { type: 'string', value: 'b' }],
      ['', { type: 'string', value: 'no name' }],
    ])
  })

  it('copies binary values out of the buffer', () => {
    const bytes = encodeHeaders([['h', { type: 'binary', value: Uint8Array.of(1, 2) }]])
    const header = parseHeaders(bytes, 0, bytes.length).get('h')
    bytes.fill(0)
    expect(header).toEqual({ type: 'binary', value: Uint8Array.of(1, 2) })
  })

  it.each<readonly [string, string, EventStreamHeader]>([
    ['a name of 256 bytes', 'é'.repeat(128), { type: 'boolean', value: true }],
    ['a string of 32,768 bytes', 'h', { type: 'string', value: 'x'.repeat(32_768) }],
    ['a byte array of 32,768 bytes', 'h', { type: 'binary', value: new Uint8Array(32_768) }],
    ['a byte out of range', 'h', { type: 'byte', value: 128 }],
    ['a short out of range', 'h', { type: 'short', value: -32_769 }],
    ['an integer out of range', 'h', { type: 'integer', value: 2 ** 31 }],
    ['a long out of range', 'h', { type: 'long', value: 2n ** 63n }],
    ['a malformed UUID', 'h', { type: 'uuid', value: '0123456789abcdef0123456789abcdef' }],
  ])('refuses to write %s', (_what, name, header) => {
    expect(() => encodeHeaders([[name, header]])).toThrow(RangeError)
  })
})
