import type { IncomingHttpHeaders } from 'node:http'
import type { ProxyError } from '../canonical/error.ts'
import type { Usage } from '../canonical/event.ts'
import type { CompletionMessage } from '../canonical/message.ts'
import type { CompletionRequest, Dialect } from '../canonical/request.ts'
import type { StreamEncoder } from './write-stream.ts'

/** Everything about one client dialect that the HTTP layer needs: a thin table over `convert/client/<dialect>`. */
export interface ClientDialect {
  readonly name: Dialect
  /** Response header that carries the request's id (clients.md §6 line 25). */
  readonly requestIdHeader: 'request-id' | 'x-request-id'
  /** Written while the upstream is silent; clients must ignore it but count it as life. */
  readonly ping: string
  /** `keyId`: whose key the request showed. Throws `ProxyError` of kind `invalid-request` with the field's path. */
  decodeRequest(body: unknown, headers: IncomingHttpHeaders, keyId: string | null): DecodedRequest
  encodeError(error: ProxyError, requestId: string): EncodedError
}

export interface DecodedRequest {
  readonly request: CompletionRequest
  /** Encodes the answer to this request; it is kept as long as the answer lasts, so it holds little of the request. */
  readonly answer: AnswerEncoding
}

export interface AnswerEncoding {
  createStreamEncoder(context: AnswerContext): StreamEncoder & { error(error: ProxyError): string }
  encodeMessage(message: CompletionMessage, usage: Usage, context: AnswerContext): object
}

/** What an answer's encoding depends on besides its events. */
export interface AnswerContext {
  readonly requestId: string
  /** The model name that the client asked for. */
  readonly model: string
  readonly reasoningDisplay: 'full' | 'summarized' | 'omitted' | undefined
  readonly initialUsage: () => Usage
  readonly finalUsage: () => Usage
}

export interface EncodedError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
}
