import type { CompletionEvent, UsageReport } from '../../../canonical/event.ts'
import { sealSignature } from './signature-place.ts'

/** Writes the events of one answer so that blocks never overlap and their numbers count up. */
export class BlockWriter {
  started = false
  private readonly model: string
  /** Whether the client asked for reasoning: only then are there blocks that can carry signatures. */
  private readonly withReasoning: boolean
  private index = -1
  private open: 'none' | 'text' | 'reasoning' = 'none'

  constructor(model: string, withReasoning: boolean) {
    this.model = model
    this.withReasoning = withReasoning
  }

  start(out: CompletionEvent[]): void {
    if (this.started) return
    this.started = true
    out.push({ type: 'message-start' })
  }

  usage(usage: UsageReport, out: CompletionEvent[]): void {
    out.push({ type: 'usage', usage })
  }

  text(text: string, out: CompletionEvent[]): void {
    if (this.open !== 'text') this.begin('text', out)
    out.push({ type: 'text-delta', index: this.index, text })
  }

  /** A thought and, with its last piece, its signature. */
  thought(text: string, signature: string | undefined, out: CompletionEvent[]): void {
    if (!this.withReasoning) return
    if (this.open !== 'reasoning') this.begin('reasoning', out)
    if (text !== '') out.push({ type: 'reasoning-delta', index: this.index, text })
    if (signature !== undefined) this.endReasoning('thought', signature, out)
  }

  tool(id: string, name: string, json: string, signature: string | undefined, out: CompletionEvent[]): void {
    if (signature !== undefined && this.withReasoning) {
      if (this.open !== 'reasoning') this.begin('reasoning', out)
      this.endReasoning('call', signature, out)
    }
    this.close(out)
    this.start(out)
    this.index += 1
    out.push({ type: 'tool-start', index: this.index, id, name })
    out.push({ type: 'tool-delta', index: this.index, json })
    out.push({ type: 'tool-end', index: this.index })
  }

  /** Ends the open block, if any. */
  close(out: CompletionEvent[]): void {
    if (this.open === 'text') out.push({ type: 'text-end', index: this.index })
    else if (this.open === 'reasoning') out.push({ type: 'reasoning-end', index: this.index })
    this.open = 'none'
  }

  private begin(kind: 'text' | 'reasoning', out: CompletionEvent[]): void {
    this.close(out)
    this.start(out)
    this.open = kind
    this.index += 1
    out.push({ type: `${kind}-start`, index: this.index })
  }

  private endReasoning(place: 'thought' | 'call', signature: string, out: CompletionEvent[]): void {
    out.push({ type: 'reasoning-end', index: this.index, signature: sealSignature(place, signature, this.model) })
    this.open = 'none'
  }
}
