type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
type Fields = { [key: string]: Json }

const REFUSED = ['$schema', '$ref', '$defs', 'definitions', 'prefixItems', 'unevaluatedProperties', 'dependentSchemas']
const SCHEMAS = ['items', 'not', 'if', 'then', 'else', 'contains', 'additionalProperties', 'propertyNames']
const LISTS = ['anyOf', 'oneOf', 'allOf']

/** Adds every known cause of refusal in a tool's input schema (amazon-q.md §2.5 "Known causes") to `faults`. */
export function checkSchema(schema: unknown, where: string, faults: string[]): void {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    faults.push(`${where}: no object`)
    return
  }
  const top = schema as Fields
  if (top['type'] !== 'object') faults.push(`${where}: top type`)
  for (const list of LISTS) if (list in top) faults.push(`${where}: top-level ${list}`)
  checkNode(top, where, faults)
}

function checkNode(node: Fields, where: string, faults: string[]): void {
  for (const keyword of REFUSED) if (keyword in node) faults.push(`${where}: ${keyword}`)
  for (const keyword of ['exclusiveMinimum', 'exclusiveMaximum']) {
    if (keyword in node) faults.push(`${where}: ${keyword}`)
  }
  for (const keyword of ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems']) {
    const value = node[keyword]
    if (value === undefined) continue
    if (typeof value !== 'number' || Math.abs(value) > 2 ** 31)
      faults.push(`${where}: ${keyword} ${JSON.stringify(value)}`)
  }
  const { required, properties, type } = node
  if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === 'string'))) {
    faults.push(`${where}: required`)
  }
  const types = Array.isArray(type) ? type : [type ?? 'string']
  if (!types.every((name) => typeof name === 'string')) faults.push(`${where}: type`)
  if (properties !== undefined) {
    if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) {
      faults.push(`${where}: properties`)
    } else {
      for (const [name, value] of Object.entries(properties)) checkBelow(value, `${where}.${name}`, faults)
    }
  }
  for (const keyword of SCHEMAS) {
    const value = node[keyword]
    if (value === undefined || (keyword === 'additionalProperties' && typeof value === 'boolean')) continue
    if (Array.isArray(value)) for (const part of value) checkBelow(part, `${where}.${keyword}`, faults)
    else checkBelow(value, `${where}.${keyword}`, faults)
  }
  for (const keyword of LISTS) {
    const value = node[keyword]
    if (value === undefined) continue
    if (!Array.isArray(value) || value.length === 0) faults.push(`${where}: ${keyword}`)
    else for (const part of value) checkBelow(part, `${where}.${keyword}`, faults)
  }
}

function checkBelow(value: Json, where: string, faults: string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) faults.push(`${where}: no schema`)
  else checkNode(value, where, faults)
}
