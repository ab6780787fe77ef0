import {
  type HeaderBlock,
  isRecognisable,
  isSameHeaders,
  type KnownHeaders,
  readHeaderBlock,
  rememberHeaders,
} from './header-block.ts'

/** How many different header blocks are kept: a service has about a dozen event types. */
const KNOWN_HEADERS = 16

/**
 * The header blocks that were seen last, so that their bytes are recognised instead of parsed. The streams of one
 * service may share one: in a short stream every event type comes once, and parsing would never pay.
 */
export class HeaderMemory {
  private readonly known: KnownHeaders[] = []
  private replaceNext = 0

  /** The known block with the same `length` bytes as `view` has from `start` on. */
  recognise(view: DataView, start: number, length: number): KnownHeaders | undefined {
    const { known } = this
    for (let index = 0; index < known.length; index += 1) {
      const candidate = known[index]!
      if (candidate.length === length && isSameHeaders(candidate, view, start)) return candidate
    }
    return undefined
  }

  /** Parses an unknown block and remembers it. Throws `EventStreamError` 'bad-header'. */
  read(bytes: Buffer, start: number, end: number): HeaderBlock {
    const block = readHeaderBlock(bytes, start, end)
    if (isRecognisable(end - start)) {
      this.known[this.replaceNext] = rememberHeaders(bytes, start, end, block)
      this.replaceNext = (this.replaceNext + 1) % KNOWN_HEADERS
    }
    return block
  }
}
