import type { IncomingMessage, ServerResponse } from 'node:http'
import { ProxyError } from '../canonical/error.ts'
import { encodeModel, encodeModelList, type ModelListEntry } from '../convert/client/anthropic/encode-models.ts'
import { sendJson } from './respond.ts'

/** A model as clients see it. Token figures are whole tokens. */
export interface OfferedModel {
  readonly id: string
  readonly name: string
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
}

export interface ModelsDeps {
  /** Every model that an enabled account, or the one named, offers, each once; undefined: there is no such account. */
  readonly models: (accountId?: string) => readonly OfferedModel[] | undefined
  /** The model that answers for a name, or `undefined`. */
  readonly resolve: (requested: string, offered: readonly string[]) => string | undefined
}

/**
 * `GET /v1/models` and `/v1/models/{id}`: in Anthropic's shape for clients that send `anthropic-version`, in OpenAI's for
 * others (clients.md §5). Throws `ProxyError`.
 */
export function handleModels(
  deps: ModelsDeps,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  id: string | undefined,
): void {
  const accountId = request.headers['x-account-id']
  const models = typeof accountId === 'string' && accountId !== '' ? deps.models(accountId) : deps.models()
  if (models === undefined) throw unknownAccount()
  const anthropic = request.headers['anthropic-version'] !== undefined
  const entries = models.map((model) => entryOf(model, anthropic))
  const headers = anthropic ? { 'request-id': requestId } : { 'x-request-id': requestId }
  if (id === undefined) {
    sendJson(response, 200, anthropic ? encodeModelList(entries, pageQuery(request)) : openAiList(entries), headers)
    return
  }
  const found = deps.resolve(
    id,
    models.map((model) => model.id),
  )
  const index = models.findIndex((model) => model.id === found)
  const entry = entries[index]
  if (!entry) {
    throw new ProxyError(
      'model-not-found',
      `No enabled account offers the model "${id.slice(0, 100)}". GET /v1/models lists the ones that are offered.`,
    )
  }
  sendJson(response, 200, anthropic ? encodeModel({ ...entry, id }) : openAiModel({ ...entry, id }), headers)
}

function unknownAccount(): ProxyError {
  return new ProxyError(
    'no-account',
    'The account that the request asks for does not exist. Check the X-Account-ID header against the list of accounts.',
  )
}

/**
 * Anthropic clients decide a model's abilities by its name, spelled with dashes (clients.md §1.3); the service spells it
 * with dots.
 */
function entryOf(model: OfferedModel, anthropic: boolean): ModelListEntry {
  const id = anthropic && model.id.startsWith('claude-') ? model.id.replaceAll('.', '-') : model.id
  return {
    id,
    displayName: model.name,
    ...(model.contextWindow === undefined ? {} : { contextWindow: model.contextWindow }),
    ...(model.maxOutputTokens === undefined ? {} : { maxOutputTokens: model.maxOutputTokens }),
  }
}

function pageQuery(request: IncomingMessage): { limit?: number; afterId?: string; beforeId?: string } {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams
  const limit = Number(query.get('limit') ?? '20')
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new ProxyError('invalid-request', 'limit: expected a whole number from 1 to 1000.', { param: 'limit' })
  }
  const afterId = query.get('after_id')
  const beforeId = query.get('before_id')
  return { limit, ...(afterId === null ? {} : { afterId }), ...(beforeId === null ? {} : { beforeId }) }
}

function openAiList(entries: readonly ModelListEntry[]): object {
  return { object: 'list', data: entries.map(openAiModel) }
}

function openAiModel(entry: ModelListEntry): object {
  return { id: entry.id, object: 'model', created: 0, owned_by: 'culvert' }
}
