import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { RuleName } from '../../lint/rules.ts'
import { branchesOf, mergedAllOf, resolveReference, richest } from './schema-branches.ts'

const MAX_DEPTH = 32
const MAX_PARTS = 4_000
const MAX_HINT = 400
/** Parts of `allOf` merged in one schema: references in them can name each other. */
const MAX_MERGES = 500

const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object'])
/** Says something about the schema itself, not about values. */
const DIALECT = new Set('$schema $id id $comment $anchor $defs definitions $vocabulary'.split(' '))
/** Worth a word in the description, so that the model still hears of it. */
const HINTED = new Set(
  (
    'minLength maxLength pattern format minItems maxItems uniqueItems minimum maximum exclusiveMinimum ' +
    'exclusiveMaximum multipleOf minProperties maxProperties'
  ).split(' '),
)
const READ_ELSEWHERE = new Set(
  '$ref type description properties required items enum const nullable anyOf oneOf allOf'.split(' '),
)

interface Walk {
  readonly root: JsonObject
  readonly rules: Set<RuleName>
  readonly references: string[]
  /** Parts of `allOf` that may still be merged. */
  readonly merges: { left: number }
  parts: number
}

export interface SubsetSchema {
  readonly schema: JsonObject
  readonly rules: readonly RuleName[]
}

/**
 * A JSON Schema within the subset that `parameters` and `responseSchema` are known to take: `type`, `description`,
 * `properties`, `required`, `items`, `enum` of strings, `nullable` (gemini.md §4.3). What is left out is told in the
 * description where the model can use it. The input is not changed.
 */
export function toSubsetSchema(schema: JsonObject): SubsetSchema {
  const rules = new Set<RuleName>()
  const subset = visit(schema, 0, { root: schema, rules, references: [], merges: { left: MAX_MERGES }, parts: 0 })
  return { schema: subset, rules: [...rules] }
}

function visit(node: JsonValue | undefined, depth: number, walk: Walk): JsonObject {
  walk.parts += 1
  if (!isJsonObject(node)) {
    // `true` and `false` as schemas, or nonsense.
    walk.rules.add('schema-keyword-form')
    return { type: 'string' }
  }
  if (depth > MAX_DEPTH || walk.parts > MAX_PARTS) {
    walk.rules.add('schema-size')
    return { type: 'string' }
  }
  if (typeof node.$ref === 'string') return visitReference(node, node.$ref, depth, walk)
  const merged = mergedAllOf(node, walk.root, walk.rules, walk.merges)
  const { branches, isNullable, alternatives } = branchesOf(merged)
  if (branches.length === 0) return visitPlain(merged, depth, walk, isNullable, [])
  walk.rules.add('schema-union')
  const { anyOf: _any, oneOf: _one, ...rest } = merged
  const chosen = richest(branches, walk.root)
  const notes = alternatives > 1 ? [`one of ${alternatives} forms: ${formsOf(branches)}`] : []
  if (typeof chosen.$ref === 'string') {
    const inner = visitReference({ ...rest, ...chosen }, chosen.$ref, depth, walk)
    return described(isNullable ? { ...inner, nullable: true } : inner, notes)
  }
  return visitPlain(
    mergedAllOf({ ...rest, ...chosen }, walk.root, walk.rules, walk.merges),
    depth,
    walk,
    isNullable,
    notes,
  )
}

function formsOf(branches: readonly JsonObject[]): string {
  return branches
    .map(({ title, const: value, type }) => {
      const name = title ?? value ?? type ?? 'object'
      return typeof name === 'string' ? name : JSON.stringify(name)
    })
    .join(', ')
    .slice(0, MAX_HINT)
}

function visitReference(node: JsonObject, reference: string, depth: number, walk: Walk): JsonObject {
  walk.rules.add('schema-ref')
  const { $ref: _reference, ...siblings } = node
  const target = resolveReference(walk.root, reference)
  if (target === undefined || walk.references.includes(reference)) {
    const type = typeof target?.type === 'string' && target.type !== 'array' ? target.type : 'string'
    const name = reference.split('/').at(-1) ?? ''
    const description = typeof siblings.description === 'string' ? siblings.description : `(like ${name})`
    return type === 'object' ? { type, description, properties: {} } : { type, description }
  }
  walk.references.push(reference)
  const inlined = visit({ ...target, ...siblings }, depth + 1, walk)
  walk.references.pop()
  return inlined
}

