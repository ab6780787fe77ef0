import type { CompletionEvent, FinishReason } from '../../../canonical/event.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import { createSseDecoder, type SseDecoder, SseError, type SseEvent } from '../../../codec/sse/index.ts'
import { BlockWriter } from '../block-writer.ts'
import { decodeAnthropicErrorEvent } from './decode-error.ts'
import { usageOf } from './decode-usage.ts'
import { cutAnswer, damaged, emptyAnswer } from '../stream-faults.ts'

export interface AnthropicStreamDecoder {
  /** `message_stop` was read: nothing more will come. */
  readonly stopped: boolean
  /** Decodes some bytes; what they yield is appended to `out`. Throws `ProxyError`. */
  push(chunk: Uint8Array, out: CompletionEvent[]): void
  /** The bytes have ended, or `stopped` is true. Throws `ProxyError` if the answer is empty or cut. */
  end(out: CompletionEvent[]): void
}

/** Decodes one streamed answer of the Messages API. `model`: the id that reasoning signatures are bound to. */
export function createAnthropicStreamDecoder(model: string): AnthropicStreamDecoder {
  return new StreamDecoder(model)
}

/** A tool call is held back until it is whole. */
interface ToolCall {
  readonly id: string
  readonly name: string
  readonly input: JsonValue | undefined
  json: string
}

/** Characters of one tool call's input. */
const LONGEST_INPUT = 32 * 1024 * 1024

class StreamDecoder implements AnthropicStreamDecoder {
  stopped = false
  private readonly sse: SseDecoder = createSseDecoder()
  private readonly writer: BlockWriter
  private readonly tools = new Map<JsonValue | undefined, ToolCall>()
  private readonly foreign = new Map<JsonValue | undefined, { readonly block: JsonObject; json: string }>()
  private readonly toolIds = new Set<string>()
  private cutTool = false
  private stopReason: string | undefined
  private stopSequence: string | undefined

  constructor(model: string) {
    this.writer = new BlockWriter({ upstream: 'anthropic', model })
  }

  push(chunk: Uint8Array, out: CompletionEvent[]): void {
    for (const event of this.decoded(() => this.sse.decode(chunk))) this.take(event, out)
  }

  end(out: CompletionEvent[]): void {
    if (!this.stopped) for (const event of this.decoded(() => this.sse.end())) this.take(event, out)
    if (!this.stopped && this.stopReason === undefined) throw cutAnswer()
    const reason = finishReasonOf(this.stopReason)
    // Only the limit of tokens may end an answer inside a call.
    if (this.tools.size > 0 || this.cutTool) {
      if (reason !== 'max-tokens' && reason !== 'context-window-exceeded') throw cutAnswer()
    }
    if (!this.writer.started) {
      if (reason === 'end-turn' || reason === 'tool-use') throw emptyAnswer()
      this.writer.start(out)
    }
    this.writer.close(out)
    out.push({
      type: 'finish',
      reason,
      ...(this.stopReason === undefined ? {} : { raw: this.stopReason }),
      ...(this.stopSequence === undefined ? {} : { stopSequence: this.stopSequence }),
    })
  }

  private decoded(read: () => SseEvent[]): SseEvent[] {
    try {
      return read()
    } catch (error) {
      throw error instanceof SseError ? damaged(error) : error
    }
  }

  private take({ event: name, data }: SseEvent, out: CompletionEvent[]): void {
    if (this.stopped || data === '' || data === '[DONE]') return
    const event = parsed(data)
    switch (event['type'] ?? name) {
      case 'message_start':
        this.usage(at(event, 'message')['usage'], out)
        return
      case 'content_block_start':
        this.startBlock(event['index'], at(event, 'content_block'), out)
        return
      case 'content_block_delta':
        this.delta(event['index'], at(event, 'delta'), out)
        return
      case 'content_block_stop':
        this.stopBlock(event['index'], out)
        return
      case 'message_delta':
        this.stopReason = textOf(at(event, 'delta'), 'stop_reason') || this.stopReason
        this.stopSequence = textOf(at(event, 'delta'), 'stop_sequence') || this.stopSequence
        this.usage(event['usage'], out)
        return
      case 'message_stop':
        this.stopped = true
        return
      case 'error':
        throw decodeAnthropicErrorEvent(event)
      default:
      // `ping`, and whatever comes next.
    }
  }

