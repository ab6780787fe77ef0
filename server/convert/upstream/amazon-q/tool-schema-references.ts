import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'

/** The schema that a local reference (`#`, `#/$defs/name` and so on) points to, or `undefined`. */
export function resolveLocalReference(root: JsonObject, reference: string): JsonObject | undefined {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  let current: JsonValue | undefined = root
  for (const step of reference.slice(2).split('/')) {
    const name = decodeStep(step)
    if (Array.isArray(current)) current = current[Number(name)]
    else if (isJsonObject(current) && Object.hasOwn(current, name)) current = current[name]
    else return undefined
  }
  return isJsonObject(current) ? current : undefined
}

function decodeStep(step: string): string {
  let text = step
  try {
    text = decodeURIComponent(step)
  } catch {
    // Not percent-encoded after all: the step is its own name.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~')
}
