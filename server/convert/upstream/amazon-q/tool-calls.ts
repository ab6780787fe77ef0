import type { CompletionEvent } from '../../../canonical/event.ts'
import { ProxyError } from '../../../canonical/error.ts'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { BlockWriter } from '../block-writer.ts'
import { cutToolNote } from './cut-tool-note.ts'
import type { ToolNameMap } from './tool-names.ts'

/** Characters of one call's input, and calls of one answer: bounds on memory, far above what a model can write. */
const MAX_INPUT = 16_000_000
const MAX_CALLS = 1_000

interface PendingCall {
  readonly id: string
  name: string
  input: string
  /** Its input was found incomplete when the next call began. */
  passedOver: boolean
}

export interface ToolCallsContext {
  readonly toolNames: ToolNameMap
  readonly declaredTools: ReadonlySet<string>
  /** Makes an id for a call that came without one. */
  readonly newId: () => string
}

/**
 * Collects the fragments of tool calls and writes each call once its input is whole: a client must never see half a
 * JSON text (amazon-q.md §3.3, §3.4). A call that stays incomplete becomes a note in the text.
 */
export class ToolCalls {
  /** Calls written, and calls replaced by a note. */
  written = 0
  cut = 0
  private readonly context: ToolCallsContext
  private readonly writer: BlockWriter
  private readonly open = new Map<string, PendingCall>()
  private readonly done = new Set<string>()
  /** The call that fragments without an id belong to; `undefined` also while a repeated call is ignored. */
  private current: PendingCall | undefined

  constructor(context: ToolCallsContext, writer: BlockWriter) {
    this.context = context
    this.writer = writer
  }

  /** Takes one `toolUseEvent`. */
  push(event: JsonObject, out: CompletionEvent[]): void {
    const { toolUseId, name, input, stop } = event
    const call = this.callOf(typeof toolUseId === 'string' ? toolUseId : '', typeof name === 'string' ? name : '', out)
    if (call === undefined) return
    if (typeof input === 'string') call.input += input
    else if (isJsonObject(input)) call.input = JSON.stringify(input)
    if (call.input.length > MAX_INPUT) throw tooMuch(`the input of one tool call is over ${MAX_INPUT} characters`)
    if (stop === true) this.finish(call, out)
  }

  /** No more fragments come: every call left open is written if it is whole after all, and noted if not. */
  end(out: CompletionEvent[]): void {
    for (const call of this.open.values()) this.finish(call, out)
  }

  private callOf(id: string, name: string, out: CompletionEvent[]): PendingCall | undefined {
    if (id === '' ? name === '' || name === this.current?.name : id === this.current?.id) {
      if (this.current !== undefined && this.current.name === '') this.current.name = name
      return this.current
    }
    if (this.done.has(id)) {
      // The same call once more, whole: its fragments are ignored, those without an id too.
      this.current = undefined
      return undefined
    }
    const known = this.open.get(id)
    if (known === undefined) this.settle(out)
    this.current = known ?? this.begin(id === '' ? this.context.newId() : id, name)
    return this.current
  }

  private begin(id: string, name: string): PendingCall {
    if (this.open.size + this.done.size >= MAX_CALLS) throw tooMuch(`the answer has more than ${MAX_CALLS} tool calls`)
    const call: PendingCall = { id, name, input: '', passedOver: false }
    this.open.set(id, call)
    return call
  }

  /** The next call begins. The one before it may lack its stop mark; if its input is whole, it keeps its place. */
  private settle(out: CompletionEvent[]): void {
    const call = this.current
    if (call === undefined || call.passedOver || !this.open.has(call.id)) return
    call.passedOver = true
    if (call.input !== '' && isObjectText(call.input)) this.finish(call, out)
  }

  private finish(call: PendingCall, out: CompletionEvent[]): void {
    this.open.delete(call.id)
    this.done.add(call.id)
    if (this.current === call) this.current = undefined
    const name = this.clientName(call.name)
    const json = call.input.trim() === '' ? '{}' : call.input
    if (call.name !== '' && isObjectText(json)) {
      this.written += 1
      this.writer.tool(call.id, name, json, out)
    } else {
      this.cut += 1
      this.writer.text(cutToolNote(name === '' ? 'unknown' : name, call.input.length), out)
    }
  }

  /** The name as the client declared it; models sometimes change a name's case. */
  private clientName(name: string): string {
    const { toolNames, declaredTools } = this.context
    const mapped = toolNames.get(name)
    if (mapped !== undefined) return mapped
    if (declaredTools.has(name)) return name
    const folded = name.toLowerCase()
    for (const declared of declaredTools) if (declared.toLowerCase() === folded) return declared
    return name
  }
}

function isObjectText(json: string): boolean {
  try {
    return isJsonObject(JSON.parse(json))
  } catch {
    return false
  }
}

function tooMuch(what: string): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    `The service's answer is out of all bounds: ${what}. The fault is the service's; try again.`,
  )
}
