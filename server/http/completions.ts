import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { ProxyError, toProxyError } from '../canonical/error.ts'
import { collect } from '../proxy/collect.ts'
import { beginRun, type ProxyDeps, type Run, type Served } from '../proxy/run.ts'
import { abortSignalFor } from './abort.ts'
import { discardRest, readJson } from './body.ts'
import type { AnswerContext, AnswerEncoding, ClientDialect } from './dialect.ts'
import type { PingKeeper } from './ping-keeper.ts'
import { sendJson } from './respond.ts'
import { writeStream } from './write-stream.ts'

export interface CompletionsDeps {
  readonly proxy: ProxyDeps
  readonly keeper: PingKeeper
  readonly bodyLimitBytes: () => number
  /** Throws `ProxyError` when the server takes no more requests. */
  readonly admit: (run: Run) => void
  readonly onInternalError: (error: unknown, requestId: string) => void
}

/** Who asks: what access control found out before the handler runs. */
export interface ClientIdentity {
  readonly requestId: string
  readonly keyId: string | null
}

/** Handles one completion request of a client dialect, streamed or not. Never rejects. */
export type CompletionHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  who: ClientIdentity,
) => Promise<void>

/** The handler of a dialect's completion endpoint. `accountTypes`: the only accounts that it uses; absent: all. */
export function createCompletionHandler(
  deps: CompletionsDeps,
  dialect: ClientDialect,
  accountTypes?: readonly string[],
): CompletionHandler {
  return async (request, response, who) => {
    const accountId = request.headers['x-account-id']
    const run = beginRun(deps.proxy, {
      requestId: who.requestId,
      dialect: dialect.name,
      path: pathOf(request),
      client: clientOf(request),
      keyId: who.keyId,
      signal: abortSignalFor(response),
      ...(typeof accountId === 'string' && accountId !== '' ? { accountId } : {}),
      ...(accountTypes === undefined ? {} : { accountTypes }),
    })
    let answer: Answer | undefined
    try {
      deps.admit(run)
      answer = await prepare(deps, dialect, request, run, who)
      if (answer.streamed) await sendStream(deps, dialect, response, run, answer)
      else await sendWhole(response, run, answer)
      run.finish({ status: 200 })
    } catch (error) {
      fail(deps, dialect, request, response, run, answer, error)
    }
  }
}

interface Answer {
  readonly streamed: boolean
  readonly served: Served
  readonly encoding: AnswerEncoding
  readonly context: AnswerContext
  readonly headers: OutgoingHttpHeaders
  encoder?: ReturnType<AnswerEncoding['createStreamEncoder']>
}

/** Everything that needs the request's body, in a function of its own so that the body can be freed while streaming. */
async function prepare(
  deps: CompletionsDeps,
  dialect: ClientDialect,
  request: IncomingMessage,
  run: Run,
  who: ClientIdentity,
): Promise<Answer> {
  const body = await readJson(request, deps.bodyLimitBytes())
  const { request: decoded, answer } = dialect.decodeRequest(body, request.headers, who.keyId)
  const served = await run.serve(decoded)
  const repairs = [...new Set(served.repairs.map((repair) => repair.rule))].join(',')
  return {
    streamed: decoded.stream,
    served,
    encoding: answer,
    context: {
      requestId: who.requestId,
      model: decoded.model,
      reasoningDisplay: decoded.reasoning?.display,
      initialUsage: served.initialUsage,
      finalUsage: served.usage,
    },
    headers: { [dialect.requestIdHeader]: who.requestId, ...(repairs === '' ? {} : { 'x-culvert-repairs': repairs }) },
  }
}

async function sendStream(
  deps: CompletionsDeps,
  dialect: ClientDialect,
  response: ServerResponse,
  run: Run,
  answer: Answer,
): Promise<void> {
  answer.encoder = answer.encoding.createStreamEncoder(answer.context)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    ...answer.headers,
  })
  run.firstByteSent()
  await writeStream(response, answer.served.events, answer.encoder, deps.keeper, dialect.ping)
}

async function sendWhole(response: ServerResponse, run: Run, answer: Answer): Promise<void> {
  const message = await collect(answer.served.events)
  run.firstByteSent()
  sendJson(response, 200, answer.encoding.encodeMessage(message, answer.served.usage(), answer.context), answer.headers)
}

function fail(
  deps: CompletionsDeps,
  dialect: ClientDialect,
  request: IncomingMessage,
  response: ServerResponse,
  run: Run,
  answer: Answer | undefined,
  thrown: unknown,
): void {
  const error = toProxyError(thrown)
  if (error.kind === 'internal') deps.onInternalError(thrown, run.trace.id)
  const encoded = dialect.encodeError(error, run.trace.id)
  run.finish({ status: response.headersSent ? 200 : encoded.status, error })
  if (response.destroyed) return
  if (response.headersSent) {
    response.end(answer?.encoder?.error(error) ?? '')
    return
  }
  const headers: OutgoingHttpHeaders = { ...encoded.headers, [dialect.requestIdHeader]: run.trace.id }
  if (error.kind === 'request-too-large') discardRest(request)
  sendJson(response, encoded.status, encoded.body, headers)
}

/** The path without its query, bounded. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]?.slice(0, 200) ?? '/'
}

/** The first product of the user agent (`claude-cli/2.1.329`): enough to tell clients apart. */
function clientOf(request: IncomingMessage): string {
  const agent = request.headers['user-agent'] ?? ''
  return agent.split(' ', 1)[0]?.slice(0, 80) ?? ''
}

/** The error for requests that arrive while the server stops. */
export function shuttingDown(): ProxyError {
  return new ProxyError('shutting-down', 'Culvert is stopping. Start it again, then repeat the request.')
}
