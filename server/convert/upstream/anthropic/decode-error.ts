import type { ProxyError } from '../../../canonical/error.ts'
import { readErrorBody } from '../../../wire/anthropic/upstream.ts'
import { decodeHttpError, decodeStreamError, type ErrorDialect, type HeaderReader } from '../http-error.ts'

const dialect: ErrorDialect = { upstream: 'anthropic', read: readErrorBody }

/**
 * The error of an HTTP answer that is not 200, of Anthropic or of a service that speaks its dialect. Never throws,
 * whatever the body is.
 */
export function decodeAnthropicError(
  status: number,
  headers: HeaderReader,
  bodyText: string,
  now?: number,
): ProxyError {
  return decodeHttpError(dialect, status, headers, bodyText, now)
}

/** The error of an `error` event inside a stream. */
export function decodeAnthropicErrorEvent(event: unknown): ProxyError {
  return decodeStreamError(dialect, event)
}
