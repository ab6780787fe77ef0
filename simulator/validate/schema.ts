import { isArray, isObject, type JsonObject } from '../json.ts'
import { demand } from './violation.ts'

/** Keywords that exist only since draft 2019-09 or 2020-12, and references that are not inlined. */
const unknownKeywords: ReadonlySet<string> = new Set([
  '$schema',
  '$ref',
  '$defs',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$vocabulary',
  'prefixItems',
  'unevaluatedProperties',
  'unevaluatedItems',
  'dependentSchemas',
  'dependentRequired',
  'minContains',
  'maxContains',
])

/** Members that map names of the schema's author to schemas. */
const namedSchemas: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'definitions'])

/** Members whose values are data or plain limits, not schemas. */
const data: ReadonlySet<string> = new Set([
  'enum',
  'const',
  'default',
  'examples',
  'required',
  'type',
  'description',
  'title',
])

const combinators = ['oneOf', 'anyOf', 'allOf'] as const
const int32 = 2_147_483_647

/**
 * The rules on `inputSchema.json` (amazon-q.md §2.5): an object schema of draft 7, no top-level combinators, no null
 * where a list or object belongs, limits within 32 bits.
 *
 * @throws Violation
 */
export function checkToolSchema(schema: unknown, where: string): void {
  demand(isObject(schema), `${where}: schema is no object`)
  for (const combinator of combinators) {
    demand(schema[combinator] === undefined, `${where}: top-level ${combinator}`, 'tool-schema-invalid')
  }
  demand(schema['type'] === 'object', `${where}: top type is not object`)
  checkSchema(schema, where, 0)
}

function checkSchema(schema: JsonObject, where: string, depth: number): void {
  demand(depth < 64, `${where}: nested too deep`)
  for (const [keyword, value] of Object.entries(schema)) {
    const here = `${where}.${keyword}`
    demand(!unknownKeywords.has(keyword), `${here}: keyword not understood`)
    if (keyword === 'required')
      demand(isArray(value) && value.every((name) => typeof name === 'string'), `${here}: no list`)
    if (keyword === 'properties') demand(isObject(value), `${here}: no object`)
    if (keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum') {
      demand(typeof value !== 'number', `${here}: numeric`)
    }
    if (keyword === 'minimum' || keyword === 'maximum') {
      demand(typeof value === 'number' && Math.abs(value) <= int32, `${here}: no number of 32 bits`)
    }
    if (!data.has(keyword)) checkBelow(keyword, value, here, depth + 1)
  }
}

function checkBelow(keyword: string, value: unknown, where: string, depth: number): void {
  demand(value !== null, `${where}: null`)
  if (namedSchemas.has(keyword) && isObject(value)) {
    for (const [name, schema] of Object.entries(value)) {
      demand(isObject(schema) || typeof schema === 'boolean', `${where}.${name}: no schema`)
      if (isObject(schema)) checkSchema(schema, `${where}.${name}`, depth)
    }
  } else if (isArray(value)) {
    for (const [index, schema] of value.entries()) if (isObject(schema)) checkSchema(schema, `${where}.${index}`, depth)
  } else if (isObject(value)) {
    checkSchema(value, where, depth)
  }
}