function visitPlain(
  node: JsonObject,
  depth: number,
  walk: Walk,
  nullableBranch: boolean,
  notes: readonly string[],
): JsonObject {
  const hints = [...notes]
  for (const [keyword, value] of Object.entries(node)) {
    if (READ_ELSEWHERE.has(keyword)) continue
    walk.rules.add(DIALECT.has(keyword) ? 'schema-dialect' : 'schema-subset')
    if (HINTED.has(keyword) && typeof value !== 'object') hints.push(`${keyword}: ${String(value)}`)
  }
  const { type, isNullable } = typeOf(node, walk)
  const result: Record<string, JsonValue> = { type }
  if (typeof node.description === 'string' && node.description !== '') result.description = node.description
  if (isNullable || nullableBranch || node.nullable === true) result.nullable = true
  addEnum(node, type, result, hints, walk)
  if (type === 'object') addProperties(node, depth, result, walk)
  if (type === 'array') {
    const { items } = node
    if (Array.isArray(items)) walk.rules.add('schema-keyword-form')
    result.items =
      items === undefined ? { type: 'string' } : visit(Array.isArray(items) ? items[0] : items, depth + 1, walk)
  }
  return described(result, hints)
}

function typeOf(node: JsonObject, walk: Walk): { readonly type: string; readonly isNullable: boolean } {
  const given = Array.isArray(node.type) ? node.type : [node.type]
  const isNullable = given.includes('null')
  const named = given.filter((type): type is string => typeof type === 'string' && TYPES.has(type))
  if (Array.isArray(node.type)) walk.rules.add('schema-union')
  const type = named.toSorted((left, right) => rank(right) - rank(left))[0]
  if (type !== undefined) return { type, isNullable }
  if (isJsonObject(node.properties)) return { type: 'object', isNullable }
  return { type: node.items === undefined ? 'string' : 'array', isNullable }
}

function rank(type: string): number {
  if (type === 'object') return 2
  return type === 'array' ? 1 : 0
}

function addEnum(node: JsonObject, type: string, result: Record<string, JsonValue>, hints: string[], walk: Walk): void {
  if (node.const !== undefined) walk.rules.add('schema-subset')
  const listed = node.const === undefined ? node.enum : [node.const]
  if (!Array.isArray(listed)) return
  const values = listed.filter((value) => value !== null)
  if (values.length < listed.length) result.nullable = true
  const texts = values.filter((value) => typeof value === 'string' && value !== '')
  if (type === 'string' && texts.length > 0) {
    if (texts.length < values.length) walk.rules.add('schema-subset')
    result.enum = texts
  } else if (values.length > 0) {
    // Numbers as texts would come back as texts, which the client's tool does not take.
    walk.rules.add('schema-subset')
    hints.push(`one of: ${values.map((value) => JSON.stringify(value)).join(', ')}`.slice(0, MAX_HINT))
  }
}

function addProperties(node: JsonObject, depth: number, result: Record<string, JsonValue>, walk: Walk): void {
  const properties: Record<string, JsonValue> = {}
  const nullable = new Set<string>()
  for (const [name, value] of Object.entries(isJsonObject(node.properties) ? node.properties : {})) {
    if (name === '__proto__' || walk.parts > MAX_PARTS) continue
    const property = visit(value, depth + 1, walk)
    if (property.nullable === true) nullable.add(name)
    properties[name] = property
  }
  result.properties = properties
  if (!Array.isArray(node.required)) return
  const required = node.required.filter(
    (name): name is string => typeof name === 'string' && Object.hasOwn(properties, name) && !nullable.has(name),
  )
  if (required.length < node.required.length) walk.rules.add('schema-subset')
  if (required.length > 0) result.required = [...new Set(required)]
}

function described(schema: JsonObject, hints: readonly string[]): JsonObject {
  if (hints.length === 0) return schema
  const note = `(${hints.join('; ')})`
  const { description } = schema
  return { ...schema, description: typeof description === 'string' ? `${description} ${note}` : note }
}
