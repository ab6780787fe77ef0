import type { ErrorKind, ProxyError } from '../../../canonical/error.ts'
import type { WireResponseError, WireResponseErrorCode } from '../../../wire/openai-responses/answer.ts'
import { encodeOpenAiErrorBody } from '../openai/encode-error.ts'

/** Codex waits for the time in a rate limit's text, however long; above this it had better stop. */
const longestWaitMs = 60_000

/**
 * Why an answer that had begun ended, as the `error` of `response.failed`. Codex decides by the code (clients.md §2):
 *
 * | code | what Codex does |
 * | --- | --- |
 * | `server_error` | asks again, at most five times |
 * | `rate_limit_exceeded` | waits for the time that the text tells, then asks again |
 * | `insufficient_quota`, `server_is_overloaded`, `context_length_exceeded` | ends the turn with words of its own |
 * | `invalid_prompt` | ends the turn with our words: for what asking again would only make worse |
 */
export function encodeFailure(error: ProxyError): WireResponseError {
  const code = codeOf(error.kind, error.retryAfterMs)
  const { message } = encodeOpenAiErrorBody(error).error
  if (code !== 'rate_limit_exceeded' || error.retryAfterMs === undefined) return { code, message }
  return { code, message: `${message} Please try again in ${Math.max(0.1, error.retryAfterMs / 1_000).toFixed(1)}s.` }
}

function codeOf(kind: ErrorKind, retryAfterMs: number | undefined): WireResponseErrorCode {
  switch (kind) {
    case 'prompt-too-long':
      return 'context_length_exceeded'
    case 'overloaded':
      return 'server_is_overloaded'
    case 'quota-exhausted':
      return 'insufficient_quota'
    case 'client-rate-limited':
    case 'rate-limited':
      return (retryAfterMs ?? 0) > longestWaitMs ? 'insufficient_quota' : 'rate_limit_exceeded'
    case 'no-account':
      return retryAfterMs === undefined || retryAfterMs > longestWaitMs ? 'invalid_prompt' : 'rate_limit_exceeded'
    case 'invalid-request':
    case 'signature-invalid':
    case 'request-too-large':
    case 'unauthenticated':
    case 'forbidden':
    case 'feature-not-supported':
    case 'token-invalid':
    case 'sign-in-needed':
    case 'suspended':
    case 'suspicious-activity':
    case 'not-found':
    case 'model-not-found':
    case 'empty-response':
      return 'invalid_prompt'
    case 'upstream-error':
    case 'upstream-invalid':
    case 'network':
    case 'timeout':
    case 'shutting-down':
    case 'internal':
    case 'cancelled':
      return 'server_error'
  }
}
