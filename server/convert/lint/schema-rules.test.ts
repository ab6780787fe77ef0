import { describe, expect, it } from 'vitest'
import { checkSchema } from '../../../tests/support/amazon-q/check-schema.ts'
import type { JsonObject, JsonValue } from '../../canonical/json.ts'
import { normaliseToolSchema } from '../upstream/amazon-q/tool-schema.ts'
import type { schemaRules } from './tool-rules.ts'

type SchemaRule = (typeof schemaRules)[number]['name']

interface SchemaCase {
  readonly rule: SchemaRule
  readonly name: string
  readonly from: JsonObject | undefined
  readonly to: JsonObject
}

/** An object schema with the one property `a`. */
function withA(a: JsonValue, rest: JsonObject = {}): JsonObject {
  return { type: 'object', properties: { a }, ...rest }
}

const cases: readonly SchemaCase[] = [
  { rule: 'schema-missing', name: 'none at all', from: undefined, to: { type: 'object', properties: {} } },
  { rule: 'schema-top-type', name: 'no type', from: { properties: { a: {} } }, to: withA({}) },
  {
    rule: 'schema-top-type',
    name: 'a list of types',
    from: { type: ['object', 'null'], properties: { a: {} } },
    to: withA({}),
  },
  { rule: 'schema-top-type', name: 'another type', from: { type: 'string' }, to: { type: 'object', properties: {} } },
  {
    rule: 'schema-top-combinator',
    name: 'anyOf: all parameters stay, those that all variants require stay required',
    from: {
      description: 'd',
      anyOf: [
        { type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a', 'b'] },
        { properties: { a: { type: 'number' }, c: {} }, required: ['a', 'c'] },
        { type: 'string' },
        { type: 'null' },
      ],
    },
    to: { description: 'd', type: 'object', properties: { a: { type: 'string' }, b: {}, c: {} }, required: ['a'] },
  },
  {
    rule: 'schema-top-combinator',
    name: 'allOf: everything required stays required',
    from: { type: 'object', allOf: [{ properties: { a: {} }, required: ['a'] }, { required: ['b'] }] },
    to: withA({}, { required: ['a', 'b'] }),
  },
  {
    rule: 'schema-dialect',
    name: '$schema and identifiers, but not a property of that name',
    from: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'x',
      type: 'object',
      properties: { $id: {} },
    },
    to: { type: 'object', properties: { $id: {} } },
  },
  {
    rule: 'schema-ref',
    name: 'a local reference, its own description kept',
    from: withA(
      { $ref: '#/$defs/t', description: 'mine' },
      { $defs: { t: { type: 'string', description: 'theirs' } } },
    ),
    to: withA({ type: 'string', description: 'mine' }),
  },
  {
    rule: 'schema-ref',
    name: 'escaped steps',
    from: withA({ $ref: '#/definitions/x~1y%20z' }, { definitions: { 'x/y z': { type: 'boolean' } } }),
    to: withA({ type: 'boolean' }),
  },
  {
    rule: 'schema-ref',
    name: 'a cycle ends in an open schema',
    from: withA({ $ref: '#/$defs/t' }, { $defs: { t: withA({ $ref: '#/$defs/t' }) } }),
    to: withA(withA({ type: 'object' })),
  },
  { rule: 'schema-ref', name: 'a remote one', from: withA({ $ref: 'https://h/x' }), to: withA({}) },
  {
    rule: 'schema-null',
    name: 'keywords that are null',
    from: { type: 'object', properties: { a: { type: 'string', default: null, enum: ['x', null] } }, required: null },
    to: withA({ type: 'string', enum: ['x'] }),
  },
  {
    rule: 'schema-keyword-form',
    name: 'wrong kinds of values',
    from: withA({ type: 7, description: 5, minimum: 'x', anyOf: [] }, { required: ['a', 1, 'a'] }),
    to: withA({}, { required: ['a'] }),
  },
  { rule: 'schema-keyword-form', name: 'a boolean schema', from: withA(true), to: withA({}) },
  {
    rule: 'schema-exclusive-bound',
    name: 'an integer',
    from: withA({ type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 }),
    to: withA({ type: 'integer', minimum: 1, maximum: 9 }),
  },
  {
    rule: 'schema-exclusive-bound',
    name: 'a number, the narrower of two bounds',
    from: withA({ type: 'number', minimum: 5, exclusiveMinimum: 2 }),
    to: withA({ type: 'number', minimum: 5 }),
  },
  {
    rule: 'schema-bound',
    name: 'more than 32 bits',
    from: withA({ type: 'integer', minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991, maxLength: 1e12 }),
    to: withA({ type: 'integer' }),
  },
  {
    rule: 'schema-2020',
    name: 'prefixItems and unevaluatedProperties',
    from: withA(
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
      { unevaluatedProperties: false },
    ),
    to: withA({ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } }),
  },
  {
    rule: 'schema-size',
    name: 'references that would grow without end',
    from: withA({ $ref: '#/$defs/d0' }, { $defs: doubling(20) }),
    to: expect.objectContaining({ type: 'object' }),
  },
]

/** Each definition names the next one twice: a million parts once inlined. */
function doubling(levels: number): JsonObject {
  const definitions: Record<string, JsonValue> = { [`d${levels}`]: { type: 'string' } }
  for (let level = 0; level < levels; level += 1) {
    const next = { $ref: `#/$defs/d${level + 1}` }
    definitions[`d${level}`] = { type: 'object', properties: { left: next, right: next } }
  }
  return definitions
}

describe('schema-rules', () => {
  it.each(cases)('$rule: $name', ({ rule, from, to }) => {
    const { json, rules } = normaliseToolSchema(from)
    expect(rules).toContain(rule)
    expect(json).toEqual(to)
    const faults: string[] = []
    checkSchema(json, 'schema', faults)
    expect(faults).toEqual([])
    expect(JSON.stringify(json).length).toBeLessThan(400_000)
  })

  it('has a case for each rule', () => {
    const all: Record<SchemaRule, boolean> = {
      'schema-missing': true,
      'schema-top-type': true,
      'schema-top-combinator': true,
      'schema-dialect': true,
      'schema-ref': true,
      'schema-null': true,
      'schema-keyword-form': true,
      'schema-exclusive-bound': true,
      'schema-bound': true,
      'schema-2020': true,
      'schema-size': true,
    }
    expect(new Set(cases.map(({ rule }) => rule))).toEqual(new Set(Object.keys(all)))
  })

  it('leaves a schema alone that has nothing to repair', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { path: { type: ['string', 'null'], minLength: 1 }, mode: { enum: ['a', 'b'], default: 'a' } },
      required: ['path'],
      additionalProperties: false,
    }
    expect(normaliseToolSchema(schema)).toEqual({ json: schema, rules: [] })
  })

  it('is not led to the prototype by a property of that name', () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"},"b":{}}}') as JsonObject
    const { json } = normaliseToolSchema(schema)
    expect(Object.keys(json['properties'] as JsonObject)).toEqual(['b'])
  })
})
