import { ProxyError } from '../../../canonical/error.ts'
import type { WireModel, WireModelList } from '../../../wire/anthropic/answer.ts'

/** One model that can be asked for. */
export interface ModelListEntry {
  readonly id: string
  readonly displayName: string
  /** Epoch milliseconds. */
  readonly createdAt?: number
  /** Tokens. */
  readonly contextWindow?: number
  /** Tokens. */
  readonly maxOutputTokens?: number
}

export interface ModelListQuery {
  /** 1 to 1,000; 20 when absent. */
  readonly limit?: number
  readonly afterId?: string
  readonly beforeId?: string
}

/**
 * One page of `GET /v1/models` (clients.md §4): the entries after `afterId`, or the last ones before `beforeId`. Throws
 * `ProxyError('invalid-request')` for a limit out of range or an id that is not in the list.
 */
export function encodeModelList(models: readonly ModelListEntry[], query: ModelListQuery): WireModelList {
  const limit = query.limit ?? 20
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new ProxyError(
      'invalid-request',
      'limit: expected a whole number from 1 to 1000. Correct it and ask again.',
      {
        param: 'limit',
      },
    )
  }
  const first = query.afterId === undefined ? 0 : indexOf(models, query.afterId, 'after_id') + 1
  const end = query.beforeId === undefined ? models.length : indexOf(models, query.beforeId, 'before_id')
  const backwards = query.beforeId !== undefined && query.afterId === undefined
  const window = models.slice(first, end)
  const page = backwards ? window.slice(-limit) : window.slice(0, limit)
  return {
    data: page.map(encodeModel),
    has_more: window.length > page.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  }
}

/** The body of `GET /v1/models/{id}`. An unknown date is the epoch, as in Anthropic's own list. */
export function encodeModel(entry: ModelListEntry): WireModel {
  return {
    type: 'model',
    id: entry.id,
    display_name: entry.displayName,
    created_at: new Date(entry.createdAt ?? 0).toISOString().replace('.000Z', 'Z'),
    max_input_tokens: entry.contextWindow ?? null,
    max_tokens: entry.maxOutputTokens ?? null,
  }
}

function indexOf(models: readonly ModelListEntry[], id: string, param: string): number {
  const index = models.findIndex((model) => model.id === id)
  if (index !== -1) return index
  throw new ProxyError(
    'invalid-request',
    `${param}: no model with this id is in the list. Start again without ${param}, since the list may have changed.`,
    { param },
  )
}
