import { type ProxyError, toProxyError } from '../canonical/error.ts'
import type { CompletionEvent, CompletionStream, Usage } from '../canonical/event.ts'
import type { Repair } from '../canonical/repair.ts'
import type { CompletionRequest, Dialect } from '../canonical/request.ts'
import type { Settings } from '../contract/settings.ts'
import type { RequestRecord } from '../store/types.ts'
import { createEventChecker } from './check-events.ts'
import { complete, type CompleteDeps, type Completion } from './complete.ts'
import { conversationOf } from './conversation.ts'
import { createMeter, type Meter } from './meter.ts'
import { withPromptSize } from './prompt-size.ts'
import { createTrace, elapsed, type RequestTrace } from './trace.ts'

export interface ProxyDeps extends Omit<CompleteDeps, 'resolve'> {
  readonly settings: () => Settings
  readonly resolve: (requested: string, offered: readonly string[]) => string | undefined
  /** A cheap estimate of a request's input, tokens. */
  readonly estimateInput: (request: CompletionRequest) => number
  readonly calibration: Calibration
  /** Takes one record per request; never blocks and never throws. */
  readonly record: (record: RequestRecord) => void
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number
}

/** Learned factors between our estimates and the providers' figures. */
export interface Calibration {
  factor(model: string): number
  learn(model: string, estimatedInput: number, usage: Usage): void
}

/** Who asks, and how. */
export interface Caller {
  readonly requestId: string
  readonly dialect: Dialect
  readonly path: string
  /** The client program, e.g. `claude-cli/2.1.329`. */
  readonly client: string
  readonly keyId: string | null
  /** The client insists on one account (`X-Account-ID`). */
  readonly accountId?: string
  /** The endpoint uses accounts of these types only. */
  readonly accountTypes?: readonly string[]
  readonly signal: AbortSignal
}

/** A completion under way, ready to be encoded. */
export interface Served {
  /** Checked against the event contract, metered, ends by itself or throws `ProxyError`. */
  readonly events: CompletionStream
  readonly repairs: readonly Repair[]
  /** Estimates, for the first event of a stream. */
  readonly initialUsage: () => Usage
  /** The best figures known now. */
  readonly usage: () => Usage
}

/** One client request from receipt to record. */
export interface Run {
  readonly trace: RequestTrace
  /** Routes and starts the completion. Throws `ProxyError`. Call at most once. */
  serve(request: CompletionRequest): Promise<Served>
  /** Notes when the first byte went to the client. */
  firstByteSent(): void
  /** Ends the run and writes its record, exactly once; later calls do nothing. */
  finish(outcome: { readonly status: number; readonly error?: unknown }): void
}

/** Begins the bookkeeping of one request that was received just now. */
export function beginRun(deps: ProxyDeps, caller: Caller): Run {
  return new RequestRun(deps, caller)
}

class RequestRun implements Run {
  readonly trace: RequestTrace
  readonly #deps: ProxyDeps
  readonly #caller: Caller
  #requestedModel = ''
  #streamed = false
  #meter: Meter | undefined
  #estimatedInput = 0
  #completion: Completion | undefined
  #finished = false

  constructor(deps: ProxyDeps, caller: Caller) {
    this.#deps = deps
    this.#caller = caller
    this.trace = createTrace(caller.requestId, deps.now())
  }

