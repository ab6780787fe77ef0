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
  /** A copy of the bytes. */
  readonly view: DataView
  /** How many bytes they are. */
  readonly length: number
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
export function rememberHeaders(bytes: Buffer, start: number, end: number, block: HeaderBlock): KnownHeaders {
  const copy = Buffer.from(bytes.subarray(start, end))
  const { buffer, byteOffset, length } = copy
  const view = new DataView(buffer, byteOffset, length)
  return { block, view, length, crc: crcOfRange(copy, view, 0, length, 0) }
}

/** Whether the `known.length` bytes of `view` from `start` on are the known ones. */
export function isSameHeaders(known: KnownHeaders, view: DataView, start: number): boolean {
  const lastWord = known.length - 4
  for (let at = 0; at < lastWord; at += 4) {
    if (view.getInt32(start + at) !== known.view.getInt32(at)) return false
  }
  return view.getInt32(start + lastWord) === known.view.getInt32(lastWord)
}

function typeHeaderOf(messageType: string): string {
  if (messageType === 'exception') return ':exception-type'
  return messageType === 'error' ? ':error-code' : ':event-type'
}

function textOf(headers: EventStreamHeaders, name: string): string {
  const header = headers.get(name)
  return header?.type === 'string' ? header.value : ''
}
