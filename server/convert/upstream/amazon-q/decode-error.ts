import { ProxyError, type UpstreamErrorDetail } from '../../../canonical/error.ts'
import { catalogue } from './error-catalogue.ts'
import { readErrorSigns, type ErrorSigns } from './error-signs.ts'
import { retryAfterMs } from '../retry-after.ts'

/** What of an HTTP answer's headers is read; `Headers` and undici's header objects fit. */
export interface HeaderReader {
  get(name: string): string | null | undefined
}

export interface ErrorContext {
  /** Length of the body that was sent: a large one makes "Improperly formed request." mean too long. */
  readonly requestLength?: number
  /** Epoch milliseconds, for a `retry-after` that is a date. Now unless given. */
  readonly now?: number
}

/**
 * The error of an HTTP answer that is not 2xx, classified by the catalogue of amazon-q.md §4.3. Honours `retry-after`.
 * Never throws, whatever the body is.
 */
export function decodeAmazonQError(
  status: number,
  headers: HeaderReader,
  bodyText: string,
  context: ErrorContext = {},
): ProxyError {
  const header = (name: string) => headers.get(name) ?? undefined
  const signs = readErrorSigns(status, header('x-amzn-errortype'), bodyText, context.requestLength ?? 0)
  const requestId = header('x-amzn-requestid') ?? header('x-amz-request-id') ?? header('x-amzn-request-id')
  const retryMs = retryAfterMs(header('retry-after'), context.now ?? Date.now())
  return toError(signs, status, requestId, retryMs)
}

/** HTTP statuses that tell for an exception inside a stream what they tell for an answer. */
const STATUS_OF_EXCEPTION: ReadonlyMap<string, number> = new Map([
  ['ThrottlingException', 429],
  ['AccessDeniedException', 403],
  ['ValidationException', 400],
  ['ContentLengthExceededException', 413],
  ['ResourceNotFoundException', 404],
])

/**
 * The error of an `exception` or `error` message inside a stream (amazon-q.md §3.2, end of §4.3). `type` is the
 * exception's name or the error's code, `errorMessage` the message that an `error` frame has in a header.
 */
export function decodeAmazonQException(type: string, payloadText: string, errorMessage?: string): ProxyError {
  const text =
    payloadText === '' && errorMessage !== undefined ? JSON.stringify({ message: errorMessage }) : payloadText
  const signs = readErrorSigns(0, type, text, 0)
  // The payload's own type is the better name where the frame only says `error`.
  const status = STATUS_OF_EXCEPTION.get(signs.type) ?? STATUS_OF_EXCEPTION.get(type) ?? 0
  return toError({ ...signs, status }, 200, undefined, undefined)
}

/** Whether the service wants a profile ARN that the call did not have: the next endpoint may do without (§2.1). */
export function isProfileArnRequired(error: ProxyError): boolean {
  return error.upstreamStatus === 400 && /profileArn is required/iu.test(error.upstream?.message ?? '')
}

/** Whether the service refused members of the body that only some hosts know (§2.1). */
export function isRequestBodyInvalid(error: ProxyError): boolean {
  return error.upstreamStatus === 400 && error.upstream?.code === 'REQUEST_BODY_INVALID'
}

function toError(
  signs: ErrorSigns,
  upstreamStatus: number,
  requestId: string | undefined,
  retryMs: number | undefined,
): ProxyError {
  const row = catalogue.find((candidate) => candidate.test(signs))
  const code = signs.reason === '' ? signs.type : signs.reason
  const message = withoutSecrets(signs.message).slice(0, 1_000)
  const upstream: UpstreamErrorDetail = {
    upstream: 'amazon-q',
    ...(code === '' ? {} : { code: code.slice(0, 100) }),
    ...(message === '' ? {} : { message }),
    ...(requestId === undefined ? {} : { requestId: requestId.slice(0, 200) }),
  }
  // The last row of the catalogue takes everything.
  const explanation = row?.explanation ?? ''
  return new ProxyError(row?.kind ?? 'upstream-error', explanation + quoted(message, upstreamStatus), {
    upstreamStatus,
    upstream,
    ...(retryMs === undefined ? {} : { retryAfterMs: retryMs }),
  })
}

function quoted(message: string, status: number): string {
  // An exception inside a stream comes after a 200, which would only mislead.
  if (message === '') return status === 200 ? '' : ` The service gave no reason (HTTP ${status}).`
  return ` The service's own words: "${message}"`
}

/** AWS's tokens and keys, should a message ever repeat one. */
function withoutSecrets(text: string): string {
  return text.replaceAll(/\b(?:ao[ar]|ksk_|eyJ)[\w.~+/=:-]{20,}/gu, '(removed)')
}
