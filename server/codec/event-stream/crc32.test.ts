import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { SHIFT_LIMIT } from './crc32-tables.ts'
import { CRC_START, crcOfRange, crcOfTwoWords, crcOfWord, NATIVE_CRC_FROM, shiftCrc } from './crc32.ts'

const noise = Buffer.from(
  Array.from({ length: 2 * NATIVE_CRC_FROM }, (_, index) => Math.imul(index + 1, 2654435761) >>> 24),
)
const view = new DataView(noise.buffer, noise.byteOffset, noise.length)

describe('server/codec/event-stream/crc32', () => {
  it('gives the check value of the standard', () => {
    const digits = Buffer.from('123456789')
    const digitsView = new DataView(digits.buffer, digits.byteOffset, digits.length)
    expect(~crcOfRange(digits, digitsView, 0, 9, CRC_START) >>> 0).toBe(0xcbf43926)
  })

  it('agrees with zlib at every alignment and every length on both sides of each step', () => {
    const lengths = [...Array.from({ length: 100 }, (_, length) => length), NATIVE_CRC_FROM - 1, NATIVE_CRC_FROM, 1500]
    for (const length of lengths) {
      for (let start = 0; start < 17; start += 1) {
        const expected = crc32(noise.subarray(start, start + length))
        expect(~crcOfRange(noise, view, start, start + length, CRC_START) >>> 0).toBe(expected)
      }
    }
  })

  it('continues from any register, by ranges and by words', () => {
    const whole = crcOfRange(noise, view, 0, 700, CRC_START)
    expect(crcOfRange(noise, view, 300, 700, crcOfRange(noise, view, 0, 300, CRC_START))).toBe(whole)
    const eight = crcOfRange(noise, view, 0, 8, CRC_START)
    expect(crcOfWord(view.getInt32(4, true), crcOfWord(view.getInt32(0, true), CRC_START))).toBe(eight)
    expect(crcOfTwoWords(view.getInt32(0, true), view.getInt32(4, true), CRC_START)).toBe(eight)
  })

  it('moves a register over known bytes as if it had read them', () => {
    for (let length = 0; length < SHIFT_LIMIT; length += 1) {
      const known = crcOfRange(noise, view, 40, 40 + length, 0)
      const before = crcOfRange(noise, view, 0, 40, CRC_START)
      expect(shiftCrc(before, length) ^ known).toBe(crcOfRange(noise, view, 40, 40 + length, before))
    }
  })
})
