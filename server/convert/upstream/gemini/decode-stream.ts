import { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, FinishReason, UsageReport } from '../../../canonical/event.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { geminiChunkSchema, type GeminiAnswerPart, type GeminiUsage } from '../../../wire/gemini/answer.ts'
import { isValidToolUseId } from '../../history/tool-use-ids.ts'
import { BlockWriter } from './block-writer.ts'
import { decodeGeminiErrorChunk } from './decode-error.ts'
import type { ToolNameMap } from './tool-names.ts'

export interface GeminiStreamDecoder {
  /** Decodes the data of one server-sent event; what it yields is appended to `out`. Throws `ProxyError`. */
  push(data: string, out: CompletionEvent[]): void
  /** The stream has ended. Throws `ProxyError` if the answer is empty or was cut. */
  end(out: CompletionEvent[]): void
}

export interface GeminiStreamContext {
  /** The upstream's id of the model; thought signatures are bound to it. */
  readonly model: string
  readonly toolNames: ToolNameMap
  /** Whether the client asked for reasoning. */
  readonly reasoning: boolean
  /** Makes the id of a call that came without one; a random one unless given. */
  readonly newId?: () => string
}

/** Decodes one answer of `:streamGenerateContent?alt=sse` into canonical events (gemini.md §5, §8.4). */
export function createGeminiStreamDecoder(context: GeminiStreamContext): GeminiStreamDecoder {
  return new StreamDecoder(context)
}

const REFUSALS: ReadonlySet<string> = new Set(
  'SAFETY PROHIBITED_CONTENT BLOCKLIST SPII RECITATION IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT'.split(' '),
)
/** The model wrote a call that the service could not read: asking again often helps. */
const BROKEN_CALLS: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL'])

class StreamDecoder implements GeminiStreamDecoder {
  private readonly context: GeminiStreamContext
  private readonly writer: BlockWriter
  private readonly ids = new Set<string>()
  private usage: UsageReport | undefined
  private isUsageTold = false
  private calls = 0
  private hasText = false
  private finishReason: string | undefined
  private blockReason: string | undefined

  constructor(context: GeminiStreamContext) {
    this.context = context
    this.writer = new BlockWriter(context.model, context.reasoning)
  }

  push(data: string, out: CompletionEvent[]): void {
    // Not part of this protocol, but of the proxies that imitate it.
    if (data.trim() === '[DONE]') return
    const parsed = parseChunk(data)
    const failure = decodeGeminiErrorChunk(parsed)
    if (failure !== undefined) throw failure
    const chunk = geminiChunkSchema.safeParse(parsed)
    if (!chunk.success) throw damagedChunk(chunk.error)
    const { candidates, promptFeedback, usageMetadata } = chunk.data
    if (usageMetadata !== undefined) this.usage = usageOf(usageMetadata)
    if (promptFeedback?.blockReason !== undefined) this.blockReason = promptFeedback.blockReason
    const candidate = candidates[0]
    for (const part of candidate?.content?.parts ?? []) this.pushPart(part, out)
    if (candidate?.finishReason !== undefined) this.finishReason = candidate.finishReason
    // The first figures tell the client how long its prompt was; the last ones count.
    if (this.writer.started && !this.isUsageTold && this.usage !== undefined) {
      this.isUsageTold = true
      this.writer.usage(this.usage, out)
    }
  }

  end(out: CompletionEvent[]): void {
    const reason = this.reason()
    this.writer.start(out)
    this.writer.close(out)
    if (this.usage !== undefined) this.writer.usage(this.usage, out)
    const raw = this.finishReason ?? this.blockReason
    out.push({ type: 'finish', reason, ...(raw === undefined ? {} : { raw: raw.slice(0, 100) }) })
  }

  private pushPart(part: GeminiAnswerPart, out: CompletionEvent[]): void {
    const { text = '', functionCall } = part
    const signature = part.thoughtSignature === '' ? undefined : part.thoughtSignature
    if (functionCall !== undefined) {
      const { name = '', args } = functionCall
      this.calls += 1
      const json = isJsonObject(args) ? JSON.stringify(args) : '{}'
      this.writer.tool(this.idOf(functionCall.id), this.context.toolNames.get(name) ?? name, json, signature, out)
    } else if (part.thought === true) {
      if (text !== '' || signature !== undefined) this.writer.thought(text, signature, out)
    } else if (text !== '') {
      // A signature on visible text is optional and has no block that could carry it (gemini.md §4.4 rule 1).
      this.hasText = true
      this.writer.text(text, out)
    }
  }

  /** Gemini's own id, which it wants back, or a new one (gemini.md §8.3). */
  private idOf(given: string | undefined): string {
    let id = given
    while (id === undefined || !isValidToolUseId(id) || this.ids.has(id)) {
      id = this.context.newId?.() ?? `toolu_${globalThis.crypto.randomUUID().replaceAll('-', '')}`
    }
    this.ids.add(id)
    return id
  }

  /** Throws for what is no answer (gemini.md §5, §8.4). */
  private reason(): FinishReason {
    const { finishReason } = this
    if (this.calls > 0) return 'tool-use'
    if (finishReason === undefined) {
      if (this.blockReason !== undefined && !this.writer.started) return 'refusal'
      throw this.writer.started || this.usage !== undefined ? cutAnswer() : emptyAnswer()
    }
    if (REFUSALS.has(finishReason)) return 'refusal'
    if (finishReason === 'MAX_TOKENS') return 'max-tokens'
    if (BROKEN_CALLS.has(finishReason)) throw brokenCall(finishReason)
    if (!this.hasText) throw emptyAnswer()
    return 'end-turn'
  }
}

function parseChunk(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (error) {
    // Error bodies in a stream have been seen with stray commas (gemini.md §6).
    try {
      return JSON.parse(data.replaceAll(/,(?:\s*,)+/gu, ','))
    } catch {
      throw damagedChunk(error)
    }
  }
}

function damagedChunk(cause: unknown): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    'The answer of Gemini arrived damaged: a piece of it is not what the service promises. This is the fault of the service or of the network in between; send the request again.',
    { cause, upstreamStatus: 200 },
  )
}

function usageOf(usage: GeminiUsage): UsageReport {
  const { promptTokenCount: prompt, cachedContentTokenCount: cached = 0, totalTokenCount: total } = usage
  const { candidatesTokenCount: visible = 0, thoughtsTokenCount: thoughts } = usage
  const written = visible + (thoughts ?? 0)
  const output = written === 0 && total !== undefined && prompt !== undefined ? Math.max(0, total - prompt) : written
  return {
    ...(prompt === undefined ? {} : { inputTokens: Math.max(0, prompt - cached), cacheReadTokens: cached }),
    outputTokens: output,
    ...(thoughts === undefined ? {} : { reasoningTokens: thoughts }),
  }
}

function cutAnswer(): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    "Gemini closed the connection before its answer was complete: it gave no reason for the end. The fault is the service's; try again.",
    { upstreamStatus: 200 },
  )
}

function emptyAnswer(): ProxyError {
  return new ProxyError(
    'empty-response',
    "Gemini ended its answer without a word for the client. The fault is the service's; try again.",
    { upstreamStatus: 200 },
  )
}

function brokenCall(code: string): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    'The model wrote a tool call that Gemini itself could not read. The fault is the model’s; try again.',
    { upstreamStatus: 200, upstream: { upstream: 'gemini', code } },
  )
}
