/** What made a byte sequence no event stream. A closed list. */
export type EventStreamErrorCode =
  | 'prelude-checksum' // the first twelve bytes of a frame were damaged
  | 'message-checksum' // a frame was damaged
  | 'message-too-large' // a frame is longer than this reader accepts
  | 'headers-too-large' // the headers of a frame are longer than this reader accepts
  | 'bad-lengths' // the lengths that a frame states contradict each other
  | 'bad-header' // the checksums are right, but the headers do not parse
  | 'truncated' // the bytes ended inside a frame

/** Thrown by the decoder. `message` tells sizes and offsets, never content. */
export class EventStreamError extends Error {
  override readonly name = 'EventStreamError'
  readonly code: EventStreamErrorCode

  constructor(code: EventStreamErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