  private startBlock(index: JsonValue | undefined, block: JsonObject, out: CompletionEvent[]): void {
    switch (block['type']) {
      case 'text':
        this.text(textOf(block, 'text'), out)
        return
      case 'thinking':
        this.writer.start(out)
        this.writer.reasoning(textOf(block, 'thinking'), out)
        if (textOf(block, 'signature') !== '') this.writer.sign(textOf(block, 'signature'), out)
        return
      case 'redacted_thinking':
        this.writer.start(out)
        this.writer.redacted(textOf(block, 'data'), out)
        return
      case 'tool_use':
        this.tools.set(index, {
          id: this.uniqueId(textOf(block, 'id')),
          name: textOf(block, 'name'),
          input: block['input'],
          json: '',
        })
        return
      case undefined:
        return
      default:
        // Blocks of the provider's own tools, their input held back as that of a call.
        this.foreign.set(index, { block, json: '' })
    }
  }

  private delta(index: JsonValue | undefined, delta: JsonObject, out: CompletionEvent[]): void {
    switch (delta['type']) {
      case 'text_delta':
        this.text(textOf(delta, 'text'), out)
        return
      case 'thinking_delta':
        this.writer.start(out)
        this.writer.reasoning(textOf(delta, 'thinking'), out)
        return
      case 'signature_delta':
        if (textOf(delta, 'signature') === '') return
        this.writer.start(out)
        this.writer.sign(textOf(delta, 'signature'), out)
        return
      case 'input_json_delta': {
        const call = this.tools.get(index) ?? this.foreign.get(index)
        if (call === undefined) return
        call.json += textOf(delta, 'partial_json')
        if (call.json.length > LONGEST_INPUT) throw cutAnswer()
        return
      }
      default:
      // `citations_delta` and whatever comes next.
    }
  }

  private stopBlock(index: JsonValue | undefined, out: CompletionEvent[]): void {
    const call = this.tools.get(index)
    if (call === undefined) {
      this.stopOther(index, out)
      return
    }
    this.tools.delete(index)
    const json = wholeInput(call)
    if (json === undefined || call.name === '') {
      this.cutTool = true
      return
    }
    this.writer.start(out)
    this.writer.tool(call.id, call.name, json, out)
  }

  private stopOther(index: JsonValue | undefined, out: CompletionEvent[]): void {
    const foreign = this.foreign.get(index)
    if (foreign === undefined) {
      this.writer.close(out)
      return
    }
    this.foreign.delete(index)
    const json = wholeInput({ input: foreign.block['input'], json: foreign.json })
    if (json === undefined) return
    const input = foreign.json === '' ? {} : { input: JSON.parse(json) as JsonObject }
    this.writer.start(out)
    this.writer.foreign({ type: 'foreign', dialect: 'anthropic', value: { ...foreign.block, ...input }, text: '' }, out)
  }

  private text(text: string, out: CompletionEvent[]): void {
    if (text === '') return
    this.writer.start(out)
    this.writer.text(text, out)
  }

  private usage(value: JsonValue | undefined, out: CompletionEvent[]): void {
    const usage = usageOf(value)
    if (usage !== undefined) this.writer.usage(usage, out)
  }

  /** Some compatible services count their ids anew in every answer, or give none. */
  private uniqueId(id: string): string {
    const unique = id === '' || this.toolIds.has(id) ? `toolu_${globalThis.crypto.randomUUID()}` : id
    this.toolIds.add(unique)
    return unique
  }
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['tool_use', 'tool-use'],
  ['pause_turn', 'paused'],
  ['max_tokens', 'max-tokens'],
  ['stop_sequence', 'stop-sequence'],
  ['refusal', 'refusal'],
  ['model_context_window_exceeded', 'context-window-exceeded'],
])

function finishReasonOf(stopReason: string | undefined): FinishReason {
  return REASONS.get(stopReason ?? '') ?? 'end-turn'
}

/** The text of the call's input, a JSON object; undefined: it is cut or none. */
function wholeInput({ json, input }: Pick<ToolCall, 'json' | 'input'>): string | undefined {
  if (json.trim() === '') return isJsonObject(input) ? JSON.stringify(input) : '{}'
  try {
    return isJsonObject(JSON.parse(json)) ? json : undefined
  } catch {
    return undefined
  }
}

function parsed(data: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch (error) {
    throw damaged(error)
  }
  if (!isJsonObject(value)) throw damaged(undefined)
  return value
}

function at(object: JsonObject, name: string): JsonObject {
  const value = object[name]
  return isJsonObject(value) ? value : {}
}

function textOf(object: JsonObject, name: string): string {
  const value = object[name]
  return typeof value === 'string' ? value : ''
}
