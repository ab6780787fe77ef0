import type { IncomingHttpHeaders } from 'node:http'
import type { ClientDialect } from '../dialect.ts'
import { anthropicDialect } from './anthropic.ts'
import type { ResponseStore } from '../response-store.ts'
import { openAiChatDialect } from './openai-chat.ts'
import { createOpenAiResponsesDialect } from './openai-responses.ts'

/** The completion endpoints, each a POST, and the dialect that is spoken there. */
const completionEndpoints = {
  '/v1/messages': () => anthropicDialect,
  '/v1/gemini/messages': () => anthropicDialect,
  '/v1/chat/completions': () => openAiChatDialect,
  '/v1/responses': createOpenAiResponsesDialect,
} as const satisfies Readonly<Record<string, (responses: ResponseStore) => ClientDialect>>

/** Endpoints that use accounts of some types only (promises.md §2). */
const restrictedEndpoints: Readonly<Record<string, readonly string[]>> = { '/v1/gemini/messages': ['gemini'] }

/** The only account types that an endpoint uses; undefined: all. */
export function accountTypesOf(path: string): readonly string[] | undefined {
  return restrictedEndpoints[path]
}

export const completionPaths: readonly string[] = Object.keys(completionEndpoints)

/** The dialects by path. `responses`: what one of them keeps for its clients. */
export function createDialects(responses: ResponseStore): ReadonlyMap<string, ClientDialect> {
  return new Map(Object.entries(completionEndpoints).map(([path, create]) => [path, create(responses)]))
}

/** How an error outside a completion is told. */
export type ErrorDialect = Pick<ClientDialect, 'encodeError' | 'requestIdHeader'>

const openAiPath = /^\/v1\/(?:audio|chat|completions|embeddings|files|images|moderations|responses)(?:\/|$)/u

/**
 * The error shape that the client of a path reads. The model list is asked for by all kinds of clients, told apart by a
 * header (clients.md §5); on paths that mean nothing to us the shape is Anthropic's.
 */
export function errorDialectOf(path: string, headers: IncomingHttpHeaders): ErrorDialect {
  if (openAiPath.test(path)) return openAiChatDialect
  const isModels = path === '/v1/models' || path.startsWith('/v1/models/')
  return isModels && headers['anthropic-version'] === undefined ? openAiChatDialect : anthropicDialect
}
