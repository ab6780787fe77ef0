import { ProxyError, type PromptSize } from '../../../canonical/error.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { untilDailyReset } from './duration.ts'
import { catalogue } from './error-catalogue.ts'
import { type ErrorSigns, parseErrorBody, readErrorSigns } from './error-signs.ts'

/**
 * The error of an HTTP answer that is not 2xx, classified by gemini.md §6 and §9. `now`: epoch milliseconds. Never
 * throws, whatever the body is.
 */
export function decodeGeminiError(status: number, bodyText: string, now: number = Date.now()): ProxyError {
  return toError(readErrorSigns(status, parseErrorBody(bodyText), now), status, now)
}

/** The error that stands in a stream in place of a chunk, alone or in a list; undefined: it is a chunk (gemini.md §5). */
export function decodeGeminiErrorChunk(chunk: unknown, now: number = Date.now()): ProxyError | undefined {
  const first: unknown = Array.isArray(chunk) ? chunk[0] : chunk
  if (!isJsonObject(first) || !isJsonObject(first['error'])) return undefined
  return toError(readErrorSigns(200, first, now), 200, now)
}

/** Whether the service does not know `thinkingLevel` for the model: a budget may do instead (gemini.md §4.4). */
export function isThinkingLevelRefused(error: ProxyError): boolean {
  return error.kind === 'invalid-request' && /thinking.?level/iu.test(error.upstream?.message ?? '')
}

function toError(signs: ErrorSigns, upstreamStatus: number, now: number): ProxyError {
  const row = catalogue.find((candidate) => candidate.test(signs))
  const kind = row?.kind ?? 'upstream-error'
  const code = signs.reason === '' ? signs.rpcStatus : signs.reason
  const message = withoutSecrets(signs.text).slice(0, 1_000)
  const wait = row?.wait === 'day' ? untilDailyReset(now) : row?.wait
  // RetryInfo's few seconds beside a daily limit are about the rate and would only lead to the next refusal.
  const told = row?.wait === 'day' ? signs.resetMs : (signs.retryMs ?? signs.resetMs)
  const retryAfterMs = told ?? wait
  const link = signs.link === undefined ? '' : ` Google's page for it: ${signs.link}`
  const promptSize = kind === 'prompt-too-long' ? promptSizeOf(signs.text) : undefined
  return new ProxyError(kind, (row?.explanation ?? '') + quoted(message, upstreamStatus) + link, {
    upstreamStatus,
    upstream: {
      upstream: 'gemini',
      ...(code === '' ? {} : { code: code.slice(0, 100) }),
      ...(message === '' ? {} : { message }),
    },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(promptSize === undefined ? {} : { promptSize }),
  })
}

/** "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)." */
function promptSizeOf(text: string): PromptSize | undefined {
  const [tokens, limit] = [...text.matchAll(/\d{4,12}/gu)].map(([digits]) => Number(digits))
  return tokens !== undefined && limit !== undefined && tokens > limit ? { tokens, limit } : undefined
}

function quoted(message: string, status: number): string {
  if (message === '') return status === 200 ? '' : ` The service gave no reason (HTTP ${status}).`
  return ` The service's own words: "${message}"`
}

/** Google's keys and tokens, should a message ever repeat one. */
function withoutSecrets(text: string): string {
  return text.replaceAll(/\b(?:AIza|AQ\.|ya29\.|1\/\/)[\w.~+/=-]{20,}/gu, '(removed)')
}
