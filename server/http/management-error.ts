import type { ErrorBody } from '../contract/errors.ts'

/** What the management API's errors look like inside the program. */
export interface ManagementError {
  readonly code: string
  readonly status: number
  readonly message: string
  readonly data?: unknown
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
