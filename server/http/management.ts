import type { IncomingMessage, ServerResponse } from 'node:http'
import { OpenAPIHandler } from '@orpc/openapi/node'
import type { AdminDependencies } from '../admin/dependencies.ts'
import { managementError, toManagementError } from '../admin/errors.ts'
import { createManagementRouter } from '../admin/router.ts'
import { ProxyError } from '../canonical/error.ts'
import type { Access } from './access/access.ts'
import { readJson } from './body.ts'
import { createDocsPages } from './docs.ts'
import { errorBody, sendManagementError, setManagementHeaders } from './management-error.ts'
import { createRequestId } from './request-id.ts'

export interface ManagementDependencies extends AdminDependencies {
  readonly access: Pick<Access, 'admin'>
  /** Whether there are pages for people (`ENABLE_CONSOLE`). The document for programs is always there. */
  readonly pagesEnabled: boolean
}

/** `false`: the path is not one of the management API's, and nothing was done. */
export type ManagementHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

const bodyLimitBytes = 4 * 1_048_576

/**
 * The management API under `/v2`, its OpenAPI document at `/openapi.json` and its pages at `/docs`. Host and Origin must
 * already have been checked. Importing this module costs some 350 ms of CPU from source; load it when first asked for. The handler
 * never rejects.
 */
export function loadManagement(dependencies: ManagementDependencies): Promise<ManagementHandler> {
  const { access, onError, pagesEnabled, server } = dependencies
  const docs = createDocsPages({ version: server().version })
  const handler = new OpenAPIHandler(createManagementRouter(dependencies), {
    customErrorResponseBodyEncoder: errorBody,
    rootInterceptors: [withRetryAfter],
  })

  async function dispatch(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const decision = access.admin(request)
    if (!decision.ok) throw decision.error
    const body = await readBody(request)
    const { matched } = await handler.handle(Object.assign(request, { body }), response)
    if (!matched)
      throw managementError('not-found', `There is no ${request.method ?? 'GET'} ${path}. /docs lists what there is.`)
  }

  return Promise.resolve(async (request, response) => {
    const path = pathOf(request)
    if (path !== '/v2' && !path.startsWith('/v2/')) {
      return (pagesEnabled || path === '/openapi.json') && docs(request, response, path)
    }
    setManagementHeaders(response, createRequestId())
    try {
      await dispatch(request, response, path.slice(0, 120))
    } catch (error) {
      sendManagementError(request, response, toManagementError(error, onError))
    }
    return true
  })
}

/** A body is read here, bounded; only JSON, so that a form of another website can never pass for one of ours. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const announced = request.headers['content-length']
  const hasBody = request.headers['transfer-encoding'] !== undefined || (announced !== undefined && announced !== '0')
  if (!hasBody) return undefined
  const type = request.headers['content-type']
  if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/iu.test(type)) {
    throw managementError(
      'invalid-request',
      'The management API takes JSON. Send the header content-type: application/json.',
    )
  }
  return readJson(request, bodyLimitBytes).catch((error: unknown) => {
    throw error instanceof ProxyError && error.kind === 'request-too-large' ? tooLarge() : error
  })
}

function tooLarge(): Error {
  const megabytes = bodyLimitBytes / 1_048_576
  const message = `The management API takes at most ${megabytes} MB at once. Send long lists of accounts in several parts.`
  return managementError('request-too-large', message)
}

interface StandardResult {
  readonly matched: boolean
  readonly response?:
    | { readonly headers: Record<string, string | string[] | undefined>; readonly body?: unknown }
    | undefined
}

/** Puts the wait that an error body names into the header where clients look for it. */
async function withRetryAfter<Result extends StandardResult>({
  next,
}: {
  next: () => Promise<Result>
}): Promise<Result> {
  const result = await next()
  const body = result.response?.body
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  if (typeof error === 'object' && error !== null && 'retryAfter' in error && result.response !== undefined) {
    result.response.headers['retry-after'] = String(error.retryAfter)
  }
  return result
}

/** Mounted in Express, `url` may have lost its beginning. */
function pathOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  return (request.originalUrl ?? request.url ?? '/').split('?', 1)[0] ?? '/'
}
