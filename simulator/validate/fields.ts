import { isArray, isObject, type JsonObject } from '../json.ts'
import type { Model } from '../models.ts'
import { Violation } from './violation.ts'

/**
 * `additionalModelRequestFields` against the model's schema (amazon-q.md §2.8); a model without one takes none.
 *
 * @throws Violation
 */
export function checkFields(fields: unknown, model: Model): void {
  if (fields === undefined) return
  const problem =
    model.fieldsSchema === undefined
      ? `${model.id} takes no additionalModelRequestFields`
      : mismatch(fields, model.fieldsSchema, 'additionalModelRequestFields')
  if (problem !== undefined) throw new Violation(problem, 'improperly-formed', 'Invalid additionalModelRequestFields')
}

/** The few keywords that the models' schemas use; what is wrong, or undefined. */
function mismatch(value: unknown, schema: JsonObject, where: string): string | undefined {
  const { type, properties, enum: allowed, minimum, maximum } = schema
  if (isArray(allowed) && !allowed.includes(value)) return `${where}: not one of ${allowed.join(', ')}`
  if (type === 'integer' && !Number.isInteger(value)) return `${where}: no integer`
  if (typeof value === 'number' && typeof minimum === 'number' && value < minimum) return `${where}: below ${minimum}`
  if (typeof value === 'number' && typeof maximum === 'number' && value > maximum) return `${where}: above ${maximum}`
  if (type !== 'object') return undefined
  if (!isObject(value)) return `${where}: no object`
  for (const [name, member] of Object.entries(value)) {
    const known = isObject(properties) ? properties[name] : undefined
    if (!isObject(known)) return `${where}.${name}: unknown member`
    const problem = mismatch(member, known, `${where}.${name}`)
    if (problem !== undefined) return problem
  }
  return undefined
}
