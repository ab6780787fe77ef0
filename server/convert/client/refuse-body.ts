import type { ProxyError } from '../../canonical/error.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { BodyReading } from '../../wire/read-body.ts'
import { invalidField, invalidRequest, mismatch } from './request-fields.ts'

/**
 * The error for a body that its schema did not accept, with the path of the worst problem as `param` (`body` when there
 * is no object at all; `expected` then says what belongs there).
 */
export function bodyRefusal(raw: unknown, reading: BodyReading<unknown>, expected: string): ProxyError {
  const problems = reading.ok || !isJsonObject(raw) ? [] : reading.problems
  const [first, ...others] = problems
  if (first === undefined) return invalidField('body', expected, raw)
  const more = others.map((problem) => `; ${problem.path.join('.')}: ${mismatch(problem.expected, problem.value)}`)
  return invalidRequest(first.path.join('.'), mismatch(first.expected, first.value) + more.join(''))
}
