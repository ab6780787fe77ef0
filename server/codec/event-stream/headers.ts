import { EventStreamError } from './errors.ts'
import { type EventStreamHeader, type EventStreamHeaders, HEADER_TYPE } from './header-types.ts'

/**
 * All headers between `start` and `end` (amazon-q.md §3.1). When a name occurs twice the later one counts, as in AWS's
 * own clients. Binary values are copies. Throws `EventStreamError` 'bad-header'.
 */
export function parseHeaders(bytes: Buffer, start: number, end: number): EventStreamHeaders {
  const headers = new Map<string, EventStreamHeader>()
  let at = start
  while (at < end) {
    const nameStart = at + 1
    const typeAt = nameStart + bytes.readUInt8(at)
    if (typeAt >= end) throw badHeader('a name runs past their end')
    const type = bytes.readUInt8(typeAt)
    const valueStart = typeAt + 1 + lengthPrefixBytes(type)
    if (valueStart > end) throw badHeader('a value runs past their end')
    const valueEnd = valueStart + (valueStart === typeAt + 1 ? fixedBytes(type) : bytes.readUInt16BE(typeAt + 1))
    if (valueEnd > end) throw badHeader('a value runs past their end')
    headers.set(bytes.toString('utf8', nameStart, typeAt), readValue(bytes, type, valueStart, valueEnd))
    at = valueEnd
  }
  return headers
}

function lengthPrefixBytes(type: number): number {
  return type === HEADER_TYPE.binary || type === HEADER_TYPE.string ? 2 : 0
}

function fixedBytes(type: number): number {
  switch (type) {
    case HEADER_TYPE.true:
    case HEADER_TYPE.false:
      return 0
    case HEADER_TYPE.byte:
      return 1
    case HEADER_TYPE.short:
      return 2
    case HEADER_TYPE.integer:
      return 4
    case HEADER_TYPE.long:
    case HEADER_TYPE.timestamp:
      return 8
    case HEADER_TYPE.uuid:
      return 16
    default:
      throw badHeader(`type ${type} is unknown`)
  }
}

function readValue(bytes: Buffer, type: number, start: number, end: number): EventStreamHeader {
  switch (type) {
    case HEADER_TYPE.true:
    case HEADER_TYPE.false:
      return { type: 'boolean', value: type === HEADER_TYPE.true }
    case HEADER_TYPE.byte:
      return { type: 'byte', value: bytes.readInt8(start) }
    case HEADER_TYPE.short:
      return { type: 'short', value: bytes.readInt16BE(start) }
    case HEADER_TYPE.integer:
      return { type: 'integer', value: bytes.readInt32BE(start) }
    case HEADER_TYPE.long:
      return { type: 'long', value: bytes.readBigInt64BE(start) }
    case HEADER_TYPE.timestamp:
      return { type: 'timestamp', value: bytes.readBigInt64BE(start) }
    case HEADER_TYPE.binary:
      return { type: 'binary', value: Uint8Array.from(bytes.subarray(start, end)) }
    case HEADER_TYPE.string:
      return { type: 'string', value: bytes.toString('utf8', start, end) }
    default:
      return { type: 'uuid', value: uuidText(bytes.toString('hex', start, end)) }
  }
}

function uuidText(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function badHeader(what: string): EventStreamError {
  return new EventStreamError('bad-header', `The headers of an event stream message do not parse: ${what}.`)
}
