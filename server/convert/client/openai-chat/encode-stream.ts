import type { ProxyError } from '../../../canonical/error.ts'
import type { CompletionEvent, FinishReason, Usage } from '../../../canonical/event.ts'
import { jsonString } from '../json-string.ts'
import { encodeOpenAiErrorBody } from '../openai/encode-error.ts'
import { type ChatEncodeContext, encodeChatUsage, finishReason } from './answer-fields.ts'

export interface ChatStreamContext extends ChatEncodeContext {
  /** Whether the client asked for a last chunk that holds the usage. */
  readonly includeUsage: boolean
  /** The best figures when the answer is complete; asked while `finish` is encoded, when the client wants them. */
  finalUsage(): Usage
}

/** Encodes one stream. */
export interface ChatStreamEncoder {
  /** The SSE text of a whole batch; may be empty. */
  encode(events: readonly CompletionEvent[]): string
  /** The last line of a stream that failed. No `[DONE]` follows, so that nobody takes the answer for a whole one. */
  error(error: ProxyError): string
}

/** Keeps a silent stream alive. Chat knows no event for that; clients skip comments (clients.md §3 and §4). */
export const CHAT_PING = ': ping\n\n'

/**
 * An encoder of completion events as Chat Completions chunks. It expects a stream that keeps the contract in
 * canonical/event.ts. Reasoning goes out as `reasoning_content`: what DeepSeek calls it, and what the AI SDK (opencode)
 * looks for first; a signature has no place here. Chunks are written from templates, since an object per event costs
 * more than all the rest (performance.md).
 */
export function createChatStreamEncoder(context: ChatStreamContext): ChatStreamEncoder {
  return new ChatEncoder(context)
}

class ChatEncoder implements ChatStreamEncoder {
  readonly #context: ChatStreamContext
  /** The part of every chunk up to its choices. */
  readonly #head: string
  /** The part of an ordinary chunk after its delta. */
  readonly #tail: string
  #calls = 0
  #hasArguments = false

  constructor(context: ChatStreamContext) {
    this.#context = context
    const model = jsonString(context.model)
    const identity = `"id":${jsonString(context.completionId)},"object":"chat.completion.chunk","created":${context.created}`
    this.#head = `data: {${identity},"model":${model},`
    // As OpenAI writes it where a usage chunk will follow.
    this.#tail = `,"finish_reason":null}]${context.includeUsage ? ',"usage":null' : ''}}\n\n`
  }

  encode(events: readonly CompletionEvent[]): string {
    let text = ''
    for (const event of events) text += this.#encodeOne(event)
    return text
  }

  error(error: ProxyError): string {
    return `data: ${JSON.stringify(encodeOpenAiErrorBody(error))}\n\n`
  }

  #encodeOne(event: CompletionEvent): string {
    switch (event.type) {
      case 'text-delta':
        return this.#delta(`{"content":${jsonString(event.text)}}`)
      case 'reasoning-delta':
        return this.#delta(`{"reasoning_content":${jsonString(event.text)}}`)
      case 'tool-start':
        this.#calls += 1
        this.#hasArguments = false
        return this.#callStart(event.id, event.name)
      case 'tool-delta':
        this.#hasArguments = true
        return this.#arguments(event.json)
      case 'tool-end':
        return this.#hasArguments ? '' : this.#arguments('{}')
      case 'message-start':
        return this.#delta('{"role":"assistant","content":""}')
      case 'finish':
        return this.#finish(event.reason)
      case 'text-start':
      case 'text-end':
      case 'reasoning-start':
      case 'reasoning-end':
      case 'foreign':
      case 'usage':
        return ''
    }
  }

  #callStart(id: string, name: string): string {
    const called = `{"name":${jsonString(name)},"arguments":""}`
    if (this.#context.usesFunctions) return this.#calls > 1 ? '' : this.#delta(`{"function_call":${called}}`)
    const call = `{"index":${this.#calls - 1},"id":${jsonString(id)},"type":"function","function":${called}}`
    return this.#delta(`{"tool_calls":[${call}]}`)
  }

  #arguments(json: string): string {
    const called = `{"arguments":${jsonString(json)}}`
    if (this.#context.usesFunctions) return this.#calls > 1 ? '' : this.#delta(`{"function_call":${called}}`)
    return this.#delta(`{"tool_calls":[{"index":${this.#calls - 1},"function":${called}}]}`)
  }

  #delta(delta: string): string {
    return `${this.#head}"choices":[{"index":0,"delta":${delta}${this.#tail}`
  }

  #finish(reason: FinishReason): string {
    const { includeUsage, usesFunctions } = this.#context
    const finish = finishReason(reason, this.#calls > 0, usesFunctions)
    const choice = `{"index":0,"delta":{},"finish_reason":"${finish}"}`
    const last = `${this.#head}"choices":[${choice}]${includeUsage ? ',"usage":null' : ''}}\n\n`
    return `${last}${includeUsage ? this.#usage() : ''}data: [DONE]\n\n`
  }

  #usage(): string {
    const usage = JSON.stringify(encodeChatUsage(this.#context.finalUsage()))
    return `${this.#head}"choices":[],"usage":${usage}}\n\n`
  }
}
