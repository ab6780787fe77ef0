import { describe, expect, it } from 'vitest'
import type { BinarySource } from '../canonical/request.ts'
import { documentTokens, imageTokens } from './binary-tokens.ts'
import { imageSize } from './image-size.ts'

/** Headers only: what follows them is never read. */
const images: Readonly<Record<string, Buffer>> = {
  png: Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), u32(640), u32(480), Buffer.alloc(20)]),
  gif: Buffer.concat([Buffer.from('GIF89a'), Buffer.from('8002e001', 'hex'), Buffer.alloc(20)]),
  jpeg: jpeg(640, 480, 0),
  'jpeg with a large colour profile': jpeg(640, 480, 40_000),
  'jpeg with its tables first': Buffer.concat([
    Buffer.from('ffd8ffc4000c', 'hex'),
    Buffer.alloc(10, 1),
    jpeg(640, 480, 0).subarray(2),
  ]),
  'webp lossy': webp('VP8 ', Buffer.from('000000000000009d012a8002e001', 'hex')),
  'webp lossless': webp('VP8L', Buffer.concat([Buffer.from('000000002f', 'hex'), u32le(639 | (479 << 14))])),
  'webp extended': webp('VP8X', Buffer.from('0a000000000000007f0200df0100', 'hex')),
}

describe('imageSize', () => {
  it.each(Object.entries(images))('reads %s', (_name, bytes) => {
    expect(imageSize(bytes.toString('base64'))).toEqual({ width: 640, height: 480 })
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no image', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"></svg>')],
    ['a JPEG without a frame in its first 64 KB', jpeg(640, 480, 60_000, 3)],
    ['a JPEG gone wrong', Buffer.concat([Buffer.from('ffd8ff', 'hex'), Buffer.alloc(100, 7)])],
    ['a size of 0', Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(28)])],
  ])('does not guess at %s', (_name, bytes) => {
    expect(imageSize(bytes.toString('base64'))).toBeUndefined()
  })

  it('survives an image cut off anywhere', () => {
    for (const bytes of Object.values(images)) {
      for (let length = 0; length < Math.min(bytes.length, 80); length += 1) {
        expect(() => imageSize(bytes.subarray(0, length).toString('base64'))).not.toThrow()
      }
    }
  })
})

describe('imageTokens', () => {
  it.each([
    [640, 480, 410],
    [200, 200, 54],
    [1_092, 1_092, 1_590],
    [8_000, 200, 82],
    [4_000, 3_000, 1_600],
  ])('counts %i × %i pixels as %i tokens', (width, height, tokens) => {
    expect(imageTokens(base64(jpeg(width, height, 0)))).toBe(tokens)
  })

  it('has a figure for what it can not read', () => {
    expect(imageTokens({ type: 'url', url: 'https://example.com/a.png' })).toBe(1_500)
  })
})

describe('documentTokens', () => {
  it.each([
    [1_000, 1_500],
    [500_000, 20_000],
    [30_000_000, 300_000],
  ])('guesses from %i bytes', (bytes, tokens) => {
    expect(documentTokens(base64(Buffer.alloc(bytes)))).toBeCloseTo(tokens, -1)
  })
})

function base64(bytes: Buffer): BinarySource {
  return { type: 'base64', mediaType: 'application/octet-stream', data: bytes.toString('base64') }
}

function jpeg(width: number, height: number, profileBytes: number, profiles = 1): Buffer {
  const profile = Buffer.concat([Buffer.from('ffe2', 'hex'), u16(profileBytes + 2), Buffer.alloc(profileBytes)])
  const frame = Buffer.concat([Buffer.from('ffc0001108', 'hex'), u16(height), u16(width), Buffer.alloc(20)])
  return Buffer.concat([Buffer.from('ffd8', 'hex'), ...Array.from({ length: profiles }, () => profile), frame])
}

/** `body` begins with the length of its chunk. */
function webp(kind: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from('RIFF'), u32le(100), Buffer.from(`WEBP${kind}`), body, Buffer.alloc(20)])
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u32le(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
