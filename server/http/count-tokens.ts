import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CompletionRequest } from '../canonical/request.ts'
import { decodeCountTokensRequest } from '../convert/client/anthropic/decode-count-tokens.ts'
import { readJson } from './body.ts'
import { sendJson } from './respond.ts'

export interface CountTokensDeps {
  /** Input tokens of a request, calibrated, with the person's multiplier. */
  readonly countTokens: (request: CompletionRequest) => Promise<number>
  readonly bodyLimitBytes: () => number
}

/** `POST /v1/messages/count_tokens` (clients.md §4). Rejects with `ProxyError`. */
export async function handleCountTokens(
  deps: CountTokensDeps,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const decoded = decodeCountTokensRequest(await readJson(request, deps.bodyLimitBytes()))
  const inputTokens = await deps.countTokens(decoded)
  sendJson(response, 200, { input_tokens: inputTokens }, { 'request-id': requestId })
}
