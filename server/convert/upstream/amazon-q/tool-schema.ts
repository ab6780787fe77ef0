import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { RuleName } from '../../lint/rules.ts'
import { walkSchema } from './tool-schema-walk.ts'

export interface NormalisedSchema {
  readonly json: JsonObject
  /** The rules that changed something, each once. */
  readonly rules: readonly RuleName[]
}

/**
 * Brings a tool's input schema into the form that the service is known to accept (amazon-q.md §2.5): an object on top
 * without combinators, references inlined, nothing newer than draft 7, no `null`. The input is not changed.
 */
export function normaliseToolSchema(schema: JsonObject | undefined): NormalisedSchema {
  const rules = new Set<RuleName>()
  if (schema === undefined) {
    rules.add('schema-missing')
    return { json: { type: 'object', properties: {} }, rules: [...rules] }
  }
  const lifted = liftCombinators(walkSchema(schema, rules), rules)
  if (lifted.type !== 'object') rules.add('schema-top-type')
  const { properties, ...others } = lifted
  return {
    json: { ...others, type: 'object', properties: isJsonObject(properties) ? properties : {} },
    rules: [...rules],
  }
}

const COMBINATORS = ['allOf', 'anyOf', 'oneOf'] as const

/**
 * Moves what the object variants of top-level combinators describe to the top. All variants' properties are kept, not
 * only the first variant's: a parameter that is not declared could never be sent.
 */
function liftCombinators(schema: JsonObject, rules: Set<RuleName>): JsonObject {
  let result = schema
  for (const combinator of COMBINATORS) {
    const variants = result[combinator]
    if (!Array.isArray(variants)) continue
    rules.add('schema-top-combinator')
    const { [combinator]: _lifted, ...rest } = result
    result = mergeVariants(rest, objectVariants(variants, rules), combinator === 'allOf')
  }
  return result
}

function objectVariants(variants: readonly JsonValue[], rules: Set<RuleName>): JsonObject[] {
  const found: JsonObject[] = []
  for (const variant of variants) {
    if (!isJsonObject(variant)) continue
    const lifted = liftCombinators(variant, rules)
    if (lifted.type === 'object' || isJsonObject(lifted.properties) || lifted.type === undefined) found.push(lifted)
  }
  return found
}

function mergeVariants(base: JsonObject, variants: readonly JsonObject[], allApply: boolean): JsonObject {
  const properties: Record<string, JsonValue> = isJsonObject(base.properties) ? { ...base.properties } : {}
  const required = new Set(namesOf(base.required))
  let common: string[] | undefined
  for (const variant of variants) {
    if (isJsonObject(variant.properties)) {
      for (const [name, value] of Object.entries(variant.properties)) {
        if (!Object.hasOwn(properties, name)) properties[name] = value
      }
    }
    const names = new Set(namesOf(variant.required))
    common = common === undefined || allApply ? [...(common ?? []), ...names] : common.filter((name) => names.has(name))
  }
  for (const name of common ?? []) required.add(name)
  const description = base.description ?? variants.find((variant) => variant.description !== undefined)?.description
  const { required: _replaced, ...rest } = base
  return {
    ...rest,
    ...(description === undefined ? {} : { description }),
    type: 'object',
    properties,
    ...(required.size === 0 ? {} : { required: [...required] }),
  }
}

function namesOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}
