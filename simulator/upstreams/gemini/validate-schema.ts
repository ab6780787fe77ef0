import { isArray, isObject } from '../../json.ts'

const keywords = new Set('type description properties required items enum nullable anyOf title'.split(' '))
const types = new Set('string number integer boolean array object'.split(' '))

/** What the service would object to in a schema under `parameters` (gemini.md §4.3), or undefined. */
export function schemaViolation(schema: unknown, path: string): string | undefined {
  if (!isObject(schema)) return `Invalid value at '${path}': a schema is an object.`
  for (const keyword of Object.keys(schema)) {
    if (!keywords.has(keyword))
      return `Invalid JSON payload received. Unknown name "${keyword}" at '${path}': Cannot find field.`
  }
  const { type, properties, required, items } = schema
  if (typeof type !== 'string' || !types.has(type)) return `Invalid value at '${path}.type'.`
  const listed = schema['enum']
  if (listed !== undefined) {
    const areTexts = isArray(listed) && listed.every((value) => typeof value === 'string' && value !== '')
    if (type !== 'string' || !areTexts) return `${path}.enum: only allowed for STRING type`
  }
  if (type === 'array' && items === undefined) return `${path}.items: missing field.`
  if (items !== undefined) {
    const inside = schemaViolation(items, `${path}.items`)
    if (inside !== undefined) return inside
  }
  const named = isObject(properties) ? properties : {}
  for (const [name, property] of Object.entries(named)) {
    const inside = schemaViolation(property, `${path}.properties[${name}]`)
    if (inside !== undefined) return inside
  }
  const missing = isArray(required) ? required.find((name) => !Object.hasOwn(named, String(name))) : undefined
  return missing === undefined ? undefined : `${path}.required: property is not defined: ${JSON.stringify(missing)}`
}
