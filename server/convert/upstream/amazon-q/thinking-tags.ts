import type { CompletionEvent } from '../../../canonical/event.ts'
import { findClosingTag, type ClosingTag } from './thinking-close.ts'

/** Where the parser puts what it has told apart. */
export interface ThinkingSink {
  onText(text: string, out: CompletionEvent[]): void
  onThinking(text: string, out: CompletionEvent[]): void
  onThinkingEnd(out: CompletionEvent[]): void
}

const OPENING = '<thinking>'

/**
 * Tells thinking from text in the answers of models that mark it with tags (amazon-q.md §2.8, "Coming back"). The result
 * does not depend on how the text is split into pieces. An opening tag counts at the very start, after white space, or
 * at the start of a line, but not inside a code fence; a closing tag counts before a blank line or at the end. Text that
 * can't begin a tag goes out at once.
 */
export class ThinkingTags {
  private readonly sink: ThinkingSink
  private thinking = false
  /** White space before the first character of the answer: dropped if a tag follows. */
  private leading = ''
  private atStart = true
  private afterThinking = false
  /** Characters of the opening tag seen so far. */
  private matched = 0
  /** -1: not at the start of a line; else the number of back-ticks that the line has begun with. */
  private lineTicks = 0
  private inFence = false
  /** Of thinking: what could belong to a closing tag. */
  private held = ''
  private lastThinking = ''
  private freshThinking = false

  constructor(sink: ThinkingSink) {
    this.sink = sink
  }

  push(piece: string, out: CompletionEvent[]): void {
    let rest = piece
    while (rest !== '') rest = this.thinking ? this.pushThinking(rest, out) : this.pushText(rest, out)
  }

  /** No more text in this run: a tool call or the end follows. */
  flush(out: CompletionEvent[]): void {
    if (this.thinking) {
      const close = findClosingTag(this.held, this.lastThinking, true)
      this.emitThinking(close.kind === 'found' ? close.before : this.held, out)
      this.held = ''
      this.endThinking(out)
      return
    }
    // White space after thinking only set the answer apart from it; with no answer it is nothing.
    const partialTag = OPENING.slice(0, this.matched)
    const waiting = partialTag === '' && this.afterThinking ? '' : this.leading + partialTag
    this.leading = ''
    this.matched = 0
    this.beginRun()
    this.emitText(waiting, out)
  }

  private beginRun(): void {
    this.atStart = true
    this.lineTicks = 0
    this.inFence = false
  }

  /** Scans text up to an opening tag; returns what comes after it. */
  private pushText(piece: string, out: CompletionEvent[]): string {
    let from = 0
    for (let index = 0; index < piece.length; index += 1) {
      const character = piece.charCodeAt(index)
      if (this.matched > 0 || (character === LESS_THAN && this.mayOpen())) {
        if (character === OPENING.charCodeAt(this.matched)) {
          if (this.matched === 0) this.emitText(piece.slice(from, index), out)
          from = index + 1
          this.matched += 1
          if (this.matched < OPENING.length) continue
          this.beginThinking()
          return piece.slice(index + 1)
        }
        this.emitText(this.leading + OPENING.slice(0, this.matched), out)
        this.leading = ''
        this.matched = 0
        this.lineTicks = -1
        this.atStart = false
        from = index
      }
      this.trackLine(character)
      if (!this.atStart) continue
      if (isSpace(character)) {
        this.leading += piece.charAt(index)
        from = index + 1
      } else {
        this.atStart = false
        this.emitText(this.leading, out)
        this.leading = ''
      }
    }
    this.emitText(piece.slice(from), out)
    return ''
  }

  private mayOpen(): boolean {
    return !this.inFence && (this.atStart || this.lineTicks === 0)
  }

  /** Follows line starts and code fences. */
  private trackLine(character: number): void {
    if (character === NEW_LINE) this.lineTicks = 0
    else if (character === BACK_TICK && this.lineTicks >= 0) {
      this.lineTicks += 1
      if (this.lineTicks === 3) {
        this.inFence = !this.inFence
        this.lineTicks = -1
      }
    } else this.lineTicks = -1
  }

  private beginThinking(): void {
    this.thinking = true
    this.freshThinking = true
    this.lastThinking = ''
    this.held = ''
    this.leading = ''
    this.matched = 0
  }

  private pushThinking(piece: string, out: CompletionEvent[]): string {
    const text = this.held + piece
    this.held = ''
    const close: ClosingTag = findClosingTag(text, this.lastThinking, false)
    if (close.kind === 'found') {
      this.emitThinking(close.before, out)
      this.endThinking(out)
      return close.after
    }
    this.emitThinking(text.slice(0, close.safe), out)
    this.held = text.slice(close.safe)
    return ''
  }

  private emitThinking(text: string, out: CompletionEvent[]): void {
    if (text === '') return
    this.lastThinking = text.slice(-1)
    // The tag usually stands on a line of its own; the line end after it is no part of the thinking.
    const shown = this.freshThinking && text.startsWith('\n') ? text.slice(1) : text
    this.freshThinking = false
    if (shown !== '') this.sink.onThinking(shown, out)
  }

  private endThinking(out: CompletionEvent[]): void {
    this.thinking = false
    this.afterThinking = true
    this.beginRun()
    this.sink.onThinkingEnd(out)
  }

  private emitText(text: string, out: CompletionEvent[]): void {
    if (text === '') return
    this.afterThinking = false
    this.sink.onText(text, out)
  }
}

const LESS_THAN = 0x3c
const NEW_LINE = 0x0a
const BACK_TICK = 0x60

function isSpace(character: number): boolean {
  return character === 0x20 || (character >= 0x09 && character <= 0x0d)
}
