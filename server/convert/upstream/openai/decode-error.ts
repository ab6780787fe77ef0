import type { ProxyError } from '../../../canonical/error.ts'
import { readChatError } from '../../../wire/openai-chat/upstream.ts'
import { decodeHttpError, decodeStreamError, type ErrorDialect, type HeaderReader } from '../http-error.ts'

const dialect: ErrorDialect = { upstream: 'openai', read: readChatError }

/** The error of an HTTP answer of a service that speaks OpenAI's dialect. Never throws, whatever the body is. */
export function decodeChatError(status: number, headers: HeaderReader, bodyText: string, now?: number): ProxyError {
  return decodeHttpError(dialect, status, headers, bodyText, now)
}

/** The error of a chunk inside a stream. */
export function decodeChatErrorChunk(chunk: unknown): ProxyError {
  return decodeStreamError(dialect, chunk)
}
