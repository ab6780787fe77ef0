/** Pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** How much of an image is looked at, in bytes; a JPEG's size stands behind its colour profile and thumbnail. */
const headerLimit = 65_536

/**
 * The size of a PNG, JPEG, GIF or WebP image from its header; undefined when the bytes are none of these or are cut
 * off. Decodes at most 64 KB. `base64` is standard base64 without line breaks.
 */
export function imageSize(base64: string): ImageSize | undefined {
  // 48 bytes are enough for all but JPEG.
  const start = Buffer.from(base64.slice(0, 64), 'base64')
  if (start.length < 24) return undefined
  if (start.readUInt32BE(0) === 0x89_50_4e_47) return size(start.readUInt32BE(16), start.readUInt32BE(20))
  const magic = start.toString('latin1', 0, 4)
  if (magic === 'GIF8') return size(start.readUInt16LE(6), start.readUInt16LE(8))
  if (magic === 'RIFF' && start.toString('latin1', 8, 12) === 'WEBP') return webpSize(start)
  if (start.readUInt16BE(0) === 0xff_d8) {
    return jpegSize(Buffer.from(base64.slice(0, Math.ceil(headerLimit / 3) * 4), 'base64'))
  }
  return undefined
}

/** The three kinds of WebP: lossy, lossless, extended. */
function webpSize(bytes: Buffer): ImageSize | undefined {
  if (bytes.length < 30) return undefined
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return size(bytes.readUInt16LE(26) & 0x3f_ff, bytes.readUInt16LE(28) & 0x3f_ff)
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return size((bits & 0x3f_ff) + 1, ((bits >>> 14) & 0x3f_ff) + 1)
    }
    case 'VP8X':
      return size(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1)
    default:
      return undefined
  }
}

/** Walks from marker to marker until the frame header. */
function jpegSize(bytes: Buffer): ImageSize | undefined {
  let at = 2
  while (at + 9 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1] ?? 0
    if (isFrameHeader(marker)) return size(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5))
    // 0xff may be repeated as padding; markers without a body are two bytes long.
    if (marker === 0xff) at += 1
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

/** SOF0–SOF15 without DHT, JPG and DAC, which share the range. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

function size(width: number, height: number): ImageSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined
}
