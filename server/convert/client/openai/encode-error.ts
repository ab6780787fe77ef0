import type { ErrorKind, ProxyError } from '../../../canonical/error.ts'
import type { OpenAiError, OpenAiErrorCode, OpenAiErrorType } from '../../../wire/openai/error.ts'
import { duration } from '../duration.ts'

/** An error as an HTTP answer. */
export interface EncodedOpenAiError {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: OpenAiError
}

interface Shape {
  readonly status: number
  readonly type: OpenAiErrorType
  readonly code: OpenAiErrorCode | null
  /** The client must not try again by itself. */
  readonly final?: true
}

/** The SDK ignores a longer `retry-after` and tries at once; Codex and opencode would wait it out (clients.md §2–4). */
const longestWaitMs = 60_000

/**
 * A failure as OpenAI's API would tell it. Besides the status and the code, what a client does is decided by
 * `x-should-retry`, which the SDK obeys, and `retry-after` (seconds) with `retry-after-ms`. They are left out above 60 s:
 * without them Codex gives up on a 429, and opencode after five tries, where with them both would seem to hang. The
 * message then tells the person how long it takes.
 */
export function encodeOpenAiError(error: ProxyError): EncodedOpenAiError {
  const shape = shapeOf(error.kind, error.retryAfterMs)
  const wait = error.retryAfterMs
  const headers: Record<string, string> = {}
  if (wait !== undefined && wait <= longestWaitMs && shape.final !== true) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(wait / 1_000)))
    headers['retry-after-ms'] = String(Math.max(1, Math.ceil(wait)))
  }
  if (shape.final === true || (wait ?? 0) > longestWaitMs) headers['x-should-retry'] = 'false'
  return { status: shape.status, headers, body: encodeOpenAiErrorBody(error) }
}

/** The error object alone, as it also stands in a stream. */
export function encodeOpenAiErrorBody(error: ProxyError): OpenAiError {
  const { type, code } = shapeOf(error.kind, error.retryAfterMs)
  return { error: { message: messageOf(error), type, param: paramOf(error), code } }
}

/**
 * | kind | answer | why |
 * | --- | --- | --- |
 * | invalid-request, signature-invalid | 400 | final everywhere; `param` names the field |
 * | prompt-too-long | 400 `context_length_exceeded` | with OpenAI's wording, by which clients summarise and go on |
 * | request-too-large | 413 | final |
 * | unauthenticated | 401 `invalid_api_key` | final but for Codex's five quick tries |
 * | forbidden, feature-not-supported | 403 | the same |
 * | token-invalid, sign-in-needed, suspended, suspicious-activity | 403 `account_unavailable` | a person must act; not 401, which reads as "your key is wrong", and not 429, since repeating makes it worse (field-notes.md fact 4) |
 * | not-found, model-not-found | 404 | final |
 * | client-rate-limited, rate-limited | 429 `rate_limit_exceeded` | waits as told |
 * | quota-exhausted | 429 `insufficient_quota`, no retry | what Codex and the SDK take as final |
 * | no-account | 429 when one will be free, else 403 | a 5xx would be tried again although a person must act |
 * | empty-response | 400 `empty_response` | Culvert has asked several times already and each answer was charged; every 5xx is repeated, by Codex 30 times |
 * | overloaded | 503 `server_is_overloaded` | passing; the code by which Codex says "at capacity" |
 * | upstream-error, upstream-invalid, network | 502 | passing faults: the client's own tries may outlast them |
 * | timeout | 504 | the same |
 * | shutting-down | 503 | the tries reach the restarted program |
 * | internal | 500 | never for a client's mistake |
 * | cancelled | 499 | nobody reads it; it is for the log |
 */
function shapeOf(kind: ErrorKind, retryAfterMs: number | undefined): Shape {
  switch (kind) {
    case 'invalid-request':
      return { status: 400, type: 'invalid_request_error', code: null }
    case 'prompt-too-long':
      return { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' }
    case 'signature-invalid':
      return { status: 400, type: 'invalid_request_error', code: 'invalid_encrypted_content' }
    case 'empty-response':
      return { status: 400, type: 'server_error', code: 'empty_response' }
    case 'request-too-large':
      return { status: 413, type: 'invalid_request_error', code: 'request_too_large' }
    case 'unauthenticated':
      return { status: 401, type: 'invalid_request_error', code: 'invalid_api_key', final: true }
    case 'forbidden':
      return { status: 403, type: 'permission_error', code: null, final: true }
    case 'feature-not-supported':
      return { status: 403, type: 'permission_error', code: 'feature_not_supported', final: true }
    case 'token-invalid':
    case 'sign-in-needed':
    case 'suspended':
    case 'suspicious-activity':
      return { status: 403, type: 'permission_error', code: 'account_unavailable', final: true }
    case 'not-found':
      return { status: 404, type: 'invalid_request_error', code: null }
    case 'model-not-found':
      return { status: 404, type: 'invalid_request_error', code: 'model_not_found' }
    case 'client-rate-limited':
    case 'rate-limited':
      return { status: 429, type: 'requests', code: 'rate_limit_exceeded' }
    case 'quota-exhausted':
      return { status: 429, type: 'insufficient_quota', code: 'insufficient_quota', final: true }
    case 'no-account':
      return retryAfterMs === undefined
        ? { status: 403, type: 'permission_error', code: 'account_unavailable', final: true }
        : { status: 429, type: 'requests', code: 'rate_limit_exceeded' }
    case 'overloaded':
      return { status: 503, type: 'server_error', code: 'server_is_overloaded' }
    case 'upstream-error':
    case 'upstream-invalid':
    case 'network':
      return { status: 502, type: 'server_error', code: 'upstream_error' }
    case 'timeout':
      return { status: 504, type: 'server_error', code: 'timeout' }
    case 'shutting-down':
      return { status: 503, type: 'server_error', code: 'shutting_down' }
    case 'internal':
      return { status: 500, type: 'server_error', code: null }
    case 'cancelled':
      return { status: 499, type: 'server_error', code: null }
  }
}

function paramOf(error: ProxyError): string | null {
  if (error.param !== undefined) return error.param
  if (error.kind === 'model-not-found') return 'model'
  return error.kind === 'prompt-too-long' ? 'messages' : null
}

function messageOf(error: ProxyError): string {
  if (error.kind === 'prompt-too-long') return tooLongMessage(error)
  const { retryAfterMs, message } = error
  if (retryAfterMs === undefined || retryAfterMs <= longestWaitMs || alreadyTellsTime.test(message)) return message
  return `${message} It may work again in about ${duration(retryAfterMs)}.`
}

const alreadyTellsTime = /\breset|\bin about\b|\btry again (?:in|at|after)\b|\buntil\b/iu

/** In OpenAI's own words, by which clients know that they must shorten the conversation (clients.md §1.7 and §3). */
function tooLongMessage({ message, promptSize }: ProxyError): string {
  if (/maximum context length/iu.test(message)) return message
  if (promptSize === undefined) return `This conversation exceeds the model's maximum context length. ${message}`
  return (
    `This model's maximum context length is ${promptSize.limit} tokens. However, your messages resulted in ` +
    `${promptSize.tokens} tokens. ${message}`
  )
}
