import type { CompletionRequest } from '../../../canonical/request.ts'
import { readCountTokensBody } from '../../../wire/anthropic/request.ts'
import { toRequest } from './decode-request.ts'

/**
 * The body of `POST /v1/messages/count_tokens` as a request whose tokens can be counted. The same as for a message, but
 * `max_tokens` may be missing. Throws `ProxyError('invalid-request')` like `decodeMessagesRequest`.
 */
export function decodeCountTokensRequest(body: unknown): CompletionRequest {
  return toRequest(body, readCountTokensBody(body), {})
}
