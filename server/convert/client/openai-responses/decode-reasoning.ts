import { isJsonObject } from '../../../canonical/json.ts'
import type { CompletionRequest, ReasoningRequest } from '../../../canonical/request.ts'
import type { ResponsesBody } from '../../../wire/openai-responses/request.ts'
import { anyJsonObject, decodeJsonSchemaFormat } from '../openai/json-schema-format.ts'
import { decodeEffort } from '../openai/reasoning-effort.ts'
import { invalidField } from '../request-fields.ts'

/**
 * What the client asked of the model's reasoning: any `reasoning` object asks for some, whose text is shown only where
 * a summary was asked for, as OpenAI does. Codex sends `{effort}` for models that it knows, `{summary}` for others
 * (clients.md §2).
 */
export function decodeReasoning(reasoning: ResponsesBody['reasoning']): ReasoningRequest | undefined {
  if (!reasoning) return undefined
  const asked: ReasoningRequest = decodeEffort(reasoning.effort) ?? { mode: 'adaptive' }
  if (asked.mode === 'off') return asked
  const summary = reasoning.summary ?? reasoning.generate_summary ?? 'none'
  return { ...asked, display: summary === 'none' ? 'omitted' : 'summarized' }
}

/** `text.format`; types other than a JSON schema or a JSON object mean free text. Throws `ProxyError`. */
export function decodeTextFormat(text: ResponsesBody['text']): CompletionRequest['outputFormat'] | undefined {
  const format = text?.format
  if (format === undefined || format === null) return undefined
  if (!isJsonObject(format)) throw invalidField('text.format', 'an object such as {"type":"text"}', format)
  const { type } = format
  if (typeof type !== 'string') throw invalidField('text.format.type', 'the name of a format', type)
  if (type === 'json_object') return anyJsonObject
  return type === 'json_schema' ? decodeJsonSchemaFormat(format, 'text.format') : undefined
}
