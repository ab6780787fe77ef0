import type { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, FinishReason, UsageReport } from '../../../canonical/event.ts'
import type { EventStreamMessage } from '../../../codec/event-stream/index.ts'
import { BlockWriter } from '../block-writer.ts'
import { decodeAmazonQException } from './decode-error.ts'
import { contentOfPayload, parsePayload } from './event-payload.ts'
import { StopSequences } from './stop-sequences.ts'
import { cutAnswer, emptyAnswer, tooLongForAnswer } from './stream-faults.ts'
import { finishReasonOf, StreamTail, usageOfMetrics } from './stream-tail.ts'
import { ThinkingTags, type ThinkingSink } from './thinking-tags.ts'
import { ToolCalls } from './tool-calls.ts'
import type { ToolNameMap } from './tool-names.ts'

export interface AmazonQStreamDecoder {
  /** A stop sequence was met: nothing more will come, the upstream may be aborted and `end` called. */
  readonly stopped: boolean
  /** Decodes one message; what it yields is appended to `out`. Throws `ProxyError`. */
  push(message: EventStreamMessage, out: CompletionEvent[]): void
  /** The stream has ended. Throws `ProxyError` if the answer is empty or lacks its tail. */
  end(out: CompletionEvent[]): void
}

export interface AmazonQStreamContext {
  /** The upstream's id of the model; reasoning signatures are bound to it. */
  readonly model: string
  readonly toolNames: ToolNameMap
  readonly reasoning: 'native' | 'tags' | 'none'
  readonly stopSequences: readonly string[]
  readonly declaredTools: ReadonlySet<string>
  /** How often the conversation was lately told that a tool call was cut off; 0 unless given. */
  readonly cutToolNotes?: number
  /** Makes the id of a call that came without one; a random UUID unless given. */
  readonly newId?: () => string
}

/** Decodes one answer of GenerateAssistantResponse into canonical events (amazon-q.md §3). */
export function createAmazonQStreamDecoder(context: AmazonQStreamContext): AmazonQStreamDecoder {
  return new StreamDecoder(context)
}

/** After this many notes the model is in a loop, and asking it to go on would only cost money. */
const LOOP_NOTES = 2

class StreamDecoder implements AmazonQStreamDecoder, ThinkingSink {
  private readonly cutToolNotes: number
  private readonly writer: BlockWriter
  private readonly tools: ToolCalls
  private readonly tags: ThinkingTags | undefined
  private readonly stops: StopSequences | undefined
  private readonly tail = new StreamTail()
  private lengthExceeded = false

  constructor(context: AmazonQStreamContext) {
    const { toolNames, declaredTools, newId = () => globalThis.crypto.randomUUID() } = context
    this.cutToolNotes = context.cutToolNotes ?? 0
    this.writer = new BlockWriter({ upstream: 'amazon-q', model: context.model })
    this.tools = new ToolCalls({ toolNames, declaredTools, newId }, this.writer)
    this.tags = context.reasoning === 'tags' ? new ThinkingTags(this) : undefined
    this.stops = context.stopSequences.length > 0 ? new StopSequences(context.stopSequences) : undefined
  }

  get stopped(): boolean {
    return this.stops?.matched !== undefined
  }

  push(message: EventStreamMessage, out: CompletionEvent[]): void {
    const { messageType, type } = message
    if (messageType === 'exception' || messageType === 'error') this.pushFailure(message)
    else if (type === 'assistantResponseEvent') this.pushText(contentOfPayload(message.text), out)
    else this.pushOther(type, message.text, out)
  }

  end(out: CompletionEvent[]): void {
    this.endText(out)
    if (!this.stopped) this.tools.end(out)
    if (!this.writer.started) {
      // A refusal without a word is an answer; another account would be refused too.
      if (finishReasonOf(this.tail.stopReason) !== 'refusal') throw this.faultOfNothing()
      this.writer.start(out)
    }
    const complete = this.tail.seen || this.lengthExceeded || this.stopped
    // A tool call with its stop mark, or the note about one without it, needs no tail: the next turn goes on from it.
    if (!complete && this.tools.written === 0 && this.tools.cut === 0) throw cutAnswer()
    this.writer.close(out)
    const reason = this.finishReason()
    const { stopReason } = this.tail
    const stopSequence = reason === 'stop-sequence' ? this.stops?.matched : undefined
    out.push({
      type: 'finish',
      reason,
      ...(stopReason === undefined ? {} : { raw: stopReason }),
      ...(stopSequence === undefined ? {} : { stopSequence }),
    })
  }

