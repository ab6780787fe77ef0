import type { IncomingMessage, ServerResponse } from 'node:http'
import { ProxyError } from '../canonical/error.ts'
import { sendJson, sendText } from './respond.ts'
import type { ResponseStore } from './response-store.ts'

/** Who asks for which answer. */
export interface StoredResponseQuery {
  readonly id: string
  readonly keyId: string | null
  readonly requestId: string
}

/** `GET` and `DELETE /v1/responses/{id}`: an answer that is remembered. Throws `ProxyError`. */
export function handleStoredResponse(
  store: ResponseStore,
  request: IncomingMessage,
  response: ServerResponse,
  { id, keyId, requestId }: StoredResponseQuery,
): void {
  const headers = { 'x-request-id': requestId }
  if (request.method === 'DELETE') {
    if (!store.remove(id, keyId)) throw unknown()
    sendJson(response, 200, { id, object: 'response', deleted: true }, headers)
    return
  }
  if (new URL(request.url ?? '/', 'http://localhost').searchParams.get('stream') === 'true') {
    throw new ProxyError(
      'invalid-request',
      'stream: Culvert does not play an earlier answer again as a stream. Ask for it without "stream".',
      {
        param: 'stream',
      },
    )
  }
  const json = store.get(id, keyId)
  if (json === undefined) throw unknown()
  sendText(response, 200, json, { 'content-type': 'application/json', ...headers })
}

function unknown(): ProxyError {
  return new ProxyError(
    'not-found',
    'Culvert does not remember a response of this id. It keeps answers for a limited time, not over a restart, and none with "store": false.',
  )
}
