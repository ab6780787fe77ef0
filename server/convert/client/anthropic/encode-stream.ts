import type { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, Usage } from '../../../canonical/event.ts'
import type { ForeignBlock, Opaque, ReasoningRequest } from '../../../canonical/request.ts'
import { encodeUsage, stopReason } from './answer-fields.ts'
import { encodeAnthropicErrorBody } from './encode-error.ts'
import { jsonString } from '../json-string.ts'
import { encodeOpaque } from '../opaque-text.ts'

/** What an answer's encoding depends on besides its events. */
export interface MessagesEncodeContext {
  /** `msg_…`, unique. */
  readonly messageId: string
  /** The model name that the client asked for. */
  readonly model: string
  /** An estimate for `message_start`; asked once. */
  initialUsage(): Usage
  /** The best figures when the answer is complete, for `message_delta`; asked once, while `finish` is encoded. */
  finalUsage(): Usage
  /** `omitted`: thinking blocks go out with their signature only. */
  readonly reasoningDisplay?: NonNullable<ReasoningRequest['display']>
}

/** Encodes one stream. */
export interface MessagesStreamEncoder {
  /** The SSE text of a whole batch; may be empty. */
  encode(events: readonly CompletionEvent[]): string
  /** The last event of a stream that failed. A block that is open stays open: a finished one would be acted on. */
  error(error: ProxyError): string
}

/** Keeps a silent stream alive: a real event, because Claude Code and the SDKs expect `ping` (clients.md §6 line 10). */
export const PING_EVENT = 'event: ping\ndata: {"type":"ping"}\n\n'

/**
 * An encoder of completion events as Anthropic's server-sent events (clients.md §1.6). It expects a stream that keeps
 * the contract in canonical/event.ts. Events are written from templates, since an object per event costs more than all
 * the rest (performance.md).
 */
export function createMessagesStreamEncoder(context: MessagesEncodeContext): MessagesStreamEncoder {
  return new MessagesEncoder(context)
}

class MessagesEncoder implements MessagesStreamEncoder {
  readonly #context: MessagesEncodeContext
  readonly #showsReasoning: boolean
  /** A reasoning block whose start is held back: whether it is a redacted one shows with its end or first delta. */
  #held = false
  #hasDelta = false

  constructor(context: MessagesEncodeContext) {
    this.#context = context
    this.#showsReasoning = context.reasoningDisplay !== 'omitted'
  }

  encode(events: readonly CompletionEvent[]): string {
    let text = ''
    for (const event of events) text += this.#encodeOne(event)
    return text
  }

  error(error: ProxyError): string {
    return `event: error\ndata: ${JSON.stringify(encodeAnthropicErrorBody(error))}\n\n`
  }

  #encodeOne(event: CompletionEvent): string {
    switch (event.type) {
      case 'text-delta':
        return delta(event.index, `{"type":"text_delta","text":${jsonString(event.text)}}`)
      case 'tool-delta':
        this.#hasDelta = true
        return inputDelta(event.index, event.json)
      case 'reasoning-delta':
        return this.#startReasoning(event.index) + this.#reasoningDelta(event.index, event.text)
      case 'text-start':
        return start(event.index, '{"type":"text","text":""}')
      case 'reasoning-start':
        this.#held = true
        return ''
      case 'tool-start':
        this.#hasDelta = false
        return start(
          event.index,
          `{"type":"tool_use","id":${jsonString(event.id)},"name":${jsonString(event.name)},"input":{}}`,
        )
      case 'text-end':
        return stop(event.index)
      case 'tool-end':
        // Clients take the input from deltas only (clients.md §1.6), so a call without input gets one as well.
        return this.#hasDelta ? stop(event.index) : inputDelta(event.index, '{}') + stop(event.index)
      case 'reasoning-end':
        return this.#endReasoning(event.index, event.signature, event.redacted)
      case 'foreign':
        return foreignBlock(event.index, event.block)
      case 'message-start':
        return this.#messageStart()
      case 'finish':
        return this.#finish(event.reason, event.stopSequence)
      case 'usage':
        return ''
    }
  }

  #startReasoning(index: number): string {
    if (!this.#held) return ''
    this.#held = false
    return start(index, '{"type":"thinking","thinking":"","signature":""}')
  }

  #reasoningDelta(index: number, text: string): string {
    return this.#showsReasoning ? delta(index, `{"type":"thinking_delta","thinking":${jsonString(text)}}`) : ''
  }

  #endReasoning(index: number, signature: Opaque | undefined, redacted: Opaque | undefined): string {
    if (redacted !== undefined) {
      return start(index, `{"type":"redacted_thinking","data":${jsonString(encodeOpaque(redacted))}}`) + stop(index)
    }
    const signed =
      signature === undefined
        ? ''
        : delta(index, `{"type":"signature_delta","signature":${jsonString(encodeOpaque(signature))}}`)
    return this.#startReasoning(index) + signed + stop(index)
  }

  #messageStart(): string {
    const { messageId, model } = this.#context
    const usage = JSON.stringify(encodeUsage(this.#context.initialUsage()))
    const head = `"id":${jsonString(messageId)},"type":"message","role":"assistant","model":${jsonString(model)}`
    const message = `{${head},"content":[],"stop_reason":null,"stop_sequence":null,"usage":${usage}}`
    return `event: message_start\ndata: {"type":"message_start","message":${message}}\n\n`
  }

  #finish(reason: Parameters<typeof stopReason>[0], stopSequence: string | undefined): string {
    const usage = JSON.stringify(encodeUsage(this.#context.finalUsage()))
    const sequence = stopSequence === undefined ? 'null' : jsonString(stopSequence)
    const change = `{"stop_reason":"${stopReason(reason)}","stop_sequence":${sequence}}`
    return (
      `event: message_delta\ndata: {"type":"message_delta","delta":${change},"usage":${usage}}\n\n` +
      'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    )
  }
}

/** Blocks of another dialect stand in their words, so that the numbers of the blocks stay whole. */
function foreignBlock(index: number, { dialect, value, text }: ForeignBlock): string {
  if (dialect !== 'anthropic') {
    const words = text === '' ? '' : delta(index, `{"type":"text_delta","text":${jsonString(text)}}`)
    return start(index, '{"type":"text","text":""}') + words + stop(index)
  }
  const { input } = value
  // As with any other tool, clients take the input of a server tool from deltas only.
  if (input === undefined) return start(index, JSON.stringify(value)) + stop(index)
  const empty = JSON.stringify({ ...value, input: {} })
  return start(index, empty) + inputDelta(index, JSON.stringify(input)) + stop(index)
}

function start(index: number, block: string): string {
  return `event: content_block_start\ndata: {"type":"content_block_start","index":${index},"content_block":${block}}\n\n`
}

function delta(index: number, change: string): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":${change}}\n\n`
}

function inputDelta(index: number, json: string): string {
  return delta(index, `{"type":"input_json_delta","partial_json":${jsonString(json)}}`)
}

function stop(index: number): string {
  return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`
}
