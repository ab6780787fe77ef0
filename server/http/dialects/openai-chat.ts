import type { IncomingHttpHeaders } from 'node:http'
import type { ChatEncodeContext } from '../../convert/client/openai-chat/answer-fields.ts'
import {
  type ChatAnswerOptions,
  type ChatHeaders,
  decodeChatRequest,
} from '../../convert/client/openai-chat/decode-request.ts'
import { encodeChatMessage } from '../../convert/client/openai-chat/encode-message.ts'
import { CHAT_PING, createChatStreamEncoder } from '../../convert/client/openai-chat/encode-stream.ts'
import { encodeOpenAiError } from '../../convert/client/openai/encode-error.ts'
import type { AnswerContext, AnswerEncoding, ClientDialect } from '../dialect.ts'

/** OpenAI's Chat Completions API (clients.md §3, §4). */
export const openAiChatDialect: ClientDialect = {
  name: 'openai-chat',
  requestIdHeader: 'x-request-id',
  ping: CHAT_PING,
  decodeRequest(body, headers) {
    const { request, options } = decodeChatRequest(body, sessionOf(headers))
    return { request, answer: answerAs(options) }
  },
  encodeError: encodeOpenAiError,
}

function answerAs(options: ChatAnswerOptions): AnswerEncoding {
  return {
    createStreamEncoder: (context) =>
      createChatStreamEncoder({
        ...encodeContext(context, options),
        includeUsage: options.includeUsage,
        finalUsage: context.finalUsage,
      }),
    encodeMessage: (message, usage, context) => encodeChatMessage(message, usage, encodeContext(context, options)),
  }
}

function encodeContext({ requestId, model }: AnswerContext, { usesFunctions }: ChatAnswerOptions): ChatEncodeContext {
  return {
    completionId: requestId.replace(/^req_/u, 'chatcmpl-'),
    created: Math.floor(Date.now() / 1_000),
    model,
    usesFunctions,
  }
}

/** The headers by which opencode tells its conversations apart (clients.md §3). */
function sessionOf(headers: IncomingHttpHeaders): ChatHeaders {
  const sessionId = headers['x-session-id']
  const sessionAffinity = headers['x-session-affinity']
  return {
    ...(typeof sessionId === 'string' ? { sessionId } : {}),
    ...(typeof sessionAffinity === 'string' ? { sessionAffinity } : {}),
  }
}
