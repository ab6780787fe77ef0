import { crc32 as nativeCrc32 } from 'node:zlib'
import { LONG_SHIFT_TABLES as LONG_SHIFT, SHIFT_TABLES as SHIFT, SLICE_TABLES as SLICE } from './crc32-tables.ts'

/*
 * The functions below work on the CRC's register: it starts as CRC_START, and the checksum is its complement. They read
 * through a DataView because its unaligned 32-bit loads make one step of four bytes, which the byte-wise form does not
 * have; the view is made once for each chunk.
 */

/** The register before the first byte. */
export const CRC_START = -1

/** From this length on (bytes) the call into zlib costs less than the loop here; measured by bench/codec.ts. */
export const NATIVE_CRC_FROM = 512

/** The register after the bytes of `view` from `start` to `end`. `bytes` are the same bytes as `view`. */
export function crcOfRange(bytes: Uint8Array, view: DataView, start: number, end: number, register: number): number {
  if (end - start >= NATIVE_CRC_FROM) return ~nativeCrc32(bytes.subarray(start, end), ~register >>> 0)
  let crc = register
  let at = start
  for (const stop = end - 16; at <= stop; at += 16) {
    const a = view.getInt32(at, true) ^ crc
    const b = view.getInt32(at + 4, true)
    const c = view.getInt32(at + 8, true)
    const d = view.getInt32(at + 12, true)
    crc =
      SLICE[3840 + (a & 255)]! ^
      SLICE[3584 + ((a >>> 8) & 255)]! ^
      SLICE[3328 + ((a >>> 16) & 255)]! ^
      SLICE[3072 + (a >>> 24)]! ^
      SLICE[2816 + (b & 255)]! ^
      SLICE[2560 + ((b >>> 8) & 255)]! ^
      SLICE[2304 + ((b >>> 16) & 255)]! ^
      SLICE[2048 + (b >>> 24)]! ^
      SLICE[1792 + (c & 255)]! ^
      SLICE[1536 + ((c >>> 8) & 255)]! ^
      SLICE[1280 + ((c >>> 16) & 255)]! ^
      SLICE[1024 + (c >>> 24)]! ^
      SLICE[768 + (d & 255)]! ^
      SLICE[512 + ((d >>> 8) & 255)]! ^
      SLICE[256 + ((d >>> 16) & 255)]! ^
      SLICE[d >>> 24]!
  }
  for (const stop = end - 4; at <= stop; at += 4) crc = crcOfWord(view.getInt32(at, true), crc)
  for (; at < end; at += 1) crc = SLICE[(crc ^ view.getUint8(at)) & 255]! ^ (crc >>> 8)
  return crc
}

/** The register after four more bytes, given as a little-endian word. */
export function crcOfWord(word: number, register: number): number {
  const a = word ^ register
  return SLICE[768 + (a & 255)]! ^ SLICE[512 + ((a >>> 8) & 255)]! ^ SLICE[256 + ((a >>> 16) & 255)]! ^ SLICE[a >>> 24]!
}

/** The register after eight more bytes, given as two little-endian words. */
export function crcOfTwoWords(first: number, second: number, register: number): number {
  const a = first ^ register
  return (
    SLICE[1792 + (a & 255)]! ^
    SLICE[1536 + ((a >>> 8) & 255)]! ^
    SLICE[1280 + ((a >>> 16) & 255)]! ^
    SLICE[1024 + (a >>> 24)]! ^
    SLICE[768 + (second & 255)]! ^
    SLICE[512 + ((second >>> 8) & 255)]! ^
    SLICE[256 + ((second >>> 16) & 255)]! ^
    SLICE[second >>> 24]!
  )
}

/**
 * The register after `count` zero bytes, `count` below `SHIFT_LIMIT`. CRC is linear, so the register after known bytes
 * is `shiftCrc(register, count) ^ crcOfRange(bytes, 0)`: a known piece need not be read again.
 */
export function shiftCrc(register: number, count: number): number {
  const base = (count & 15) << 10
  const crc =
    SHIFT[base + (register & 255)]! ^
    SHIFT[base + 256 + ((register >>> 8) & 255)]! ^
    SHIFT[base + 512 + ((register >>> 16) & 255)]! ^
    SHIFT[base + 768 + (register >>> 24)]!
  const longBase = (count & 240) << 6
  return (
    LONG_SHIFT[longBase + (crc & 255)]! ^
    LONG_SHIFT[longBase + 256 + ((crc >>> 8) & 255)]! ^
    LONG_SHIFT[longBase + 512 + ((crc >>> 16) & 255)]! ^
    LONG_SHIFT[longBase + 768 + (crc >>> 24)]!
  )
}
