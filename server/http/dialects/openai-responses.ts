import type { ProxyError } from '../../canonical/error.ts'
import type { AnswerFacts } from '../../convert/client/openai-responses/decode-request.ts'
import { decodeResponsesRequest } from '../../convert/client/openai-responses/decode-request.ts'
import { encodeResponseMessage } from '../../convert/client/openai-responses/encode-message.ts'
import type { ResponseContext } from '../../convert/client/openai-responses/encode-response.ts'
import { createResponsesStreamEncoder, KEEPALIVE_EVENT } from '../../convert/client/openai-responses/encode-stream.ts'
import { encodeOpenAiError } from '../../convert/client/openai/encode-error.ts'
import type { AnswerContext, ClientDialect, EncodedError } from '../dialect.ts'
import type { ResponseStore } from '../response-store.ts'

/** The OpenAI Responses API (clients.md §2, §4). `store` holds the answers that later requests may go on from. */
export function createOpenAiResponsesDialect(store: ResponseStore): ClientDialect {
  return {
    name: 'openai-responses',
    requestIdHeader: 'x-request-id',
    ping: KEEPALIVE_EVENT,
    decodeRequest(body, headers, keyId) {
      const { request, facts } = decodeResponsesRequest(body, headers, store.memoryOf(keyId))
      const contextOf = (context: AnswerContext) => encodeContext(context, facts, store, keyId)
      return {
        request,
        answer: {
          createStreamEncoder: (context) =>
            createResponsesStreamEncoder({ ...contextOf(context), finalUsage: context.finalUsage }),
          encodeMessage: (message, usage, context) => encodeResponseMessage(message, usage, contextOf(context)),
        },
      }
    },
    encodeError: encodeResponsesError,
  }
}

function encodeContext(
  context: AnswerContext,
  facts: AnswerFacts,
  store: ResponseStore,
  keyId: string | null,
): ResponseContext {
  return {
    idBase: context.requestId.replace(/^req_/u, ''),
    model: context.model,
    createdAt: Math.floor(Date.now() / 1_000),
    facts,
    showsReasoning: context.reasoningDisplay !== 'omitted',
    remember: (id, json) =>
      store.put({
        id,
        keyId,
        previousId: facts.echo.previousResponseId ?? undefined,
        input: facts.remember ?? [],
        json,
      }),
  }
}

/** OpenAI's error, with the one code that belongs to this API alone. */
function encodeResponsesError(error: ProxyError): EncodedError {
  const encoded = encodeOpenAiError(error)
  if (error.kind !== 'invalid-request' || error.param !== 'previous_response_id') return encoded
  return { ...encoded, body: { error: { ...encoded.body.error, code: 'previous_response_not_found' } } }
}
