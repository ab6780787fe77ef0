import { type ErrorKind, type PromptSize, ProxyError } from '../../canonical/error.ts'
import type { Upstream } from '../../canonical/request.ts'
import { retryAfterMs } from './retry-after.ts'

/** What of an HTTP answer's headers is read. */
export interface HeaderReader {
  get(name: string): string | null | undefined
}

interface Signs extends ErrorWords {
  readonly status: number
}

interface Row {
  readonly test: (signs: Signs) => boolean
  readonly kind: ErrorKind
  /** What happened, whose fault it is, what to do. */
  readonly explanation: string
}

/**
 * What Anthropic's and OpenAI's services, and those that imitate them, mean by their errors. Read from the top, the first
 * row that fits counts. Wordings and types: clients.md §1.7, §1.8, §2 and §4.
 */
const catalogue: readonly Row[] = [
  row(
    'prompt-too-long',
    ({ status, type, message }) =>
      type === 'context_length_exceeded' || ((status === 400 || status === 413) && isTooLong(message)),
    'The conversation is longer than the model’s context window. Compact or shorten it, then send it again.',
  ),
  row(
    'signature-invalid',
    ({ status, message }) => status === 400 && /signature/iu.test(message) && /thinking/iu.test(message),
    'The service refuses earlier reasoning of this conversation. Start a new conversation if this goes on.',
  ),
  row(
    'quota-exhausted',
    ({ status, type, message }) =>
      status === 402 ||
      type === 'billing_error' ||
      type === 'insufficient_quota' ||
      /credit balance is too low|insufficient (?:balance|quota|credits?)|(?:usage|spend(?:ing)?) limits?\b.{0,40}\breached/iu.test(
        message,
      ),
    'The account has no credit left or has reached its spending limit. Add credit at the provider or use another account.',
  ),
  row(
    'suspended',
    ({ message }) => /(?:organization|account) has been (?:disabled|suspended)/iu.test(message),
    'The provider has disabled this account. Only the provider can enable it again.',
  ),
  row(
    'sign-in-needed',
    ({ status, type }) => status === 401 || type === 'authentication_error' || type === 'invalid_api_key',
    'The service refused this account’s API key: it is wrong, revoked or expired. Give the account a valid key in Culvert’s accounts.',
  ),
  row(
    'feature-not-supported',
    ({ status, type }) => status === 403 || type === 'permission_error',
    'This account’s API key may not make this call. Check at the provider what the key is allowed to do.',
  ),
  row(
    'model-not-found',
    ({ status, type, message }) =>
      type === 'model_not_found' || ((status === 404 || type === 'not_found_error') && /model/iu.test(message)),
    'The service does not offer this model to the account. Ask for one of the models that it lists.',
  ),
  row(
    'upstream-error',
    ({ status }) => status === 404 || status === 405,
    'The account’s base address answers, but has no such API there. Check the baseUrl of the account.',
  ),
  row(
    'request-too-large',
    ({ status, type }) => status === 413 || type === 'request_too_large',
    'The request has more bytes than the service takes. Remove large files or pictures from the conversation.',
  ),
  row(
    'rate-limited',
    ({ status, type }) => status === 429 || type.startsWith('rate_limit'),
    'The account has reached a rate limit of the service. It rests for a while; nothing needs to be done.',
  ),
  row(
    'overloaded',
    ({ status, type }) => status === 529 || type === 'overloaded_error' || type === 'server_is_overloaded',
    'The service is overloaded for everyone. Try again in a moment.',
  ),
  row(
    'timeout',
    ({ status, type }) => status === 408 || status === 504 || type === 'timeout_error',
    'The service took too long to answer. Try again.',
  ),
  row(
    'invalid-request',
    ({ status, type }) => status === 400 || status === 422 || type === 'invalid_request_error',
    'The service refuses the request’s form.',
  ),
  row('upstream-error', () => true, 'The service failed. This is its own fault; try again.'),
]

/** What an error body says of itself; empty texts where it says nothing. */
export interface ErrorWords {
  readonly type: string
  readonly message: string
}

/** Of whom the error is, and how its bodies are read. */
export interface ErrorDialect {
  readonly upstream: Upstream
  readonly read: (body: unknown) => ErrorWords
}

/** The error of an HTTP answer that is not 200. Never throws, whatever the body is. */
export function decodeHttpError(
  dialect: ErrorDialect,
  status: number,
  headers: HeaderReader,
  bodyText: string,
  now: number = Date.now(),
): ProxyError {
  const retryMs = retryAfterMs(headers.get('retry-after') ?? undefined, now)
  const requestId = headers.get('request-id') ?? headers.get('x-request-id') ?? undefined
  return toError(dialect, { status, ...dialect.read(parsed(bodyText)) }, status, requestId, retryMs)
}

/** The error inside a stream. */
export function decodeStreamError(dialect: ErrorDialect, event: unknown): ProxyError {
  return toError(dialect, { status: 0, ...dialect.read(event) }, 200, undefined, undefined)
}

function toError(
  { upstream }: ErrorDialect,
  signs: Signs,
  upstreamStatus: number,
  requestId: string | undefined,
  retryMs: number | undefined,
): ProxyError {
  const found = catalogue.find((candidate) => candidate.test(signs))
  const kind = found?.kind ?? 'upstream-error'
  const message = withoutSecrets(signs.message).slice(0, 1_000)
  const size = kind === 'prompt-too-long' ? promptSizeOf(message) : undefined
  return new ProxyError(kind, (found?.explanation ?? '') + quoted(message, upstreamStatus), {
    upstreamStatus,
    upstream: {
      upstream,
      ...(signs.type === '' ? {} : { code: signs.type.slice(0, 100) }),
      ...(message === '' ? {} : { message }),
      ...(requestId === undefined ? {} : { requestId: requestId.slice(0, 200) }),
    },
    ...(retryMs === undefined ? {} : { retryAfterMs: retryMs }),
    ...(size === undefined ? {} : { promptSize: size }),
  })
}

function row(kind: ErrorKind, test: Row['test'], explanation: string): Row {
  return { kind, test, explanation }
}

/** Of Anthropic and of those that serve other models in its dialect. */
function isTooLong(message: string): boolean {
  return /prompt is too long|maximum context length|context (?:window|length) (?:is )?exceeded|exceeds? the (?:model'?s )?(?:maximum )?context/iu.test(
    message,
  )
}

function promptSizeOf(message: string): PromptSize | undefined {
  const figures = /(\d{1,12}) tokens > (\d{1,12})/u.exec(message)
  return figures === null ? undefined : { tokens: Number(figures[1]), limit: Number(figures[2]) }
}

function quoted(message: string, status: number): string {
  // An error inside a stream comes after a 200, which would only mislead.
  if (message === '') return status === 200 ? '' : ` The service gave no reason (HTTP ${status}).`
  return ` The service's own words: "${message}"`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** API keys, should a message ever repeat one. */
function withoutSecrets(text: string): string {
  return text.replaceAll(/\b(?:sk|key|api)[-_][\w-]{12,}/giu, '(removed)')
}
