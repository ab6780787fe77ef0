import { type EventStreamHeader, HEADER_TYPE } from './header-types.ts'

const MAX_NAME_BYTES = 255
/** What AWS's own clients write at most in one string or byte array. */
const MAX_VALUE_BYTES = 32_767
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The header part of a frame (amazon-q.md §3.1). Throws `RangeError` for what the format can't carry. */
export function encodeHeaders(headers: Iterable<readonly [name: string, value: EventStreamHeader | string]>): Buffer {
  const parts: Buffer[] = []
  for (const [name, value] of headers) {
    const nameBytes = Buffer.from(name)
    if (nameBytes.length > MAX_NAME_BYTES) {
      throw new RangeError(`A header's name can't have ${nameBytes.length} bytes; the limit is ${MAX_NAME_BYTES}.`)
    }
    const header: EventStreamHeader = typeof value === 'string' ? { type: 'string', value } : value
    parts.push(Buffer.of(nameBytes.length), nameBytes, encodeValue(header))
  }
  return Buffer.concat(parts)
}

function encodeValue(header: EventStreamHeader): Buffer {
  switch (header.type) {
    case 'boolean':
      return Buffer.of(header.value ? HEADER_TYPE.true : HEADER_TYPE.false)
    case 'byte':
      return fixed(HEADER_TYPE.byte, 1, (bytes) => bytes.writeInt8(header.value, 1))
    case 'short':
      return fixed(HEADER_TYPE.short, 2, (bytes) => bytes.writeInt16BE(header.value, 1))
    case 'integer':
      return fixed(HEADER_TYPE.integer, 4, (bytes) => bytes.writeInt32BE(header.value, 1))
    case 'long':
      return fixed(HEADER_TYPE.long, 8, (bytes) => bytes.writeBigInt64BE(header.value, 1))
    case 'timestamp':
      return fixed(HEADER_TYPE.timestamp, 8, (bytes) => bytes.writeBigInt64BE(header.value, 1))
    case 'binary':
      return prefixed(HEADER_TYPE.binary, header.value)
    case 'string':
      return prefixed(HEADER_TYPE.string, Buffer.from(header.value))
    case 'uuid': {
      if (!UUID.test(header.value)) throw new RangeError('A header of type uuid needs a UUID with dashes.')
      return fixed(HEADER_TYPE.uuid, 16, (bytes) => bytes.write(header.value.replaceAll('-', ''), 1, 'hex'))
    }
  }
}

function fixed(type: number, length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(1 + length)
  bytes[0] = type
  write(bytes)
  return bytes
}

function prefixed(type: number, value: Uint8Array): Buffer {
  if (value.length > MAX_VALUE_BYTES) {
    throw new RangeError(`A header's value can't have ${value.length} bytes; the limit is ${MAX_VALUE_BYTES}.`)
  }
  const bytes = Buffer.alloc(3 + value.length)
  bytes[0] = type
  bytes.writeUInt16BE(value.length, 1)
  bytes.set(value, 3)
  return bytes
}
