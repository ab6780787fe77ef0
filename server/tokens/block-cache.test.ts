import { describe, expect, it } from 'vitest'
import { createBlockCache } from './block-cache.ts'

const one = { tokens: 1, counted: true }

describe('createBlockCache', () => {
  it('keeps to its number of blocks and forgets what was not used lately', () => {
    const cache = createBlockCache({ maxBlocks: 100, maxBytes: 1_000_000 })
    for (let index = 0; index < 1_000; index += 1) {
      cache.set(`block ${index}`, one)
      expect(cache.get('block 0')).toBe(one)
      expect(cache.blocks).toBeLessThanOrEqual(100)
    }
    expect(cache.get('block 1')).toBeUndefined()
    expect(cache.get('block 999')).toBe(one)
  })

  it('keeps to its bytes, two a character', () => {
    const cache = createBlockCache({ maxBlocks: 1_000, maxBytes: 10_000 })
    for (let index = 0; index < 100; index += 1) {
      cache.set(String(index).padEnd(500), one)
      expect(cache.bytes).toBeLessThanOrEqual(10_000)
    }
    expect(cache.bytes).toBeGreaterThanOrEqual(5_000)
  })

  it('does not keep a block that would drive all others out', () => {
    const cache = createBlockCache({ maxBlocks: 1_000, maxBytes: 10_000 })
    cache.set('small', one)
    cache.set('x'.repeat(2_501), one)
    expect(cache.get('x'.repeat(2_501))).toBeUndefined()
    expect(cache.get('small')).toBe(one)
  })

  it('counts a block once, however often it is set or used', () => {
    const cache = createBlockCache({ maxBlocks: 4, maxBytes: 10_000 })
    for (const text of ['a', 'a', 'b', 'c']) cache.set(text, one)
    expect(cache.get('a')).toBe(one)
    expect(cache.get('a')).toBe(one)
    expect(cache).toMatchObject({ blocks: 3, bytes: 6 })
  })
})
