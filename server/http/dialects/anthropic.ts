import type { IncomingHttpHeaders } from 'node:http'
import { decodeMessagesRequest } from '../../convert/client/anthropic/decode-request.ts'
import { encodeAnthropicError } from '../../convert/client/anthropic/encode-error.ts'
import { encodeMessage } from '../../convert/client/anthropic/encode-message.ts'
import { createMessagesStreamEncoder, PING_EVENT } from '../../convert/client/anthropic/encode-stream.ts'
import type { AnswerContext, AnswerEncoding, ClientDialect } from '../dialect.ts'

/** The Anthropic Messages API (clients.md §1, §4). */
export const anthropicDialect: ClientDialect = {
  name: 'anthropic',
  requestIdHeader: 'request-id',
  ping: PING_EVENT,
  decodeRequest: (body, headers) => ({ request: decodeMessagesRequest(body, sessionOf(headers)), answer }),
  encodeError: encodeAnthropicError,
}

const answer: AnswerEncoding = {
  createStreamEncoder: (context) => createMessagesStreamEncoder(encodeContext(context)),
  encodeMessage: (message, usage, context) => encodeMessage(message, usage, encodeContext(context)),
}

function encodeContext(context: AnswerContext) {
  return {
    messageId: context.requestId.replace(/^req_/u, 'msg_'),
    model: context.model,
    initialUsage: context.initialUsage,
    finalUsage: context.finalUsage,
    ...(context.reasoningDisplay === undefined ? {} : { reasoningDisplay: context.reasoningDisplay }),
  }
}

/** The headers by which Claude Code tells its conversations and sub-agents apart (clients.md §1.2). */
function sessionOf(headers: IncomingHttpHeaders): { sessionId?: string; agentId?: string; betas?: string } {
  const sessionId = headers['x-claude-code-session-id']
  const agentId = headers['x-claude-code-agent-id']
  const betas = headers['anthropic-beta']
  return {
    ...(typeof sessionId === 'string' ? { sessionId } : {}),
    ...(typeof agentId === 'string' ? { agentId } : {}),
    ...(typeof betas === 'string' ? { betas } : {}),
  }
}
