import type { IncomingHttpHeaders } from 'node:http'
import type { ClientDialect } from '../dialect.ts'
import { anthropicDialect } from './anthropic.ts'
import { openAiChatDialect } from './openai-chat.ts'

/** The completion endpoints, each a POST, and the dialect that is spoken there. */
export const completionEndpoints: ReadonlyMap<string, ClientDialect> = new Map([
  ['/v1/messages', anthropicDialect],
  ['/v1/chat/completions', openAiChatDialect],
])

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
