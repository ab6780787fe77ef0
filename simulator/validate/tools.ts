import type { Behaviour } from '../configuration.ts'
import { isArray, isObject } from '../json.ts'
import { checkToolSchema } from './schema.ts'
import { demand } from './violation.ts'

const namePattern = /^[a-zA-Z0-9_-]{1,64}$/u
const descriptionLimit = 10_240

export function isToolName(value: unknown): value is string {
  return typeof value === 'string' && namePattern.test(value)
}

/**
 * The declared tools of the current message (amazon-q.md §2.4): their names in lower case.
 *
 * @throws Violation
 */
export function checkTools(tools: unknown, behaviour: Behaviour): ReadonlySet<string> {
  const names = new Set<string>()
  if (tools === undefined) return names
  demand(isArray(tools), 'tools is no list')
  for (const [index, entry] of tools.entries()) {
    const where = `tools.${index}`
    demand(isObject(entry), `${where}: no object`)
    if (entry['cachePoint'] !== undefined) {
      demand(behaviour.cachePointInTools === 'accepted', `${where}: cachePoint inside tools`)
      continue
    }
    const specification = entry['toolSpecification']
    demand(isObject(specification), `${where}: no toolSpecification`)
    const { name, description, inputSchema } = specification
    demand(isToolName(name), `${where}: name is not 1 to 64 of [a-zA-Z0-9_-]`)
    demand(typeof description === 'string' && description !== '', `${where} (${name}): description missing or empty`)
    demand(
      description.length <= descriptionLimit,
      `${where} (${name}): description over ${descriptionLimit} characters`,
    )
    demand(isObject(inputSchema) && inputSchema['json'] !== undefined, `${where} (${name}): no inputSchema.json`)
    checkToolSchema(inputSchema['json'], `${where} (${name})`)
    names.add(name.toLowerCase())
  }
  return names
}
