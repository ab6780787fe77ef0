import { httpFaults, type HttpFault } from './fault-catalogue.ts'
import type { Endpoint, Operation } from './state/received.ts'

/** Failures of the answer's bytes. `ms` and `afterFrames` of the fault say how long and where. */
export const transportFaults = {
  'exception-first': 'an exception frame before anything else (`type`, default ThrottlingException)',
  'exception-midstream': 'an exception frame after some frames (`type`, `afterFrames`)',
  'error-midstream': 'a frame of message type `error` after some frames (`afterFrames`)',
  'invalid-state': 'an invalidStateEvent after some frames (`afterFrames`)',
  'cut-before-headers': 'the connection is closed before any answer',
  'cut-before-first-byte': 'the connection is closed after the headers',
  'cut-midstream': 'the connection is closed between two frames (`afterFrames`)',
  'cut-midframe': 'the connection is closed inside a frame (`afterFrames`)',
  'end-midstream': 'the answer ends in good order between two frames, without its tail (`afterFrames`)',
  'end-midframe': 'the answer ends in good order inside a frame (`afterFrames`)',
  'reset-midstream': 'the connection is reset between two frames (`afterFrames`)',
  'stall-before-headers': 'nothing is answered for `ms` (default: until the client leaves)',
  'stall-before-first-byte': 'headers come, then nothing for `ms` (default: until the client leaves)',
  'stall-midstream': 'nothing for `ms` after some frames (default: until the client leaves)',
  'slow-drip': 'a pause of `ms` (default 100) before every frame',
  'corrupt-crc': 'one frame has a wrong message checksum (`afterFrames`)',
  'corrupt-prelude': 'one frame has a wrong prelude checksum (`afterFrames`)',
  'one-byte-chunks': 'every byte is a chunk of its own',
  'odd-chunks': 'chunks of `bytes` (default 7) bytes',
  'lying-length': 'one frame claims to be 2 GB long, with a right prelude checksum (`afterFrames`)',
  'lying-content-length': 'the content-length header promises more bytes than come',
  'html-200': 'status 200 with an HTML page instead of an event stream',
  'empty-body': 'status 200 with no frames at all',
} as const

/** Failures of the login services (amazon-q.md §1.2, §1.5); the plain HTTP ones are good for them too. */
export const tokenFaults = {
  'invalid-grant': [400, 'invalid_grant', 'InvalidGrantException', 'Invalid refresh token provided'],
  'invalid-client': [401, 'invalid_client', 'InvalidClientException', 'Invalid client provided'],
  'expired-token': [400, 'expired_token', 'ExpiredTokenException', 'The token is expired'],
  'access-denied': [400, 'access_denied', 'AccessDeniedException', 'Access denied'],
  'slow-down': [400, 'slow_down', 'SlowDownException', 'Slow down to avoid rate exceeded'],
  'authorization-pending': [400, 'authorization_pending', 'AuthorizationPendingException', 'Authorization is pending'],
  'invalid-request': [400, 'invalid_request', 'InvalidRequestException', 'Invalid request'],
  'invalid-scope': [400, 'invalid_scope', 'InvalidScopeException', 'Invalid scope'],
  'unauthorized-client': [400, 'unauthorized_client', 'UnauthorizedClientException', 'Client is not authorized'],
  'unsupported-grant-type': [
    400,
    'unsupported_grant_type',
    'UnsupportedGrantTypeException',
    'The grant type is not supported',
  ],
  'invalid-client-metadata': [
    400,
    'invalid_client_metadata',
    'InvalidClientMetadataException',
    'Invalid client metadata provided',
  ],
  'invalid-redirect-uri': [400, 'invalid_redirect_uri', 'InvalidRedirectUriException', 'Invalid redirect URI'],
  'invalid-request-region': [400, 'invalid_request', 'InvalidRequestRegionException', 'Wrong region for this request'],
  'server-error': [500, 'server_error', 'InternalServerException', 'Internal server error'],
} as const

export type HttpFaultName = keyof typeof httpFaults
export type TransportFaultName = keyof typeof transportFaults
export type TokenFaultName = keyof typeof tokenFaults
export type FaultName = HttpFaultName | TransportFaultName | TokenFaultName

export interface Fault {
  readonly name: FaultName
  /** The operation that it strikes. Default `generate`. */
  readonly on?: Operation
  /** How many requests it strikes. Default: all. */
  readonly times?: number
  /** Seconds of the `Retry-After` header. Absent: no such header. */
  readonly retryAfter?: number
  /** Milliseconds of a stall or a drip. */
  readonly ms?: number
  /** Bytes of a chunk. */
  readonly bytes?: number
  /** Frames that come through whole before it strikes. Default 3. */
  readonly afterFrames?: number
  /** Exception type of an exception frame. */
  readonly type?: string
  /** Instead of the usual message. */
  readonly message?: string
}

export const faultNames: readonly string[] = [httpFaults, transportFaults, tokenFaults].flatMap((table) =>
  Object.keys(table),
)

export function isFaultName(name: string): name is FaultName {
  return faultNames.includes(name)
}

export function isHttpFault(name: FaultName): name is HttpFaultName {
  return Object.hasOwn(httpFaults, name)
}

export function isTransportFault(name: FaultName): name is TransportFaultName {
  return Object.hasOwn(transportFaults, name)
}

export function isTokenFault(name: FaultName): name is TokenFaultName {
  return Object.hasOwn(tokenFaults, name)
}

/** One HTTP answer, ready to be sent. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The answer of an HTTP fault in the form of its endpoint: `__type` in the body with the JSON protocol (E1), the
 * `x-amzn-errortype` header with the rest one (E2), neither on the Kiro host (amazon-q.md §4.1).
 */
export function httpFaultAnswer(
  name: HttpFaultName,
  endpoint: Endpoint,
  options: { readonly retryAfter?: number | undefined; readonly message?: string | undefined } = {},
): HttpAnswer {
  const fault: HttpFault = httpFaults[name]
  const headers: Record<string, string> = {}
  if (options.retryAfter !== undefined) headers['retry-after'] = String(options.retryAfter)
  if (fault.html !== undefined) {
    return { status: fault.status, headers: { ...headers, 'content-type': 'text/html' }, body: fault.html }
  }
  if (endpoint === 'E2') headers['x-amzn-errortype'] = `${fault.type}:`
  headers['content-type'] = endpoint === 'E1' ? 'application/x-amz-json-1.0' : 'application/json'
  const type = endpoint === 'E1' ? { __type: `com.amazon.aws.codewhisperer#${fault.type}` } : {}
  const body = fault.json ?? { ...type, message: options.message ?? fault.message, reason: fault.reason ?? null }
  return { status: fault.status, headers, body: JSON.stringify(body) }
}
