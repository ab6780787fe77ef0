import { SHIFT_LIMIT } from './crc32-tables.ts'
import { crcOfRange } from './crc32.ts'
import type { EventStreamHeaders } from './header-types.ts'
import { parseHeaders } from './headers.ts'

/** The headers of one message, read once and shared by every message that has the same header bytes. */
export interface HeaderBlock {
  readonly headers: EventStreamHeaders
  readonly messageType: string
  readonly type: string
  readonly errorMessage: string | undefined
}

/** A header block with what recognises it again. */
export interface KnownHeaders {
  readonly block: HeaderBlock
  readonly length: number
  /** The bytes as little-endian words; the last word ends with the last byte and so may overlap the one before. */
  readonly words: Int32Array
  /** What these bytes leave in a CRC register that was zero before them. */
  readonly crc: number
}

/** Parses the headers between `start` and `end`. Throws `EventStreamError` 'bad-header'. */
export function readHeaderBlock(bytes: Buffer, start: number, end: number): HeaderBlock {
  const headers = parseHeaders(bytes, start, end)
  const messageType = textOf(headers, ':message-type')
  return {
    headers,
    messageType,
    type: textOf(headers, typeHeaderOf(messageType)),
    errorMessage: headers.has(':error-message') ? textOf(headers, ':error-message') : undefined,
  }
}

/** Whether headers of that length (bytes) can be recognised by their bytes. */
export function isRecognisable(length: number): boolean {
  return length >= 4 && length < SHIFT_LIMIT
}

/** Remembers the headers between `start` and `end`, whose length must be recognisable. Nothing refers to `bytes`. */
export function rememberHeaders(
  bytes: Buffer,
  view: DataView,
  start: number,
  end: number,
  block: HeaderBlock,
): KnownHeaders {
  const length = end - start
  const words = new Int32Array((length + 3) >>> 2)
  for (let index = 0; index < words.length; index += 1) {
    words[index] = view.getInt32(Math.min(start + 4 * index, end - 4), true)
  }
  return { block, length, words, crc: crcOfRange(bytes, view, start, end, 0) }
}

/** Whether the `known.length` bytes from `start` on are the known ones. */
export function isSameHeaders(known: KnownHeaders, view: DataView, start: number): boolean {
  const { words } = known
  const last = words.length - 1
  for (let index = 0; index < last; index += 1) {
    if (view.getInt32(start + 4 * index, true) !== words[index]) return false
  }
  return view.getInt32(start + known.length - 4, true) === words[last]
}

function typeHeaderOf(messageType: string): string {
  if (messageType === 'exception') return ':exception-type'
  return messageType === 'error' ? ':error-code' : ':event-type'
}

function textOf(headers: EventStreamHeaders, name: string): string {
  const header = headers.get(name)
  return header?.type === 'string' ? header.value : ''
}
