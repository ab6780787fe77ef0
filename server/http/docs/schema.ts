import { html } from './html.ts'
import type { Html } from './html.ts'

/** A JSON Schema as far as it is shown. */
export interface SchemaView {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: SchemaView
  readonly properties?: Readonly<Record<string, SchemaView>>
  readonly required?: readonly string[]
  readonly additionalProperties?: SchemaView | boolean
  readonly anyOf?: readonly SchemaView[]
  readonly oneOf?: readonly SchemaView[]
}

const refPrefix = '#/components/schemas/'

/** A schema as nested lists: members with type, limits and description. */
export function renderSchema(schema: SchemaView): Html {
  return html`<p class="type">${typeName(schema)}</p>
    ${renderInside(schema)}`
}

/** Members of objects, wherever they are inside arrays and alternatives. */
function renderInside(schema: SchemaView): Html | undefined {
  if (schema.properties !== undefined) {
    return html`<ul class="members">
      ${Object.entries(schema.properties).map(([name, member]) => renderMember(name, member, schema.required ?? []))}
    </ul>`
  }
  if (schema.items !== undefined) return renderInside(schema.items)
  const alternatives = alternativesOf(schema).map(renderInside)
  const shown = alternatives.filter((alternative) => alternative !== undefined)
  return shown.length === 0 ? undefined : html`${shown}`
}

function renderMember(name: string, schema: SchemaView, required: readonly string[]): Html {
  const mark = required.includes(name) ? html` <span class="required">required</span>` : undefined
  const limits = limitsOf(schema)
  return html`<li>
    <code>${name}</code> <span class="type">${typeName(schema)}</span>${mark}
    ${schema.description === undefined ? undefined : html`<span class="note">${schema.description}</span>`}
    ${limits === '' ? undefined : html`<span class="limits">${limits}</span>`} ${renderInside(schema)}
  </li>`
}

/** The type in a few words; named schemas are links. */
export function typeName(schema: SchemaView): Html {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.startsWith(refPrefix) ? schema.$ref.slice(refPrefix.length) : schema.$ref
    return html`<a href="#schema-${name}">${name}</a>`
  }
  if (schema.const !== undefined) return html`${JSON.stringify(schema.const)}`
  if (schema.enum !== undefined) return html`${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}`
  const alternatives = alternativesOf(schema)
  if (alternatives.length > 0) {
    return html`${alternatives.map((each, index) => html`${index === 0 ? '' : ' | '}${typeName(each)}`)}`
  }
  if (schema.type === 'array') return html`list of ${schema.items === undefined ? 'anything' : typeName(schema.items)}`
  if (schema.type === 'object' && schema.properties === undefined) return html`object`
  return html`${schema.format ?? schema.type ?? 'anything'}`
}

/** Limits, those of the alternatives included. */
export function limitsOf(schema: SchemaView): string {
  const own = [
    range(schema.minimum ?? schema.exclusiveMinimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    schema.pattern === undefined ? '' : schema.pattern,
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ]
  return [...own, ...alternativesOf(schema).map(limitsOf)].filter((limit) => limit !== '').join(', ')
}

function alternativesOf(schema: SchemaView): readonly SchemaView[] {
  return schema.anyOf ?? schema.oneOf ?? []
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  const upper = to === undefined || to >= Number.MAX_SAFE_INTEGER ? undefined : to
  const lower =
    from === undefined || from <= Number.MIN_SAFE_INTEGER || (from === 0 && upper === undefined) ? undefined : from
  if (lower === undefined && upper === undefined) return ''
  if (upper === undefined) return `from ${lower}${unit}`
  return lower === undefined ? `up to ${upper}${unit}` : `${lower} to ${upper}${unit}`
}
