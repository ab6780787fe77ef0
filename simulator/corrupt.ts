import { crc32 } from 'node:zlib'

/** The frame with one kind of damage. The input is left alone. */
export function corrupt(frame: Uint8Array, kind: 'corrupt-crc' | 'corrupt-prelude' | 'lying-length'): Uint8Array {
  const bytes = Buffer.from(frame)
  switch (kind) {
    case 'corrupt-crc':
      flip(bytes, bytes.length - 1)
      break
    case 'corrupt-prelude':
      flip(bytes, 8)
      break
    case 'lying-length':
      bytes.writeUInt32BE(0x7fff_ffff, 0)
      bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
      break
  }
  return bytes
}

function flip(bytes: Buffer, offset: number): void {
  bytes[offset] = (bytes[offset] ?? 0) ^ 0xff
}
