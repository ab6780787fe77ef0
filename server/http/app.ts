import type { IncomingMessage, ServerResponse } from 'node:http'
import { ProxyError, toProxyError } from '../canonical/error.ts'
import { type Access, applyOrigin } from './access/access.ts'
import { discardRest } from './body.ts'
import { type CompletionHandler, type CompletionsDeps, createCompletionHandler } from './completions.ts'
import { type CountTokensDeps, handleCountTokens } from './count-tokens.ts'
import { accountTypesOf, completionPaths, createDialects, errorDialectOf } from './dialects/table.ts'
import { refusalOf, sendManagementError, setManagementHeaders } from './management-error.ts'
import { handleModels, type ModelsDeps } from './models.ts'
import { createRequestId } from './request-id.ts'
import { sendJson } from './respond.ts'
import { createResponseStore, type ResponseStore, responseLimits } from './response-store.ts'
import { handleStoredResponse } from './stored-responses.ts'

/** Handles everything that is not on the hot path (probes, management, docs), unknown paths included. */
export type SlowHandler = (request: IncomingMessage, response: ServerResponse) => void

/** Answers with an error in the shape that the clients of this port read. */
export type Refuse = (request: IncomingMessage, response: ServerResponse, error: unknown) => void

export interface AppDeps extends CompletionsDeps, CountTokensDeps, ModelsDeps {
  readonly access: Access
  /** Loaded on first use. */
  readonly slow: (refuse: Refuse) => Promise<SlowHandler>
}

/**
 * The one place that says in which order a request is looked at: Host and Origin, then the path, then the key, then the
 * handler. The client API is dispatched straight on node:http, because a router in front of it costs a quarter of a
 * short request (docs/performance.md); everything else is loaded when first asked for. Never rejects.
 */
export function createApp(deps: AppDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const responses = createResponseStore({ ...responseLimits, now: deps.proxy.now })
  const completions = new Map(
    [...createDialects(responses)].map(([path, dialect]) => [
      path,
      createCompletionHandler(deps, dialect, accountTypesOf(path)),
    ]),
  )
  const endpoints: Endpoints = { completions, responses }
  return (request, response) => {
    dispatch(deps, endpoints, request, response).catch((error: unknown) => refuse(deps, request, response, error))
  }
}

interface Endpoints {
  readonly completions: ReadonlyMap<string, CompletionHandler>
  readonly responses: ResponseStore
}

async function dispatch(
  deps: AppDeps,
  { completions, responses }: Endpoints,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request.url ?? '/')
  const scope = scopeOf(path)
  const decision = deps.access.admit(request, scope)
  if (decision.kind === 'refuse') throw decision.error
  if (applyOrigin(decision, response)) return
  if (scope === 'management') guardManagement(deps, request, path)
  if (!path.startsWith('/v1/')) return await dispatchSlow(deps, request, response, path)

  const route = `${request.method ?? 'GET'} ${path}`
  const model = /^GET \/v1\/models\/(.+)$/u.exec(route)?.[1]
  const complete = request.method === 'POST' ? completions.get(path) : undefined
  const counts = route === 'POST /v1/messages/count_tokens'
  const stored = /^(?:GET|DELETE) \/v1\/responses\/([^/]+)$/u.exec(route)?.[1]
  const isKnown = complete || counts || route === 'GET /v1/models' || model !== undefined || stored !== undefined
  if (!isKnown) throw notFound(route)
  const client = deps.access.client(request)
  if (!client.ok) throw client.error
  const requestId = createRequestId()
  const keyId = client.identity?.id ?? null
  if (complete) {
    await complete(request, response, { requestId, keyId })
  } else if (stored !== undefined) {
    handleStoredResponse(responses, request, response, { id: decodeSegment(stored), keyId, requestId })
  } else if (counts) {
    await handleCountTokens(deps, request, response, requestId)
  } else {
    handleModels(deps, request, response, requestId, model === undefined ? undefined : decodeSegment(model))
  }
}

async function dispatchSlow(
  deps: AppDeps,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (path === '/healthz') return sendJson(response, 200, { status: 'ok' })
  if (path === '/' && (request.method === 'GET' || request.method === 'HEAD')) {
    return sendJson(response, 200, { name: 'Culvert', status: 'ok', docs: '/docs' })
  }
  const handle = await deps.slow((...refused) => refuse(deps, ...refused))
  handle(request, response)
}

/** Turns away here who has no token, or asks for what is not there, because loading the management API is costly. */
function guardManagement(deps: AppDeps, request: IncomingMessage, path: string): void {
  const decision = deps.access.admin(request)
  if (!decision.ok) throw decision.error
  if (managementPath.test(path)) return
  const route = `${request.method ?? 'GET'} ${path.slice(0, 120)}`
  throw new ProxyError('not-found', `There is no ${route}. /docs lists what there is.`)
}

/** Any error outside a completion: under /v2 in the management API's shape, else in that of the path's clients. */
function refuse(deps: AppDeps, request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const error = toProxyError(thrown)
  const requestId = createRequestId()
  if (error.kind === 'internal') deps.onInternalError(thrown, requestId)
  const path = pathOf(request.url ?? '/')
  if (scopeOf(path) === 'management') {
    setManagementHeaders(response, requestId)
    sendManagementError(request, response, refusalOf(error))
    return
  }
  const dialect = errorDialectOf(path, request.headers)
  const encoded = dialect.encodeError(error, requestId)
  const headers = { ...encoded.headers, [dialect.requestIdHeader]: requestId }
  if (!request.complete) discardRest(request)
  sendJson(response, encoded.status, encoded.body, headers)
}

/** What the management API has anything under. */
export const managementPath = /^\/v2\/(?:accounts|api-keys|auth|events|logs|settings|stats|status)(?:\/|$)/u

function scopeOf(path: string): 'client' | 'management' | 'page' {
  if (path.startsWith('/v1/')) return 'client'
  return path === '/v2' || path.startsWith('/v2/') ? 'management' : 'page'
}

/** The path without query and trailing slash; a doubled `/v1/v1`, which clients make of a base URL with `/v1`, is one. */
function pathOf(url: string): string {
  const end = url.indexOf('?')
  let path = end < 0 ? url : url.slice(0, end)
  if (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1)
  return path.startsWith('/v1/v1/') ? path.slice(3) : path
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ProxyError('invalid-request', 'The name in the path is not valid percent-encoding.')
  }
}

/** The error for a path that does not exist. */
export function notFound(route: string): ProxyError {
  return new ProxyError(
    'not-found',
    `Culvert has no ${route.slice(0, 120)}. It serves POST ${completionPaths.join(', POST ')}, POST /v1/messages/count_tokens and GET /v1/models; /docs describes the management API.`,
  )
}
