import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../canonical/json.ts'
import { createRandom } from '../../../../tests/support/random.ts'
import { schemaViolation } from '../../../../simulator/upstreams/gemini/validate-schema.ts'
import { toSubsetSchema } from './tool-schema.ts'

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more })
const text = { type: 'string' }

const cases: [string, JsonObject, JsonObject, string[]][] = [
  ['what is fine stays', object({ a: text }, { required: ['a'] }), object({ a: text }, { required: ['a'] }), []],
  ['dialect', { $schema: 'x', $id: 'y', ...object({}) }, object({}), ['schema-dialect']],
  ['defaults and titles', { ...text, default: 'x', title: 'T', examples: [1] }, text, ['schema-subset']],
  ['a const', { const: 'x' }, { ...text, enum: ['x'] }, ['schema-subset']],
  [
    'numbers of an enum',
    { type: 'integer', enum: [1, 2] },
    { type: 'integer', description: '(one of: 1, 2)' },
    ['schema-subset'],
  ],
  ['null in an enum', { enum: ['a', null] }, { ...text, nullable: true, enum: ['a'] }, []],
  [
    'a list of types',
    object({ a: { type: ['string', 'null'] } }, { required: ['a'] }),
    object({ a: { ...text, nullable: true } }),
    ['schema-union', 'schema-subset'],
  ],
  [
    'bounds become words',
    { ...text, description: 'An address', format: 'uri', minLength: 3 },
    { ...text, description: 'An address (format: uri; minLength: 3)' },
    ['schema-subset'],
  ],
  [
    'the richest alternative',
    { anyOf: [text, object({ a: text }), { type: 'null' }] },
    { ...object({ a: text }), nullable: true, description: '(one of 2 forms: string, object)' },
    ['schema-union'],
  ],
  ['a single alternative', { oneOf: [text, { type: 'null' }] }, { ...text, nullable: true }, ['schema-union']],
  [
    'allOf',
    { allOf: [object({ a: text }, { required: ['a'] }), object({ b: text })] },
    object({ b: text, a: text }, { required: ['a'] }),
    ['schema-union'],
  ],
  [
    'a reference',
    { ...object({ a: { $ref: '#/$defs/x' } }), $defs: { x: text } },
    object({ a: text }),
    ['schema-dialect', 'schema-ref'],
  ],
  [
    'a cycle',
    { ...object({ a: { $ref: '#' } }) },
    object({ a: object({ a: { type: 'object', description: '(like #)', properties: {} } }) }),
    ['schema-ref'],
  ],
  ['a dangling reference', { $ref: 'http://x/y' }, { ...text, description: '(like y)' }, ['schema-ref']],
  ['a list without items', { type: 'array' }, { type: 'array', items: text }, []],
  ['a boolean schema', object({ a: true }), object({ a: text }), ['schema-keyword-form']],
  [
    'required without its property',
    object({ a: text }, { required: ['a', 'b'] }),
    object({ a: text }, { required: ['a'] }),
    ['schema-subset'],
  ],
  ['more rules', object({}, { additionalProperties: false, patternProperties: {} }), object({}), ['schema-subset']],
  [
    'properties named like keywords',
    object({ title: text, default: text }),
    object({ title: text, default: text }),
    [],
  ],
]

describe('gemini/tool-schema', () => {
  it.each(cases)('%s', (_name, from, to, rules) => {
    const { schema, rules: used } = toSubsetSchema(from)
    expect(schema).toEqual(to)
    expect([...used].toSorted()).toEqual(rules.toSorted())
    expect(schemaViolation(schema, 'x')).toBeUndefined()
  })

  it('stays small where references multiply', () => {
    const $defs: Record<string, JsonObject> = {}
    for (let index = 0; index < 25; index += 1) {
      const next = { $ref: `#/$defs/d${index + 1}` }
      $defs[`d${index}`] = object({ a: next, b: next })
    }
    $defs['d25'] = text
    const { schema, rules } = toSubsetSchema({ ...object({ x: { $ref: '#/$defs/d0' } }), $defs })
    expect(JSON.stringify(schema).length).toBeLessThan(2_000_000)
    expect(rules).toContain('schema-size')
  })

  it('stays quick where allOf names itself', () => {
    const { rules } = toSubsetSchema({ allOf: Array.from({ length: 50 }, () => ({ $ref: '#' })) })
    expect(rules).toContain('schema-size')
  })

  it('makes something that is taken of whatever comes', () => {
    const random = createRandom(7)
    const words =
      'type properties items anyOf oneOf allOf enum const required $ref description nullable default format'.split(' ')
    const any = (depth: number): unknown => {
      const kind = random.below(depth > 4 ? 4 : 7)
      if (kind === 0) return null
      if (kind === 1) return random.below(2) === 0
      if (kind === 2) return ['string', 'object', 'array', 'null', 'x', '', '#', '#/properties/type'][random.below(8)]
      if (kind === 3) return random.below(100)
      if (kind === 4) return Array.from({ length: random.below(4) }, () => any(depth + 1))
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [words[random.below(words.length)], any(depth + 1)]),
      )
    }
    for (let round = 0; round < 3_000; round += 1) {
      const schema = { type: 'object', properties: { a: any(0), b: any(0) } } as JsonObject
      expect({ schema, violation: schemaViolation(toSubsetSchema(schema).schema, 'x') }).toEqual({ schema })
    }
  })
})
