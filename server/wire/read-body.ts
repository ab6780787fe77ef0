import type { z } from 'zod'

/** One thing that is wrong with a body: where, what belongs there and what stood there. */
export interface BodyProblem {
  readonly path: readonly (string | number)[]
  /** Continues "expected …". */
  readonly expected: string
  /** `undefined`: the field is missing. */
  readonly value: unknown
}

/** Problems are at most five, fields of a wrong type before missing ones. */
export type BodyReading<Body> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly problems: readonly BodyProblem[] }

/** Reads a client's body with a schema whose messages say what was expected. Never throws. */
export function readBody<Body>(schema: z.ZodType<Body>, body: unknown): BodyReading<Body> {
  const result = schema.safeParse(body)
  if (result.success) return { ok: true, body: result.data }
  const problems = result.error.issues.map((issue): BodyProblem => {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
    return { path, expected: issue.message, value: valueAt(body, path) }
  })
  const missingLast = problems.toSorted((a, b) => Number(a.value === undefined) - Number(b.value === undefined))
  return { ok: false, problems: missingLast.slice(0, 5) }
}

function valueAt(body: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (isIndexable(value) ? value[key] : undefined), body)
}

function isIndexable(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null
}
