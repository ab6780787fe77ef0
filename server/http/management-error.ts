import type { IncomingMessage, ServerResponse } from 'node:http'
import { codeForKind } from '../admin/error-code.ts'
import type { ProxyError } from '../canonical/error.ts'
import { type ErrorBody, managementErrors } from '../contract/errors.ts'
import { discardRest } from './body.ts'
import { sendJson } from './respond.ts'

/** What the management API's errors look like inside the program. */
export interface ManagementError {
  readonly code: string
  readonly status: number
  readonly message: string
  readonly data?: unknown
}

/** A refusal outside the management API's own procedures, which are costly to load, as one of its errors. */
export function refusalOf({ kind, message, retryAfterMs, param }: ProxyError): ManagementError {
  const code = codeForKind(kind)
  return { code, status: managementErrors[code].status, message, data: { retryAfterMs, path: param } }
}

/** Puts the headers on that every answer of the management API has. */
export function setManagementHeaders(response: ServerResponse, requestId: string): void {
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  if (!response.hasHeader('request-id')) response.setHeader('request-id', requestId)
}

/** Answers with an error, whether the request has been read or not. */
export function sendManagementError(request: IncomingMessage, response: ServerResponse, error: ManagementError): void {
  const retryAfter = retryAfterSeconds(error)
  const headers = {
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...(error.status === 401 ? { 'www-authenticate': 'Bearer realm="Culvert management"' } : {}),
  }
  if (!request.complete) discardRest(request)
  sendJson(response, error.status, errorBody(error), headers)
}

/** The body of a failed management call: a code for programs, a sentence for people, the field that is wrong. */
export function errorBody(error: ManagementError): ErrorBody {
  const path = member(error.data, 'path')
  const retryAfter = retryAfterSeconds(error)
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(typeof path === 'string' ? { path } : {}),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
  }
}

/** Seconds until trying again may succeed, where known. */
export function retryAfterSeconds(error: ManagementError): number | undefined {
  const wait = member(error.data, 'retryAfterMs')
  return typeof wait === 'number' ? Math.max(1, Math.ceil(wait / 1_000)) : undefined
}

function member(data: unknown, name: 'path' | 'retryAfterMs'): unknown {
  return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>)[name] : undefined
}
