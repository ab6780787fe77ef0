import type { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, FinishReason, Usage } from '../../../canonical/event.ts'
import type { Opaque } from '../../../canonical/request.ts'
import type { WireCallItem, WireOutputItem } from '../../../wire/openai-responses/answer.ts'
import { jsonLine, jsonString } from '../json-string.ts'
import { encodeCall, prefixOf, targetOf } from './encode-call.ts'
import { encodeFailure } from './encode-failure.ts'
import { outputText, reasoningItem } from './encode-message.ts'
import { encodeResponse, endOf, itemId, type ResponseContext, type ResponseEnd, responseId } from './encode-response.ts'
import { encodeEncryptedContent } from './encrypted-content.ts'
import {
  begunCall,
  createEventWriter,
  deltaHead,
  emptyMessage,
  emptyReasoning,
  type ItemPlace,
  place,
  summaryPart,
} from './event-text.ts'
import type { CallTarget } from './tool-table.ts'

/** Encodes one stream. */
export interface ResponsesStreamEncoder {
  /** The SSE text of a whole batch; may be empty. */
  encode(events: readonly CompletionEvent[]): string
  /** The last event of a stream that failed. An item that is open stays open: a finished one would be acted on. */
  error(error: ProxyError): string
}

export interface ResponsesStreamContext extends ResponseContext {
  /** The best figures when the answer is complete; asked once, while `finish` is encoded. */
  finalUsage(): Usage
}

/**
 * Keeps a silent stream alive. A named event, because comments do not count as life for Codex (clients.md §2), and one
 * that the official SDK knows.
 */
export const KEEPALIVE_EVENT = 'event: keepalive\ndata: {"type":"keepalive"}\n\n'

/**
 * An encoder of completion events as the events of the Responses API (clients.md §2). It expects a stream that keeps the
 * contract in canonical/event.ts. Deltas are written from templates, as in the Anthropic dialect.
 */
export function createResponsesStreamEncoder(context: ResponsesStreamContext): ResponsesStreamEncoder {
  return new ResponsesEncoder(context)
}

/** The item under way. Its first event waits for its first content: an item that would say nothing is left out. */
interface OpenItem extends ItemPlace {
  started: boolean
  /** The text, reasoning or JSON so far. */
  content: string
  /** Everything of a delta event up to its sequence number. */
  deltaHead: string
  readonly target?: CallTarget
  readonly callId?: string
}

class ResponsesEncoder implements ResponsesStreamEncoder {
  readonly #context: ResponsesStreamContext
  readonly #output: WireOutputItem[] = []
  #open: OpenItem = { index: 0, id: '', started: false, content: '', deltaHead: '' }
  readonly #writer = createEventWriter()

  constructor(context: ResponsesStreamContext) {
    this.#context = context
  }

  encode(events: readonly CompletionEvent[]): string {
    let text = ''
    for (const event of events) text += this.#encodeOne(event)
    return text
  }

  error(error: ProxyError): string {
    return this.#end({ status: 'failed', error: encodeFailure(error), incomplete: null }, undefined)
  }

