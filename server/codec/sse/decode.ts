import { createParser, type ParseError } from 'eventsource-parser'

/** One server-sent event. */
export interface SseEvent {
  /** The `event` field; undefined when the event has none. */
  readonly event: string | undefined
  /** The `data` fields, joined by line feeds. */
  readonly data: string
}

/** Decodes one stream; make a new one for each response. */
export interface SseDecoder {
  /**
   * All events that `chunk` completes, in order; characters and lines may be cut anywhere. Throws `SseError` when an
   * event is too large, and from then on at every call; events before it in the same chunk are returned first.
   */
  decode(chunk: Uint8Array): SseEvent[]
  /**
   * To be called when the bytes have ended. Returns the last event when only the blank line after it is missing, which
   * sloppy servers leave out. Throws `SseError`: an earlier one, or 'truncated' when the bytes ended inside a line.
   */
  end(): SseEvent[]
}

export type SseErrorCode = 'event-too-large' | 'truncated'

/** Thrown by the decoder. `message` tells sizes, never content. */
export class SseError extends Error {
  override readonly name = 'SseError'
  readonly code: SseErrorCode

  constructor(code: SseErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export interface SseDecoderOptions {
  /** Characters of one event's data, and of one line; default 16 Mi. */
  readonly maxEventLength?: number
}

/**
 * A decoder of `text/event-stream`. Comments, unknown fields and `retry` are skipped, a byte order mark too; bytes that
 * are no UTF-8 become U+FFFD. It holds at most one incomplete event of `maxEventLength` characters.
 */
export function createSseDecoder(options: SseDecoderOptions = {}): SseDecoder {
  const maxEventLength = options.maxEventLength ?? 16 * 1024 * 1024
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  let events: SseEvent[] = []
  let failure: SseError | undefined
  let insideLine = false

  const fail = (error: SseError): void => {
    failure ??= error
  }
  const tooLarge = (): SseError =>
    new SseError('event-too-large', `A server-sent event is longer than ${maxEventLength} characters.`)

  const parser = createParser({
    maxBufferSize: maxEventLength,
    onEvent: ({ event, data }) => {
      if (data.length > maxEventLength) fail(tooLarge())
      if (failure === undefined) events.push({ event, data })
    },
    onError: (error: ParseError) => {
      if (error.type === 'max-buffer-size-exceeded') fail(tooLarge())
    },
  })

  const feed = (text: string): SseEvent[] => {
    if (failure !== undefined) throw failure
    if (text === '') return []
    parser.feed(text)
    insideLine = !text.endsWith('\n') && !text.endsWith('\r')
    const complete = events
    events = []
    if (failure !== undefined && complete.length === 0) throw failure
    return complete
  }

  return {
    decode: (chunk) => feed(utf8.decode(chunk, { stream: true })),
    end: () => {
      const complete = feed(utf8.decode())
      if (insideLine) fail(new SseError('truncated', 'The stream of server-sent events ended inside a line.'))
      if (failure !== undefined) throw failure
      return [...complete, ...feed('\n\n')]
    },
  }
}
