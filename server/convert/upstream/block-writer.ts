import type { CompletionEvent, UsageReport } from '../../canonical/event.ts'
import type { ForeignBlock, Opaque, OpaqueOrigin } from '../../canonical/request.ts'

/**
 * Writes the events of one answer so that blocks never overlap and their numbers count up: whoever has text, reasoning
 * or a tool call only says so.
 */
export class BlockWriter {
  started = false
  private readonly origin: OpaqueOrigin
  private index = -1
  private open: 'none' | 'text' | 'reasoning' = 'none'
  /** Of the open reasoning block; its end waits for what comes next, because a signature may come in parts. */
  private signature = ''
  private readonly earlyUsage: UsageReport[] = []

  /** `origin`: to whom signatures are bound. */
  constructor(origin: OpaqueOrigin) {
    this.origin = origin
  }

  /** Content is here: from now on the answer is committed to this account. */
  start(out: CompletionEvent[]): void {
    if (this.started) return
    this.started = true
    out.push({ type: 'message-start' })
    for (const usage of this.earlyUsage) out.push({ type: 'usage', usage })
    this.earlyUsage.length = 0
  }

  text(text: string, out: CompletionEvent[]): void {
    if (this.open !== 'text') {
      this.close(out)
      this.open = 'text'
      this.index += 1
      out.push({ type: 'text-start', index: this.index })
    }
    out.push({ type: 'text-delta', index: this.index, text })
  }

  reasoning(text: string, out: CompletionEvent[]): void {
    this.openReasoning(out)
    if (text !== '') out.push({ type: 'reasoning-delta', index: this.index, text })
  }

  sign(signature: string, out: CompletionEvent[]): void {
    if (this.open !== 'reasoning') this.openReasoning(out)
    this.signature += signature
  }

  redacted(value: string, out: CompletionEvent[]): void {
    this.close(out)
    this.index += 1
    out.push({ type: 'reasoning-start', index: this.index })
    out.push({ type: 'reasoning-end', index: this.index, redacted: this.seal(value) })
  }

  tool(id: string, name: string, json: string, out: CompletionEvent[]): void {
    this.close(out)
    this.index += 1
    out.push({ type: 'tool-start', index: this.index, id, name })
    out.push({ type: 'tool-delta', index: this.index, json })
    out.push({ type: 'tool-end', index: this.index })
  }

  foreign(block: ForeignBlock, out: CompletionEvent[]): void {
    this.close(out)
    this.index += 1
    out.push({ type: 'foreign', index: this.index, block })
  }

  usage(usage: UsageReport, out: CompletionEvent[]): void {
    if (this.started) out.push({ type: 'usage', usage })
    // A service that reports usage for ever without content must not fill the memory.
    else if (this.earlyUsage.length < 16) this.earlyUsage.push(usage)
  }

  /** Ends the open block, if any. */
  close(out: CompletionEvent[]): void {
    if (this.open === 'text') {
      out.push({ type: 'text-end', index: this.index })
    } else if (this.open === 'reasoning') {
      if (this.signature === '') out.push({ type: 'reasoning-end', index: this.index })
      else out.push({ type: 'reasoning-end', index: this.index, signature: this.seal(this.signature) })
      this.signature = ''
    }
    this.open = 'none'
  }

  private openReasoning(out: CompletionEvent[]): void {
    // Text after a signature belongs to the next block.
    if (this.open === 'reasoning' && this.signature === '') return
    this.close(out)
    this.open = 'reasoning'
    this.index += 1
    out.push({ type: 'reasoning-start', index: this.index })
  }

  private seal(value: string): Opaque {
    return { origin: this.origin, value }
  }
}
