import type { FinishReason, Usage } from '../../../canonical/event.ts'
import type {
  WireOutputItem,
  WireResponse,
  WireResponseError,
  WireResponseUsage,
} from '../../../wire/openai-responses/answer.ts'
import type { AnswerFacts } from './decode-request.ts'

/** What an answer's encoding depends on besides its events and the request. */
export interface ResponseContext {
  /** 32 hex digits, unique; all ids of the answer are made of it. */
  readonly idBase: string
  /** The model name that the client asked for. */
  readonly model: string
  /** Unix seconds. */
  readonly createdAt: number
  readonly facts: AnswerFacts
  /** Whether the text of reasoning is shown, or only carried along encrypted. */
  readonly showsReasoning: boolean
  /** Takes the finished answer as JSON text, to be remembered. */
  readonly remember: (responseId: string, json: string) => void
}

export interface ResponseEnd {
  readonly status: 'completed' | 'incomplete' | 'failed'
  readonly error: WireResponseError | null
  readonly incomplete: 'max_output_tokens' | null
}

/** The response object at some moment; `end` is absent while it is in progress. */
export function encodeResponse(
  context: ResponseContext,
  output: readonly WireOutputItem[],
  usage: Usage | undefined,
  end: ResponseEnd | undefined,
): WireResponse {
  const { echo, remember } = context.facts
  return {
    id: responseId(context),
    object: 'response',
    created_at: context.createdAt,
    status: end?.status ?? 'in_progress',
    completed_at: end?.status === 'completed' ? Math.max(context.createdAt, Math.floor(Date.now() / 1_000)) : null,
    background: false,
    error: end?.error ?? null,
    incomplete_details: end?.incomplete ? { reason: end.incomplete } : null,
    instructions: null,
    max_output_tokens: echo.max_output_tokens ?? null,
    metadata: echo.metadata ?? {},
    model: context.model,
    output,
    parallel_tool_calls: echo.parallelToolCalls,
    previous_response_id: echo.previousResponseId,
    prompt_cache_key: echo.prompt_cache_key ?? null,
    reasoning: { effort: echo.reasoning?.effort ?? null, summary: echo.reasoning?.summary ?? null },
    store: remember !== undefined,
    temperature: echo.temperature ?? null,
    text: { format: echo.format },
    tool_choice: echo.tool_choice ?? 'auto',
    tools: [],
    top_p: echo.top_p ?? null,
    truncation: 'disabled',
    usage: usage === undefined ? null : encodeUsage(usage),
  }
}

/** `resp_…`. */
export function responseId(context: ResponseContext): string {
  return `resp_${context.idBase}`
}

/** The id of the answer's item of that number, e.g. `msg_…`. */
export function itemId(context: ResponseContext, prefix: string, index: number): string {
  return `${prefix}_${context.idBase}${index.toString(16).padStart(4, '0')}`
}

/**
 * How an answer ends. A refusal fails with a code that Codex takes as final: it would ask again five times after an
 * `incomplete` one, and it does not read refusals inside of messages.
 */
export function endOf(reason: FinishReason): ResponseEnd {
  switch (reason) {
    case 'end-turn':
    case 'paused':
    case 'tool-use':
    case 'stop-sequence':
      return { status: 'completed', error: null, incomplete: null }
    case 'max-tokens':
    case 'context-window-exceeded':
      return { status: 'incomplete', error: null, incomplete: 'max_output_tokens' }
    case 'refusal':
      return { status: 'failed', error: { code: 'invalid_prompt', message: refused }, incomplete: null }
  }
}

const refused =
  "The model's own safeguards refused to answer this conversation. Neither Culvert nor your client is at fault. " +
  'Put it another way, or choose another model.'

/** OpenAI's input count holds the cached tokens, ours does not. */
export function encodeUsage(usage: Usage): WireResponseUsage {
  const inputTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: inputTokens + usage.outputTokens,
  }
}
