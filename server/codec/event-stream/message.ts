import type { HeaderBlock } from './header-block.ts'
import type { EventStreamHeaders } from './header-types.ts'

/** One message of an AWS event stream (amazon-q.md §3.2). */
export interface EventStreamMessage {
  /** `:message-type`: `event`, `exception` or `error`; '' when the header is missing. */
  readonly messageType: string
  /** `:event-type`, `:exception-type` or `:error-code`, whichever belongs to the message type; '' when missing. */
  readonly type: string
  /** `:error-message`. */
  readonly errorMessage?: string | undefined
  /** A view, not a copy: valid until the next call of `decode()`, copy it to keep it longer. */
  readonly payload: Uint8Array
  /** The payload as UTF-8 text, decoded at each access; to be read before the next call of `decode()`. */
  readonly text: string
  /** All headers; shared by all messages with the same header bytes. */
  readonly headers: EventStreamHeaders
}

/** A message as a place in the bytes that hold it, so that one whose payload is never asked for costs one object. */
export class FramedMessage implements EventStreamMessage {
  private readonly block: HeaderBlock
  private readonly bytes: Buffer
  private readonly start: number
  private readonly end: number

  /** `start` and `end` are where the payload lies in `bytes`. */
  constructor(block: HeaderBlock, bytes: Buffer, start: number, end: number) {
    this.block = block
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  get messageType(): string {
    return this.block.messageType
  }

  get type(): string {
    return this.block.type
  }

  get errorMessage(): string | undefined {
    return this.block.errorMessage
  }

  get headers(): EventStreamHeaders {
    return this.block.headers
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  get text(): string {
    return this.bytes.toString('utf8', this.start, this.end)
  }
}
