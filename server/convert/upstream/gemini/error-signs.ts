import { isJsonObject } from '../../../canonical/json.ts'
import { geminiErrorSchema, type GeminiError } from '../../../wire/gemini/error.ts'
import { durationMs } from './duration.ts'

/** What an error of the service says, gathered from its members and details (gemini.md §6). */
export interface ErrorSigns {
  /** HTTP status, or the error's own code inside a stream. */
  readonly status: number
  /** `RESOURCE_EXHAUSTED` and the like; may be empty. */
  readonly rpcStatus: string
  /** ErrorInfo's reason; may be empty. */
  readonly reason: string
  readonly text: string
  readonly quotaIds: readonly string[]
  /** Milliseconds that RetryInfo or the text asks to wait. */
  readonly retryMs: number | undefined
  /** Milliseconds until the quota resets, as ErrorInfo tells it. */
  readonly resetMs: number | undefined
  /** Where the person can put it right (a verification or activation page). */
  readonly link: string | undefined
}

const MAX_DEPTH = 10

/** `now`: epoch milliseconds, for a reset that is a date. Never throws, whatever the body is. */
export function readErrorSigns(httpStatus: number, body: unknown, now: number): ErrorSigns {
  const error = innermost(body)
  const details = error?.details ?? []
  const info = details.find((detail) => detail.reason !== undefined)
  const metadata = info?.metadata ?? {}
  const text = error?.message ?? (typeof body === 'string' ? body : '')
  const told = details.find((detail) => detail.retryDelay !== undefined)?.retryDelay
  const inText = /(?:retry in|reset after)\s+([\d.hms]+)/iu.exec(text)?.[1]
  return {
    status: httpStatus === 200 ? (error?.code ?? 0) : httpStatus,
    rpcStatus: error?.status ?? '',
    reason: info?.reason ?? '',
    text,
    quotaIds: details.flatMap((detail) => detail.violations.flatMap(({ quotaId }) => quotaId ?? [])),
    retryMs: durationMs(told) ?? durationMs(inText),
    resetMs: durationMs(metadata['quotaResetDelay']) ?? untilMs(metadata['quotaResetTimeStamp'], now),
    link: webAddress(metadata['validation_url']) ?? webAddress(details.flatMap(({ links }) => links)[0]?.url),
  }
}

/** The body may be a list, and the real error may be JSON text in another one's message. */
function innermost(body: unknown): GeminiError | undefined {
  let current = errorOf(body)
  for (let depth = 0; depth < MAX_DEPTH && current?.message?.trimStart().startsWith('{') === true; depth += 1) {
    const inner = errorOf(parsed(current.message))
    if (inner === undefined) break
    current = inner
  }
  return current
}

function errorOf(body: unknown): GeminiError | undefined {
  const first: unknown = Array.isArray(body) ? body[0] : body
  const member = isJsonObject(first) ? first['error'] : undefined
  return isJsonObject(member) ? geminiErrorSchema.parse(member) : undefined
}

/** JSON with the stray commas that error bodies have been seen with. */
function parsed(text: string): unknown {
  for (const candidate of [text, text.replaceAll(/,(?:\s*,)+/gu, ',')]) {
    try {
      return JSON.parse(candidate)
    } catch {
      // Tried once more without the commas, then given up.
    }
  }
  return undefined
}

/** The body of an HTTP answer: JSON, else the text itself. */
export function parseErrorBody(text: string): unknown {
  return parsed(text) ?? text
}

function untilMs(value: unknown, now: number): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function webAddress(value: unknown): string | undefined {
  return typeof value === 'string' && /^https:\/\/[^\s"]{4,500}$/u.test(value) ? value : undefined
}
