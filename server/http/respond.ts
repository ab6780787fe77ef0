import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Sends a whole JSON answer. Does nothing when an answer has already begun or the client is gone. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  sendText(response, status, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
}

/** Sends a whole answer of any type. Does nothing when an answer has already begun or the client is gone. */
export function sendText(response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
