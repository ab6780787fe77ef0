import { isJsonObject } from '../../../canonical/json.ts'
import type { CompletionRequest, Effort, ReasoningRequest } from '../../../canonical/request.ts'
import type { MessagesBody } from '../../../wire/anthropic/request.ts'
import { invalidField } from '../request-fields.ts'

const efforts: ReadonlySet<string> = new Set<Effort>(['minimal', 'low', 'medium', 'high', 'xhigh', 'max'])

/** A known effort; anything else is ignored, as every effort hint may be (clients.md §6 line 15). */
export function effortOf(text: string | null | undefined): Effort | undefined {
  return isEffort(text) ? text : undefined
}

/**
 * What the client asked of the model's reasoning. `thinking` decides whether there is any: absent means absent, even
 * beside an effort (title generation sends one and wants no reasoning). The body's effort comes before that of a message.
 * Modes that we don't know count as adaptive.
 */
export function decodeReasoning(body: MessagesBody, messageEffort: Effort | undefined): ReasoningRequest | undefined {
  const { thinking } = body
  if (!thinking) return undefined
  const budgetTokens = thinking.type === 'enabled' ? (thinking.budget_tokens ?? undefined) : undefined
  if (thinking.type === 'disabled' || budgetTokens === 0) return { mode: 'off' }
  const effort = effortOf(body.output_config?.effort) ?? messageEffort
  const display = displayOf(thinking.display)
  return {
    mode: budgetTokens === undefined ? 'adaptive' : 'budget',
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(display === undefined ? {} : { display }),
  }
}

/** `output_config.format`, or the older top-level `output_format`. Formats other than a JSON schema mean free text. */
export function decodeOutputFormat(body: MessagesBody): CompletionRequest['outputFormat'] | undefined {
  const path = body.output_config?.format ? 'output_config.format' : 'output_format'
  const format = body.output_config?.format ?? body.output_format
  if (format?.type !== 'json_schema') return undefined
  const schema: unknown = format.schema
  if (!isJsonObject(schema)) throw invalidField(`${path}.schema`, 'a JSON Schema, an object', schema ?? undefined)
  return { type: 'json-schema', ...named(format.name), schema }
}

/** `updates` asks for short progress texts: the nearest thing is the summarised text. */
function displayOf(display: string | null | undefined): ReasoningRequest['display'] | undefined {
  switch (display) {
    case 'omitted':
      return 'omitted'
    case 'summarized':
    case 'updates':
      return 'summarized'
    default:
      return undefined
  }
}

function named(name: string | null | undefined): { readonly name?: string } {
  return name ? { name } : {}
}

function isEffort(text: string | null | undefined): text is Effort {
  return typeof text === 'string' && efforts.has(text)
}