  async serve(request: CompletionRequest): Promise<Served> {
    const deps = this.#deps
    const settings = deps.settings()
    this.#requestedModel = request.model
    this.#streamed = request.stream
    const conversation = conversationOf(request, this.#caller.keyId ?? '')
    this.trace.conversationId = conversation.id
    let estimated: number | undefined
    // Estimated while the upstream works: by then the request is on its way, and nobody waits for the figure.
    const estimating = setImmediate(() => {
      try {
        estimated = deps.estimateInput(request)
      } catch {
        // Thrown again below, where it can be answered.
      }
    })
    const completion = await complete(deps, {
      request,
      conversation,
      signal: this.#caller.signal,
      trace: this.trace,
      options: {
        firstByteTimeoutMs: settings.firstByteTimeoutMs,
        idleTimeoutMs: settings.idleTimeoutMs,
        maxAttempts: settings.maxAttempts,
        maxAttemptsMs: settings.maxAttemptsMs,
        backend: {
          userAgent: settings.userAgent,
          optOutOfTraining: settings.optOutOfTraining,
          cachePoints: settings.cachePoints,
        },
      },
      ...(this.#caller.accountId === undefined ? {} : { accountId: this.#caller.accountId }),
      ...(this.#caller.accountTypes === undefined ? {} : { accountTypes: this.#caller.accountTypes }),
    }).catch((error: unknown) => {
      const tokens = (estimated ?? 0) * deps.calibration.factor(this.trace.servedModel ?? '')
      throw withPromptSize(error, { tokens, limit: this.trace.contextWindow })
    })
    clearImmediate(estimating)
    this.#completion = completion
    this.#estimatedInput = estimated ?? deps.estimateInput(request)
    const meter = createMeter({
      estimatedInput: this.#estimatedInput,
      calibrationFactor: deps.calibration.factor(completion.model),
      multiplier: settings.tokenCountMultiplier,
      model: completion.model,
      contextWindow: completion.modelInfo?.contextWindow,
    })
    this.#meter = meter
    return {
      events: observed(completion.events, meter),
      repairs: this.trace.repairs,
      initialUsage: () => meter.usage(),
      usage: () => meter.usage(),
    }
  }

  firstByteSent(): void {
    this.trace.firstEventMs ??= elapsed(this.trace)
  }

  finish(outcome: { readonly status: number; readonly error?: unknown }): void {
    if (this.#finished) return
    this.#finished = true
    const error = outcome.error === undefined ? undefined : toProxyError(outcome.error)
    this.#completion?.settle(error)
    const usage = this.#meter?.usage()
    if (usage && this.#completion && error === undefined) {
      this.#deps.calibration.learn(this.#completion.model, this.#estimatedInput, usage)
    }
    this.#deps.record(this.#recordOf(outcome.status, error, usage))
  }

  #recordOf(status: number, error: ProxyError | undefined, usage: Usage | undefined): RequestRecord {
    const { trace } = this
    return {
      id: trace.id,
      time: trace.time,
      dialect: this.#caller.dialect,
      path: this.#caller.path,
      client: this.#caller.client,
      keyId: this.#caller.keyId,
      stream: this.#streamed,
      conversationId: trace.conversationId,
      requestedModel: this.#requestedModel.slice(0, 200),
      servedModel: trace.servedModel,
      upstream: trace.upstream,
      accountId: trace.accountId,
      status,
      errorKind: error?.kind ?? null,
      errorMessage: error?.message.slice(0, 1_000) ?? null,
      finishReason: this.#meter?.finishReason ?? null,
      attempts: trace.attempts,
      repairs: trace.repairs,
      upstreamRequestId: trace.upstreamRequestId,
      firstEventMs: trace.firstEventMs,
      totalMs: elapsed(trace),
      upstreamFirstByteMs: trace.upstreamFirstByteMs,
      inputTokens: usage?.inputTokens ?? 0,
      outputTokens: usage?.outputTokens ?? 0,
      cacheReadTokens: usage?.cacheReadTokens ?? 0,
      cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
      inputSource: usage?.inputSource ?? 'estimated',
      outputSource: usage?.outputSource ?? 'estimated',
      credits: usage?.credits ?? null,
    }
  }
}

/** The same stream, each batch checked against the event contract and metered on its way. */
function observed(stream: CompletionStream, meter: Meter): CompletionStream {
  const checker = createEventChecker()
  return {
    [Symbol.asyncIterator]() {
      const iterator = stream[Symbol.asyncIterator]()
      return {
        async next() {
          const result = await iterator.next()
          if (result.done) {
            checker.end()
            return result
          }
          checker(result.value)
          meter.observe(result.value)
          return result
        },
        async return(): Promise<IteratorResult<readonly CompletionEvent[]>> {
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
