import type { ErrorKind, ProxyError } from '../../../canonical/error.ts'
import type { WireError, WireErrorType } from '../../../wire/anthropic/answer.ts'
import { threadDetails } from './refuse-thread.ts'
import { duration } from '../duration.ts'

/** An error as an HTTP answer. */
export interface EncodedAnthropicError {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: WireError
}

interface Shape {
  readonly status: number
  readonly type: WireErrorType
  /** The client must not try again by itself. Not set where it repairs its request first, as after a 400. */
  readonly final?: true
}

/** Claude Code waits for a `retry-after` up to here and fails at once above (clients.md §1.8). */
const longestWaitMs = 60_000

/**
 * A failure as Anthropic's API would tell it, with headers that keep clients from useless waits. Besides the status,
 * what a client does is decided by (clients.md §1.8 and §4):
 * - `x-should-retry: false`, obeyed by Claude Code on 401, 429, 500 and 529 and by the SDKs always;
 * - `retry-after` (seconds) and `retry-after-ms`: Claude Code waits up to 60 s and fails at once above. The SDKs would
 *   wait for hours, so above 60 s they are told not to try again.
 */
export function encodeAnthropicError(error: ProxyError, requestId: string): EncodedAnthropicError {
  const shape = shapeOf(error.kind, error.retryAfterMs)
  const { retryAfterMs } = error
  const headers: Record<string, string> = {}
  if (retryAfterMs !== undefined) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))
    headers['retry-after-ms'] = String(Math.max(1, Math.ceil(retryAfterMs)))
  }
  if (shape.final || (retryAfterMs ?? 0) > longestWaitMs) headers['x-should-retry'] = 'false'
  return { status: shape.status, headers, body: { ...encodeAnthropicErrorBody(error), request_id: requestId } }
}

/** The error object alone, as it also stands in the `error` event of a stream. */
export function encodeAnthropicErrorBody(error: ProxyError): WireError {
  const { type } = shapeOf(error.kind, error.retryAfterMs)
  const details = threadDetails(error)
  return { type: 'error', error: { type, message: messageOf(error), ...(details === undefined ? {} : { details }) } }
}

/**
 * | kind | answer | why |
 * | --- | --- | --- |
 * | invalid-request | 400 | the client's fault; repeated with changed bodies, so the message names the field |
 * | prompt-too-long | 400 | with the wording that makes Claude Code compact (§1.7); 413 or 500 would not |
 * | signature-invalid | 400 | with the wording that makes Claude Code strip its thinking blocks and go on (§1.7) |
 * | request-too-large | 413 | "Request too large", no retry |
 * | unauthenticated | 401, no retry | without the header Claude Code tries for three minutes before it says so |
 * | forbidden, feature-not-supported | 403, no retry | told at once |
 * | token-invalid, sign-in-needed, suspended, suspicious-activity | 403, no retry | a person must act; not 401, which reads as "your key is wrong", and not 429, since repeating makes it worse (field-notes.md fact 4) |
 * | not-found, model-not-found | 404 | "There's an issue with the selected model" |
 * | client-rate-limited, rate-limited | 429 | waits as told, or by its own pauses |
 * | quota-exhausted | 429, no retry | hours or days away: told at once |
 * | no-account | 429 when one will be free, else 403, no retry | 503 would be tried for three minutes although a person must act |
 * | overloaded | 529 | three tries, then `--fallback-model` |
 * | empty-response | 502, no retry | Culvert has asked several times already, each answer was charged, and the same words tend to get the same silence |
 * | upstream-error, upstream-invalid, network | 502 | passing faults: the client's own loop may outlast them |
 * | timeout | 504 | the same |
 * | shutting-down | 503 | the loop reaches the restarted program |
 * | internal | 500 | the same loop; never for a client's mistake |
 * | cancelled | 499 | nobody reads it; it is for the log |
 */
function shapeOf(kind: ErrorKind, retryAfterMs: number | undefined): Shape {
  switch (kind) {
    case 'invalid-request':
    case 'prompt-too-long':
    case 'signature-invalid':
      return { status: 400, type: 'invalid_request_error' }
    case 'request-too-large':
      return { status: 413, type: 'request_too_large' }
    case 'unauthenticated':
      return { status: 401, type: 'authentication_error', final: true }
    case 'forbidden':
    case 'feature-not-supported':
    case 'token-invalid':
    case 'sign-in-needed':
    case 'suspended':
    case 'suspicious-activity':
      return { status: 403, type: 'permission_error', final: true }
    case 'not-found':
    case 'model-not-found':
      return { status: 404, type: 'not_found_error' }
    case 'client-rate-limited':
    case 'rate-limited':
      return { status: 429, type: 'rate_limit_error' }
    case 'quota-exhausted':
      return { status: 429, type: 'rate_limit_error', final: true }
    case 'no-account':
      return retryAfterMs === undefined
        ? { status: 403, type: 'permission_error', final: true }
        : { status: 429, type: 'rate_limit_error' }
    case 'overloaded':
      return { status: 529, type: 'overloaded_error' }
    case 'empty-response':
      return { status: 502, type: 'api_error', final: true }
    case 'upstream-error':
    case 'upstream-invalid':
    case 'network':
      return { status: 502, type: 'api_error' }
    case 'timeout':
      return { status: 504, type: 'timeout_error' }
    case 'shutting-down':
      return { status: 503, type: 'api_error' }
    case 'internal':
      return { status: 500, type: 'api_error' }
    case 'cancelled':
      return { status: 499, type: 'api_error' }
  }
}

function messageOf(error: ProxyError): string {
  switch (error.kind) {
    case 'prompt-too-long':
      return tooLongMessage(error)
    case 'signature-invalid':
      return error.message.includes(invalidSignature)
        ? error.message
        : `${error.param ?? 'messages'}: ${invalidSignature}. ${error.message}`
    case 'quota-exhausted':
      return error.retryAfterMs === undefined || /\breset/iu.test(error.message)
        ? error.message
        : `${error.message} It resets in about ${duration(error.retryAfterMs)}.`
    default:
      return error.message
  }
}

/** In the words that make Claude Code compact, with the figures by which it knows how much to drop (clients.md §1.7). */
function tooLongMessage({ message, promptSize }: ProxyError): string {
  if (/^prompt is too long/iu.test(message)) return message
  if (promptSize === undefined) return `Prompt is too long. ${message}`
  return `prompt is too long: ${promptSize.tokens} tokens > ${promptSize.limit} maximum. ${message}`
}

/** The words by which Claude Code knows that it must strip its thinking blocks (clients.md §1.7). */
const invalidSignature = 'Invalid `signature` in `thinking` block'
