import { describe, expect, it } from 'vitest'
import { decodePayloadText } from './payload-text.ts'

const TEXTS = ['', 'plain', 'Grüße', '世界', '🙂 \u0000 "quoted"', 'x'.repeat(100_000)]

describe('server/codec/event-stream/payload-text', () => {
  it.each(TEXTS)('decodes views of any kind (text %#)', (text) => {
    const bytes = Buffer.from(`<<${text}>>`)
    const view = bytes.subarray(2, bytes.length - 2)
    expect(decodePayloadText(view)).toBe(text)
    expect(decodePayloadText(new Uint8Array(view.buffer, view.byteOffset, view.length))).toBe(text)
  })

  it('replaces what is no UTF-8', () => {
    expect(decodePayloadText(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\ufffdb')
  })
})
