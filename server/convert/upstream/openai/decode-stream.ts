import type { CompletionEvent, FinishReason, UsageReport } from '../../../canonical/event.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import { createSseDecoder, type SseDecoder, SseError, type SseEvent } from '../../../codec/sse/index.ts'
import { BlockWriter } from '../block-writer.ts'
import { cutAnswer, damaged, emptyAnswer } from '../stream-faults.ts'
import { decodeChatErrorChunk } from './decode-error.ts'

export interface ChatStreamDecoder {
  /** `[DONE]` was read: nothing more will come. */
  readonly stopped: boolean
  /** Decodes some bytes; what they yield is appended to `out`. Throws `ProxyError`. */
  push(chunk: Uint8Array, out: CompletionEvent[]): void
  /** The bytes have ended, or `stopped` is true. Throws `ProxyError` if the answer is empty or cut. */
  end(out: CompletionEvent[]): void
}

/** Decodes one streamed answer of Chat Completions. */
export function createChatStreamDecoder(model: string): ChatStreamDecoder {
  return new StreamDecoder(model)
}

/** A call is held back until the answer says how it ends. */
interface Call {
  id: string
  name: string
  json: string
}

const MOST_CALLS = 1_000
/** Characters of all calls' arguments together. */
const LONGEST_INPUT = 32 * 1024 * 1024

class StreamDecoder implements ChatStreamDecoder {
  stopped = false
  private readonly sse: SseDecoder = createSseDecoder()
  private readonly writer: BlockWriter
  private readonly calls = new Map<JsonValue, Call>()
  private inputLength = 0
  private finishReason: string | undefined

  constructor(model: string) {
    this.writer = new BlockWriter({ upstream: 'openai', model })
  }

  push(chunk: Uint8Array, out: CompletionEvent[]): void {
    for (const event of this.decoded(() => this.sse.decode(chunk))) this.take(event, out)
  }

  end(out: CompletionEvent[]): void {
    if (!this.stopped) for (const event of this.decoded(() => this.sse.end())) this.take(event, out)
    if (this.finishReason === undefined) throw cutAnswer()
    const hasCalls = this.writeCalls(out)
    const reason = reasonOf(this.finishReason, hasCalls)
    if (!this.writer.started) {
      if (reason === 'end-turn' || reason === 'tool-use') throw emptyAnswer()
      this.writer.start(out)
    }
    this.writer.close(out)
    out.push({ type: 'finish', reason, raw: this.finishReason })
  }

  private decoded(read: () => SseEvent[]): SseEvent[] {
    try {
      return read()
    } catch (error) {
      throw error instanceof SseError ? damaged(error) : error
    }
  }

  private take({ data }: SseEvent, out: CompletionEvent[]): void {
    if (this.stopped || data === '') return
    if (data.trim() === '[DONE]') {
      this.stopped = true
      return
    }
    const chunk = parsed(data)
    if ((chunk['error'] ?? null) !== null) throw decodeChatErrorChunk(chunk)
    const usage = usageOf(chunk['usage'])
    if (usage !== undefined) this.writer.usage(usage, out)
    const choices = chunk['choices']
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
    if (!isJsonObject(choice)) return
    if (isJsonObject(choice['delta'])) this.delta(choice['delta'], out)
    this.finishReason = textOf(choice, 'finish_reason') || this.finishReason
  }

  private delta(delta: JsonObject, out: CompletionEvent[]): void {
    const reasoning = textOf(delta, 'reasoning_content') || textOf(delta, 'reasoning')
    if (reasoning !== '') {
      this.writer.start(out)
      this.writer.reasoning(reasoning, out)
    }
    const text = textOf(delta, 'content') + textOf(delta, 'refusal')
    if (text !== '') {
      this.writer.start(out)
      this.writer.text(text, out)
    }
    const calls = delta['tool_calls']
    if (!Array.isArray(calls)) return
    for (const [position, call] of calls.entries()) if (isJsonObject(call)) this.call(call, position)
  }

  /** Services number calls, or only name them in their first piece, or send each whole. */
  private call(piece: JsonObject, position: number): void {
    const id = textOf(piece, 'id')
    const called = isJsonObject(piece['function']) ? piece['function'] : {}
    const key = piece['index'] ?? (id || position)
    let call = this.calls.get(key)
    if (call === undefined) {
      if (this.calls.size >= MOST_CALLS) throw damaged(undefined)
      call = { id: '', name: '', json: '' }
      this.calls.set(key, call)
    }
    call.id ||= id
    call.name ||= textOf(called, 'name')
    const given = called['arguments']
    const json = isJsonObject(given) ? JSON.stringify(given) : textOf(called, 'arguments')
    this.inputLength += json.length
    if (this.inputLength > LONGEST_INPUT) throw damaged(undefined)
    call.json += json
  }

  /** Writes the calls that are whole. Only the limit of tokens may leave one unfinished. */
  private writeCalls(out: CompletionEvent[]): boolean {
    const ids = new Set<string>()
    let written = 0
    for (const call of this.calls.values()) {
      const json = wholeInput(call.json)
      if (json === undefined || call.name === '') {
        if (this.finishReason !== 'length') throw cutAnswer()
        continue
      }
      const id = call.id === '' || ids.has(call.id) ? `call_${globalThis.crypto.randomUUID()}` : call.id
      ids.add(id)
      this.writer.start(out)
      this.writer.tool(id, call.name, json, out)
      written += 1
    }
    return written > 0
  }
}

function reasonOf(raw: string, hasCalls: boolean): FinishReason {
  if (raw === 'length') return 'max-tokens'
  if (raw === 'content_filter') return 'refusal'
  // Some services say `stop` after calls.
  return hasCalls ? 'tool-use' : 'end-turn'
}

function wholeInput(json: string): string | undefined {
  if (json.trim() === '') return '{}'
  try {
    return isJsonObject(JSON.parse(json)) ? json : undefined
  } catch {
    return undefined
  }
}

/** OpenAI's input count holds the cached tokens, ours does not. */
function usageOf(value: JsonValue | undefined): UsageReport | undefined {
  if (!isJsonObject(value)) return undefined
  const prompt = tokens(value['prompt_tokens'])
  const details = value['prompt_tokens_details']
  const cached = isJsonObject(details) ? tokens(details['cached_tokens']) : undefined
  const output = tokens(value['completion_tokens'])
  const outputDetails = value['completion_tokens_details']
  const reasoning = isJsonObject(outputDetails) ? tokens(outputDetails['reasoning_tokens']) : undefined
  const usage: UsageReport = {
    ...(prompt === undefined ? {} : { inputTokens: Math.max(0, prompt - (cached ?? 0)) }),
    ...(cached === undefined ? {} : { cacheReadTokens: cached }),
    ...(output === undefined ? {} : { outputTokens: output }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
  }
  return Object.keys(usage).length === 0 ? undefined : usage
}

function tokens(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined
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

function textOf(object: JsonObject, name: string): string {
  const value = object[name]
  return typeof value === 'string' ? value : ''
}
