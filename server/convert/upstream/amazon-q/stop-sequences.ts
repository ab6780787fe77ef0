/**
 * Cuts a text that comes in pieces at the first stop sequence, wherever the pieces are split. The service knows no stop
 * sequences, so they are applied here (amazon-q.md §2.7).
 */
export class StopSequences {
  /** The sequence that was met. */
  matched: string | undefined
  private readonly sequences: readonly string[]
  private held = ''

  /** `sequences` must not be empty texts. */
  constructor(sequences: readonly string[]) {
    this.sequences = sequences
  }

  /** The part of the text that may go out now. What could be the beginning of a sequence waits for the next piece. */
  push(piece: string): string {
    if (this.matched !== undefined) return ''
    const text = this.held + piece
    const cut = this.firstMatch(text)
    if (cut !== undefined) {
      this.held = ''
      return text.slice(0, cut)
    }
    const keep = this.lengthOfBeginning(text)
    this.held = text.slice(text.length - keep)
    return text.slice(0, text.length - keep)
  }

  /** What waited, when nothing can complete it any more. */
  flush(): string {
    const rest = this.held
    this.held = ''
    return rest
  }

  /** Where the text is cut: the sequence that is complete first wins, the longer one of two. */
  private firstMatch(text: string): number | undefined {
    let bestStart = -1
    let bestEnd = Number.POSITIVE_INFINITY
    for (const sequence of this.sequences) {
      const start = text.indexOf(sequence)
      if (start === -1) continue
      const end = start + sequence.length
      if (end < bestEnd || (end === bestEnd && start < bestStart)) {
        bestStart = start
        bestEnd = end
        this.matched = sequence
      }
    }
    return bestStart === -1 ? undefined : bestStart
  }

  private lengthOfBeginning(text: string): number {
    let longest = 0
    for (const sequence of this.sequences) {
      for (let length = Math.min(sequence.length - 1, text.length); length > longest; length -= 1) {
        if (sequence.startsWith(text.slice(text.length - length))) longest = length
      }
    }
    return longest
  }
}
