import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { RuleName } from '../../lint/rules.ts'
import { cleanBound, cleanEnum, cleanNames, cleanType, holdsNull, type CleanKeyword } from './tool-schema-keywords.ts'
import { resolveLocalReference } from './tool-schema-references.ts'

const MAX_DEPTH = 32
const MAX_PARTS = 4_000

/** What a keyword's value is made of: decides how to go on below it. */
type KeywordKind = 'schema' | 'schema-or-boolean' | 'schema-list' | 'schema-map' | 'items' | 'text'

const KINDS: ReadonlyMap<string, KeywordKind> = new Map([
  ['additionalProperties', 'schema-or-boolean'],
  ['additionalItems', 'schema-or-boolean'],
  ['contains', 'schema'],
  ['propertyNames', 'schema'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['items', 'items'],
  ['anyOf', 'schema-list'],
  ['oneOf', 'schema-list'],
  ['allOf', 'schema-list'],
  ['properties', 'schema-map'],
  ['patternProperties', 'schema-map'],
  ['description', 'text'],
  ['title', 'text'],
  ['pattern', 'text'],
  ['format', 'text'],
])

const CLEANERS: ReadonlyMap<string, CleanKeyword> = new Map([
  ['type', cleanType],
  ['enum', cleanEnum],
  ['required', cleanNames],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].map(boundEntry),
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map(boundEntry),
])

function boundEntry(keyword: string): [string, CleanKeyword] {
  return [keyword, cleanBound]
}

const DIALECT_KEYWORDS = new Set(
  '$schema $id id $comment $anchor $vocabulary $dynamicAnchor $recursiveAnchor $defs definitions'.split(' '),
)
const LATER_KEYWORDS = new Set(
  (
    'prefixItems unevaluatedProperties unevaluatedItems dependentRequired dependentSchemas dependencies minContains ' +
    'maxContains $dynamicRef $recursiveRef contentSchema'
  ).split(' '),
)

interface Walk {
  readonly root: JsonObject
  readonly rules: Set<RuleName>
  /** References being inlined now: meeting one of them again is a cycle. */
  readonly references: string[]
  parts: number
}

/** A copy of a schema without anything that the service refuses below the top level. `rules` gets what was changed. */
export function walkSchema(schema: JsonObject, rules: Set<RuleName>): JsonObject {
  return visit(schema, 0, { root: schema, rules, references: [], parts: 0 })
}

function visit(node: JsonValue, depth: number, walk: Walk): JsonObject {
  if (!isJsonObject(node)) {
    walk.rules.add('schema-keyword-form')
    return {}
  }
  walk.parts += 1
  if (depth > MAX_DEPTH || walk.parts > MAX_PARTS) {
    walk.rules.add('schema-size')
    return openSchema(node)
  }
  if (node.$ref !== undefined) return inlineReference(node, depth, walk)
  const result: Record<string, JsonValue> = {}
  for (const keyword in node) {
    if (!Object.hasOwn(node, keyword)) continue
    const value = node[keyword]
    if (value === null || value === undefined) walk.rules.add('schema-null')
    else if (DIALECT_KEYWORDS.has(keyword)) walk.rules.add('schema-dialect')
    else if (LATER_KEYWORDS.has(keyword)) addLater(keyword, value, depth, walk, result)
    else addKeyword(keyword, value, node, depth, walk, result)
  }
  return result
}

function addKeyword(
  keyword: string,
  value: JsonValue,
  node: JsonObject,
  depth: number,
  walk: Walk,
  result: Record<string, JsonValue>,
): void {
  const clean = CLEANERS.get(keyword)
  if (clean !== undefined) {
    clean(keyword, value, node, result, walk.rules)
    return
  }
  const kind = KINDS.get(keyword)
  const cleaned = kind === undefined ? cleanValue(value, walk) : cleanKind(kind, value, depth, walk)
  // An open schema under `not` would forbid everything.
  if (keyword === 'not' && isJsonObject(cleaned) && Object.keys(cleaned).length === 0) return
  if (cleaned !== undefined && keyword !== '__proto__') result[keyword] = cleaned
}

function cleanKind(kind: KeywordKind, value: JsonValue, depth: number, walk: Walk): JsonValue | undefined {
  if (kind === 'text' && typeof value === 'string') return value
  if (kind === 'schema-or-boolean' && typeof value === 'boolean') return value
  if ((kind === 'schema-list' || kind === 'items') && Array.isArray(value)) {
    const schemas = visitList(value, depth, walk)
    if (schemas.length > 0) return schemas
  } else if (kind === 'schema-map' && isJsonObject(value)) {
    return visitMap(value, depth, walk)
  } else if (kind !== 'text' && kind !== 'schema-list' && kind !== 'schema-map' && typeof value === 'object') {
    return visit(value, depth + 1, walk)
  }
  walk.rules.add('schema-keyword-form')
  return undefined
}

function visitList(list: readonly JsonValue[], depth: number, walk: Walk): JsonObject[] {
  const result: JsonObject[] = []
  for (const value of list) {
    if (isOverLimit(walk)) break
    if (value === null) walk.rules.add('schema-null')
    else result.push(visit(value, depth + 1, walk))
  }
  return result
}

function isOverLimit(walk: Walk): boolean {
  if (walk.parts <= MAX_PARTS) return false
  walk.rules.add('schema-size')
  return true
}

function visitMap(map: JsonObject, depth: number, walk: Walk): JsonObject {
  const result: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(map)) {
    if (isOverLimit(walk)) break
    // Assigned to a plain object, this name would change its prototype.
    if (name === '__proto__') walk.rules.add('schema-keyword-form')
    else if (value === null) walk.rules.add('schema-null')
    else result[name] = visit(value, depth + 1, walk)
  }
  return result
}

function cleanValue(value: JsonValue, walk: Walk): JsonValue | undefined {
  if (!holdsNull(value, 0)) return value
  walk.rules.add('schema-null')
  return undefined
}

function addLater(
  keyword: string,
  value: JsonValue,
  depth: number,
  walk: Walk,
  result: Record<string, JsonValue>,
): void {
  walk.rules.add('schema-2020')
  if (keyword !== 'prefixItems' || !Array.isArray(value)) return
  const variants = visitList(value, depth, walk)
  const [first] = variants
  if (first !== undefined) result.items = variants.length === 1 ? first : { anyOf: variants }
}

function inlineReference(node: JsonObject, depth: number, walk: Walk): JsonObject {
  walk.rules.add('schema-ref')
  const { $ref: reference, ...siblings } = node
  const target = typeof reference === 'string' ? resolveLocalReference(walk.root, reference) : undefined
  if (target === undefined || typeof reference !== 'string') return visit(siblings, depth + 1, walk)
  if (walk.references.includes(reference)) return { ...openSchema(target), ...visit(siblings, depth + 1, walk) }
  walk.references.push(reference)
  const inlined = visit({ ...target, ...siblings }, depth + 1, walk)
  walk.references.pop()
  return inlined
}

/** A schema that allows what the given one does and more, without going into it. */
function openSchema(schema: JsonObject): JsonObject {
  return typeof schema.type === 'string' ? { type: schema.type } : {}
}