  #encodeOne(event: CompletionEvent): string {
    switch (event.type) {
      case 'text-delta':
        return event.text === '' ? '' : this.#startText() + this.#delta(event.text)
      case 'reasoning-delta':
        return this.#reasoningDelta(event.text)
      case 'tool-delta':
        return this.#toolDelta(event.json)
      case 'text-start':
        return this.#begin('msg')
      case 'reasoning-start':
        return this.#begin('rs')
      case 'tool-start':
        return this.#startTool(event.id, event.name)
      case 'text-end':
        return this.#endText()
      case 'reasoning-end':
        return this.#endReasoning(event.signature, event.redacted)
      case 'tool-end':
        return this.#endTool()
      case 'message-start':
        return this.#lifecycle('response.created') + this.#lifecycle('response.in_progress')
      case 'finish':
        return this.#finish(event.reason)
      case 'foreign':
      case 'usage':
        return ''
    }
  }

  #begin(prefix: string): '' {
    const index = this.#output.length
    this.#open = { index, id: itemId(this.#context, prefix, index), started: false, content: '', deltaHead: '' }
    return ''
  }

  #startText(): string {
    if (this.#open.started) return ''
    const { id } = this.#start('response.output_text.delta', '"content_index":0,"logprobs":[],')
    return (
      this.#added(emptyMessage(id)) +
      this.#writer.event(
        'response.content_part.added',
        `${place(this.#open)},"content_index":0,"part":${jsonLine(outputText(''))}`,
      )
    )
  }

  #endText(): string {
    const { started, content, index, id } = this.#open
    if (!started) return ''
    const part = outputText(content)
    const where = `${place(this.#open)},"content_index":0`
    return (
      this.#writer.event('response.output_text.done', `${where},"logprobs":[],"text":${jsonString(content)}`) +
      this.#writer.event('response.content_part.done', `${where},"part":${jsonLine(part)}`) +
      this.#done(index, { type: 'message', id, status: 'completed', role: 'assistant', content: [part] })
    )
  }

  #reasoningDelta(text: string): string {
    if (text === '') return ''
    if (this.#context.showsReasoning) return this.#startSummary() + this.#delta(text)
    this.#open.content += text
    return ''
  }

  #startSummary(): string {
    if (this.#open.started) return ''
    const { id } = this.#start('response.reasoning_summary_text.delta', '"summary_index":0,')
    return (
      this.#added(emptyReasoning(id)) +
      this.#writer.event(
        'response.reasoning_summary_part.added',
        `${place(this.#open)},"summary_index":0,"part":${summaryPart('')}`,
      )
    )
  }

  #endReasoning(signature: Opaque | undefined, redacted: Opaque | undefined): string {
    const { started, content, index, id } = this.#open
    const block = {
      text: content,
      ...(signature === undefined ? {} : { signature }),
      ...(redacted === undefined ? {} : { redacted }),
    }
    const encrypted = encodeEncryptedContent(block, this.#context.showsReasoning)
    if (!started && encrypted === null) return ''
    const item = reasoningItem(id, started ? content : '', encrypted)
    if (!started) {
      return this.#added(emptyReasoning(id)) + this.#done(index, item)
    }
    const where = `${place(this.#open)},"summary_index":0`
    return (
      this.#writer.event('response.reasoning_summary_text.done', `${where},"text":${jsonString(content)}`) +
      this.#writer.event('response.reasoning_summary_part.done', `${where},"part":${summaryPart(content)}`) +
      this.#done(index, item)
    )
  }

  #startTool(callId: string, name: string): string {
    const target = targetOf(name, this.#context.facts.tools)
    this.#begin(prefixOf(target))
    this.#open = { ...this.#open, target, callId }
    if (target.kind !== 'function') return ''
    this.#start('response.function_call_arguments.delta', '')
    return this.#added(jsonLine(begunCall(this.#call(''))))
  }

  /** Only functions take their input as it comes; the others' is read from the whole of it. */
  #toolDelta(fragment: string): string {
    if (this.#open.started) return this.#delta(fragment)
    this.#open.content += fragment
    return ''
  }

  #endTool(): string {
    const { started, index } = this.#open
    const call = this.#call(this.#open.content === '' ? '{}' : this.#open.content)
    if (started && call.type === 'function_call') {
      const emptyDelta = this.#open.content === '' ? this.#delta('{}') : ''
      const text = this.#writer.event(
        'response.function_call_arguments.done',
        `${place(this.#open)},"name":${jsonString(call.name)},"arguments":${jsonString(call.arguments)}`,
      )
      return emptyDelta + text + this.#done(index, call)
    }
    const added = this.#added(jsonLine(begunCall(call)))
    if (call.type !== 'custom_tool_call') return added + this.#done(index, call)
    const input = jsonString(call.input)
    return (
      added +
      this.#writer.event('response.custom_tool_call_input.delta', `${place(this.#open)},"delta":${input}`) +
      this.#writer.event('response.custom_tool_call_input.done', `${place(this.#open)},"input":${input}`) +
      this.#done(index, call)
    )
  }

  #call(input: string): WireCallItem {
    const { target, id, callId } = this.#open
    return encodeCall(target ?? { kind: 'function', name: '' }, id, callId ?? '', input)
  }

  #start(delta: string, members: string): OpenItem {
    this.#open.started = true
    this.#open.deltaHead = deltaHead(delta, this.#open, members)
    return this.#open
  }

  #delta(text: string): string {
    this.#open.content += text
    return this.#writer.delta(this.#open.deltaHead, text)
  }

  #added(item: string): string {
    return this.#writer.event('response.output_item.added', `"output_index":${this.#open.index},"item":${item}`)
  }

  #done(index: number, item: WireOutputItem): string {
    this.#output.push(item)
    return this.#writer.event('response.output_item.done', `"output_index":${index},"item":${jsonLine(item)}`)
  }

  #lifecycle(type: string): string {
    return this.#writer.event(type, `"response":${jsonLine(encodeResponse(this.#context, [], undefined, undefined))}`)
  }

  #finish(reason: FinishReason): string {
    return this.#end(endOf(reason), this.#context.finalUsage())
  }

  #end(end: ResponseEnd, usage: Usage | undefined): string {
    const response = jsonLine(encodeResponse(this.#context, this.#output, usage, end))
    if (usage !== undefined && this.#context.facts.remember !== undefined) {
      this.#context.remember(responseId(this.#context), response)
    }
    return this.#writer.event(`response.${end.status}`, `"response":${response}`)
  }
}
