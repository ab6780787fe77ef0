import type { JsonObject, JsonValue } from '../../../server/canonical/json.ts'
import type { Random } from '../random.ts'

const TYPES: readonly JsonValue[] = [
  'object',
  'string',
  'integer',
  'number',
  'array',
  ['string', 'null'],
  ['object', 'null'],
  null,
  7,
]
const REFERENCES = [
  '#',
  '#/$defs/a',
  '#/$defs/b',
  '#/definitions/a',
  '#/$defs/missing',
  'https://127.0.0.1/x.json',
  '#/properties/p0',
]

/** A tool's input schema with everything that a service may refuse, cycles among references included. */
export function randomSchema(random: Random): JsonObject {
  return {
    ...node(random, 0),
    ...(random.chance(0.5) && { $schema: 'https://json-schema.org/draft/2020-12/schema' }),
    ...(random.chance(0.4) && { $defs: { a: node(random, 1), b: { properties: { again: { $ref: '#/$defs/b' } } } } }),
  }
}

function node(random: Random, depth: number): Record<string, JsonValue> {
  const result: Record<string, JsonValue> = {}
  if (random.chance(0.7)) result['type'] = random.pick(TYPES)
  if (random.chance(0.2)) result['$ref'] = random.pick(REFERENCES)
  if (random.chance(0.3)) result['required'] = random.pick<JsonValue>([null, [], ['p0', 'p0'], ['p1', 3], 'p0', true])
  if (random.chance(0.2)) result['exclusiveMinimum'] = random.pick<JsonValue>([0, 1.5, true, null, 1e12])
  if (random.chance(0.2)) result['maximum'] = random.pick<JsonValue>([10, 9_007_199_254_740_991, -1e300, 'x'])
  if (random.chance(0.2)) result['enum'] = random.pick<JsonValue>([['a', null], [], 'a', [null], [1, { a: null }]])
  if (random.chance(0.2)) result['default'] = random.pick<JsonValue>([null, 'x', { a: null }, []])
  if (random.chance(0.2)) result['description'] = random.pick<JsonValue>(['text', null, 5])
  if (random.chance(0.1))
    result['additionalProperties'] = random.pick<JsonValue>([false, true, null, {}, { type: 'string' }, 3])
  if (depth > 2) return result
  const below = (): JsonValue =>
    random.chance(0.1) ? random.pick<JsonValue>([true, null, 'x', []]) : node(random, depth + 1)
  if (random.chance(0.5))
    result['properties'] = random.chance(0.1) ? null : { p0: below(), p1: below(), __proto__x: below() }
  if (random.chance(0.2)) result['items'] = random.chance(0.3) ? [below(), below()] : below()
  if (random.chance(0.1)) result['prefixItems'] = [below()]
  if (random.chance(0.2))
    result[random.pick(['anyOf', 'oneOf', 'allOf'])] = random.pick<JsonValue>([[below(), below()], [], null])
  if (random.chance(0.1)) result['not'] = below()
  if (random.chance(0.1)) result['unevaluatedProperties'] = false
  return result
}