  onText(text: string, out: CompletionEvent[]): void {
    const allowed = this.stops === undefined ? text : this.stops.push(text)
    if (allowed !== '') this.writer.text(allowed, out)
  }

  onThinking(text: string, out: CompletionEvent[]): void {
    this.flushStops(out)
    if (!this.stopped) this.writer.reasoning(text, out)
  }

  onThinkingEnd(out: CompletionEvent[]): void {
    this.writer.close(out)
  }

  private pushText(text: string, out: CompletionEvent[]): void {
    if (text === '' || this.stopped) return
    this.writer.start(out)
    if (this.tags === undefined) this.onText(text, out)
    else this.tags.push(text, out)
  }

  private pushOther(type: string, payload: string, out: CompletionEvent[]): void {
    switch (type) {
      case 'reasoningContentEvent':
        this.pushReasoning(payload, out)
        break
      case 'toolUseEvent':
        this.pushToolUse(payload, out)
        break
      case 'codeEvent':
        this.pushText(contentOfPayload(payload), out)
        break
      case 'metadataEvent':
      case 'messageStopEvent':
        this.report(this.tail.metadata(parsePayload(payload, type)), out)
        break
      case 'contextUsageEvent':
        this.report(this.tail.contextUsage(parsePayload(payload, type)), out)
        break
      case 'meteringEvent':
        this.report(this.tail.metering(parsePayload(payload, type)), out)
        break
      case 'metricsEvent':
        this.report(usageOfMetrics(parsePayload(payload, type)), out)
        break
      case 'invalidStateEvent':
        if (!this.stopped) throw decodeAmazonQException(type, payload)
        break
      default:
        // The service adds events without notice; what is not known says nothing that a client needs.
        break
    }
  }

  private pushReasoning(payload: string, out: CompletionEvent[]): void {
    const { text, signature, redactedContent } = parsePayload(payload, 'reasoningContentEvent')
    if (this.stopped) return
    this.endText(out)
    if (typeof text === 'string' && text !== '') {
      this.writer.start(out)
      this.writer.reasoning(text, out)
    }
    if (typeof signature === 'string' && signature !== '') {
      this.writer.start(out)
      this.writer.sign(signature, out)
    }
    if (typeof redactedContent === 'string' && redactedContent !== '') {
      this.writer.start(out)
      this.writer.redacted(redactedContent, out)
    }
  }

  private pushToolUse(payload: string, out: CompletionEvent[]): void {
    const event = parsePayload(payload, 'toolUseEvent')
    if (this.stopped) return
    this.writer.start(out)
    this.endText(out)
    if (!this.stopped) this.tools.push(event, out)
  }

  private pushFailure(message: EventStreamMessage): void {
    if (this.stopped) return
    if (message.type === 'ContentLengthExceededException') {
      if (!this.writer.started) throw tooLongForAnswer()
      this.lengthExceeded = true
      return
    }
    throw decodeAmazonQException(message.type, message.text, message.errorMessage)
  }

  private report(usage: UsageReport | undefined, out: CompletionEvent[]): void {
    if (usage !== undefined) this.writer.usage(usage, out)
  }

  /** Lets go of text that waited for a tag or stop sequence to become whole. */
  private endText(out: CompletionEvent[]): void {
    this.tags?.flush(out)
    this.flushStops(out)
  }

  private flushStops(out: CompletionEvent[]): void {
    const rest = this.stops?.flush() ?? ''
    if (rest !== '') this.writer.text(rest, out)
  }

  private faultOfNothing(): ProxyError {
    return this.tail.contextUsagePercentage >= 100 ? tooLongForAnswer() : emptyAnswer()
  }

  private finishReason(): FinishReason {
    if (this.stopped) return 'stop-sequence'
    // Clients run finished tool calls whatever the reason is, so their results are what comes next.
    if (this.tools.written > 0) return 'tool-use'
    if (this.tools.cut > 0) return this.cutToolNotes >= LOOP_NOTES ? 'end-turn' : 'max-tokens'
    if (this.lengthExceeded) return 'max-tokens'
    const reason = finishReasonOf(this.tail.stopReason)
    return reason === 'end-turn' && this.tail.contextUsagePercentage >= 100 ? 'context-window-exceeded' : reason
  }
}
