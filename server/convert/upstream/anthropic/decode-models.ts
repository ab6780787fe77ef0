import type { ModelInfo } from '../../../canonical/offering.ts'
import { readModelPage } from '../../../wire/anthropic/upstream.ts'

export interface ModelPage {
  readonly models: readonly ModelInfo[]
  /** The id to go on after; absent: this was the last page. */
  readonly next?: string
}

/** A page of `GET /v1/models`; undefined: the answer is no such page. */
export function decodeModelPage(body: unknown): ModelPage | undefined {
  const page = readModelPage(body)
  if (page === undefined) return undefined
  const models = page.data.map((model) => ({
    id: model.id,
    name: model.display_name ?? model.id,
    ...(positive(model.max_input_tokens) && { contextWindow: model.max_input_tokens }),
    ...(positive(model.max_tokens) && { maxOutputTokens: model.max_tokens }),
    supportsPromptCaching: model.id.startsWith('claude-'),
  }))
  const next = page.has_more === true ? (page.last_id ?? models.at(-1)?.id) : undefined
  return { models, ...(next === undefined ? {} : { next }) }
}

function positive(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0
}
