import { z } from 'zod'

/** Where in the input the mistake is, e.g. `accounts.3.refreshToken`. */
const details = z.object({ path: z.string().optional(), retryAfterMs: z.number().optional() })

/**
 * How a management call may fail, by code. Over HTTP the body is `{ "error": { "code", "message", "path"? } }` with
 * this status; the message is a whole sentence.
 */
export const managementErrors = {
  'invalid-request': { status: 400, data: details },
  unauthenticated: { status: 401, data: details },
  forbidden: { status: 403, data: details },
  'not-found': { status: 404, data: details },
  timeout: { status: 408, data: details },
  conflict: { status: 409, data: details },
  'request-too-large': { status: 413, data: details },
  'rate-limited': { status: 429, data: details },
  internal: { status: 500, data: details },
  upstream: { status: 502, data: details },
  unavailable: { status: 503, data: details },
} as const

export type ManagementErrorCode = keyof typeof managementErrors

/** The body of every failed management call over HTTP. */
export const errorBodySchema = z.object({
  error: z.object({
    code: z.string().describe('A stable word for programs.'),
    message: z.string().describe('A whole sentence for a person.'),
    path: z.string().optional().describe('The field of the input that is wrong.'),
    retryAfter: z.number().optional().describe('Seconds until trying again may succeed.'),
  }),
})

export type ErrorBody = z.infer<typeof errorBodySchema>
