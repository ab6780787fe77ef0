import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { RuleName } from '../../lint/rules.ts'

/** The alternatives of a schema's `anyOf` and `oneOf`, without a branch that only says `null`. */
export function branchesOf(node: JsonObject): {
  readonly branches: readonly JsonObject[]
  readonly isNullable: boolean
  readonly alternatives: number
} {
  const all = [node.anyOf, node.oneOf].flatMap((list) => (Array.isArray(list) ? list.filter(isJsonObject) : []))
  const branches = all.filter((branch) => branch.type !== 'null')
  return { branches, isNullable: branches.length < all.length, alternatives: branches.length }
}

/** The branch that can say most: object before array before scalar, then the one with more properties. */
export function richest(branches: readonly JsonObject[], root: JsonObject): JsonObject {
  const score = (branch: JsonObject): number => {
    const target = typeof branch.$ref === 'string' ? (resolveReference(root, branch.$ref) ?? branch) : branch
    const { properties } = target
    if (isJsonObject(properties)) return 1_000 + Object.keys(properties).length
    if (target.type === 'object') return 1_000
    return target.type === 'array' ? 500 : 0
  }
  return branches.toSorted((left, right) => score(right) - score(left))[0] ?? {}
}

/** The node with the properties and requirements of its `allOf`, as many parts as `budget` has left; its own win. */
export function mergedAllOf(
  node: JsonObject,
  root: JsonObject,
  rules: Set<RuleName>,
  budget: { left: number },
): JsonObject {
  if (!Array.isArray(node.allOf)) return node
  rules.add('schema-union')
  const { allOf, ...rest } = node
  let merged: JsonObject = rest
  for (const part of allOf.filter(isJsonObject)) {
    if (budget.left <= 0) {
      rules.add('schema-size')
      break
    }
    budget.left -= 1
    const target = typeof part.$ref === 'string' ? (resolveReference(root, part.$ref) ?? {}) : part
    const whole = mergedAllOf(target, root, rules, budget)
    const properties = { ...objectOf(whole.properties), ...objectOf(merged.properties) }
    const required = [...listOf(whole.required), ...listOf(merged.required)]
    merged = {
      ...whole,
      ...merged,
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required }),
    }
  }
  return merged
}

/** What a local reference (`#`, `#/$defs/name`) points to, or undefined. */
export function resolveReference(root: JsonObject, reference: string): JsonObject | undefined {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  let current: JsonValue | undefined = root
  for (const step of reference.slice(2).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!isJsonObject(current) || !Object.hasOwn(current, name)) return undefined
    current = current[name]
  }
  return isJsonObject(current) ? current : undefined
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
