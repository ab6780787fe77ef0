const POLYNOMIAL = 0xedb88320
const SLICES = 16

/** One more than the longest run of zero bytes that the shift tables can move over. */
export const SHIFT_LIMIT = 256

/**
 * Tables for sixteen bytes at a time, one after another: entry `256 * n + b` is what the byte `b` leaves in the
 * register after `n` more zero bytes. CRC-32 as in zlib: reflected polynomial 0xEDB88320 (amazon-q.md §3.1).
 */
export const SLICE_TABLES: Int32Array = makeSliceTables()

/**
 * Tables that move the register over 0 to 15 zero bytes: entry `1024 * n + 256 * i + b` is what the byte `b` at place
 * `i` of the register (0 is the lowest) becomes after `n` zero bytes.
 */
export const SHIFT_TABLES: Int32Array = makeShiftTables(overOneByte)

/** The same for 0, 16, 32, … 240 zero bytes. */
export const LONG_SHIFT_TABLES: Int32Array = makeShiftTables((register) => overOneByte(overFifteenBytes(register)))

function overOneByte(register: number): number {
  return SLICE_TABLES[register & 255]! ^ (register >>> 8)
}

function overFifteenBytes(register: number): number {
  const base = 1024 * 15
  return (
    SHIFT_TABLES[base + (register & 255)]! ^
    SHIFT_TABLES[base + 256 + ((register >>> 8) & 255)]! ^
    SHIFT_TABLES[base + 512 + ((register >>> 16) & 255)]! ^
    SHIFT_TABLES[base + 768 + (register >>> 24)]!
  )
}

function makeSliceTables(): Int32Array {
  const tables = new Int32Array(256 * SLICES)
  for (let byte = 0; byte < 256; byte += 1) {
    let register = byte
    for (let bit = 0; bit < 8; bit += 1) register = register & 1 ? POLYNOMIAL ^ (register >>> 1) : register >>> 1
    tables[byte] = register
  }
  for (let entry = 256; entry < tables.length; entry += 1) {
    const before = tables[entry - 256]!
    tables[entry] = tables[before & 255]! ^ (before >>> 8)
  }
  return tables
}

function makeShiftTables(step: (register: number) => number): Int32Array {
  const tables = new Int32Array(1024 * 16)
  for (let entry = 0; entry < 1024; entry += 1) tables[entry] = (entry & 255) << (8 * (entry >>> 8))
  for (let entry = 1024; entry < tables.length; entry += 1) tables[entry] = step(tables[entry - 1024]!)
  return tables
}
