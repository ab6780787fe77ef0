import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpAnswer } from './faults.ts'
import { parseJson } from './json.ts'
import type { Endpoint, Entry, Operation, Outcome } from './state/received.ts'
import type { World } from './world.ts'

/** What a path and its headers ask for. */
export interface Route {
  readonly operation: Operation
  /** For the service's own operations. */
  readonly endpoint?: Endpoint
  /** `json`: awsJson1.0 with `x-amz-target`; `rest`: restJson1 (amazon-q.md §2.1). */
  readonly protocol?: 'json' | 'rest'
  /** A region named in the path; calls to the wrong one are refused. */
  readonly region?: string
  readonly handle: (exchange: Exchange) => Promise<void> | void
}

/** One request being answered. */
export interface Exchange {
  readonly world: World
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly route: Route
  readonly body: Buffer
  readonly entry: Entry
  /** The client has closed its connection, or we have. */
  readonly gone: AbortSignal
}

/** Sends a whole answer and closes the log's entry. */
export function answer(exchange: Exchange, whole: HttpAnswer, outcome: Outcome, refusal?: string): void {
  const { response, entry, world } = exchange
  entry.status = whole.status
  if (refusal !== undefined) entry.refusal = refusal
  if (exchange.gone.aborted) return
  response.writeHead(whole.status, {
    'x-amzn-requestid': world.ids.uuid(),
    ...whole.headers,
    'content-length': Buffer.byteLength(whole.body),
  })
  response.end(whole.body)
  world.log.end(entry, outcome)
}

export function answerJson(exchange: Exchange, status: number, body: unknown, outcome: Outcome = 'ok'): void {
  const type = exchange.route.protocol === 'json' ? 'application/x-amz-json-1.0' : 'application/json'
  answer(exchange, { status, headers: { 'content-type': type }, body: JSON.stringify(body) }, outcome)
}

export function answerHtml(exchange: Exchange, status: number, html: string): void {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
  }
  answer(exchange, { status, headers, body: html }, status < 400 ? 'ok' : 'refused')
}

export function redirect(exchange: Exchange, location: string): void {
  answer(exchange, { status: 302, headers: { location }, body: '' }, 'ok')
}

/** Keeps the parsed body in the log and returns it; undefined when it is no JSON. */
export function jsonBody(exchange: Exchange): unknown {
  const parsed = parseJson(exchange.body.toString('utf8'))
  exchange.world.log.keepBody(exchange.entry, parsed)
  return parsed
}

/** Keeps a form's fields in the log and returns them. */
export function formBody(exchange: Exchange): URLSearchParams {
  const form = new URLSearchParams(exchange.body.toString('utf8'))
  exchange.world.log.keepBody(exchange.entry, Object.fromEntries(form))
  return form
}

/** Waits; `Infinity` waits until the client leaves. Ends early when it does. */
export function pause(milliseconds: number, gone: AbortSignal): Promise<void> {
  if (gone.aborted || milliseconds <= 0) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = Number.isFinite(milliseconds) ? setTimeout(done, milliseconds) : undefined
    function done(): void {
      clearTimeout(timer)
      gone.removeEventListener('abort', done)
      resolve()
    }
    gone.addEventListener('abort', done, { once: true })
  })
}
