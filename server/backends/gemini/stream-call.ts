import { ProxyError } from '../../canonical/error.ts'
import { createSseDecoder } from '../../codec/sse/index.ts'
import { decodeGeminiError, isThinkingLevelRefused } from '../../convert/upstream/gemini/decode-error.ts'
import { createGeminiStreamDecoder } from '../../convert/upstream/gemini/decode-stream.ts'
import { encodeGeminiRequest } from '../../convert/upstream/gemini/encode-request.ts'
import type { BackendCall, BackendStream } from '../backend.ts'
import type { UpstreamResponse } from '../fetch-upstream.ts'
import { AnswerEvents } from '../answer-events.ts'
import { SseAnswer } from './sse-answer.ts'
import { baseFor, type GeminiCallDeps, headersFor, notTheService, proxyOf } from './call.ts'

/** What an attempt does differently from the first one; each may be met once. */
interface Attempt {
  readonly stripReasoning: boolean
  readonly budgetOnly: boolean
}

const ERROR_BODY_LIMIT_BYTES = 65_536

/**
 * The streamed answer. Objections that say how to ask instead are answered by asking so: without earlier reasoning where
 * a signature is refused, by budget where a thinking level is (gemini.md §4.4). Every other refusal is thrown.
 */
export async function streamCall(deps: GeminiCallDeps, call: BackendCall): Promise<BackendStream> {
  let attempt: Attempt = { stripReasoning: false, budgetOnly: false }
  for (;;) {
    try {
      return await send(deps, call, attempt)
    } catch (error) {
      const following = error instanceof ProxyError ? next(attempt, error) : undefined
      if (following === undefined) throw error
      attempt = following
    }
  }
}

function next(attempt: Attempt, error: ProxyError): Attempt | undefined {
  if (error.kind === 'signature-invalid' && !attempt.stripReasoning) return { ...attempt, stripReasoning: true }
  if (isThinkingLevelRefused(error) && !attempt.budgetOnly) return { ...attempt, budgetOnly: true }
  return undefined
}

async function send({ client, base }: GeminiCallDeps, call: BackendCall, attempt: Attempt): Promise<BackendStream> {
  const { account, request, options, modelInfo } = call
  const limit = modelInfo?.maxOutputTokens
  const encoded = encodeGeminiRequest(request, { ...attempt, ...(limit === undefined ? {} : { outputLimit: limit }) })
  const response = await client.request({
    url: `${baseFor(account, base)}/v1beta/models/${encodeURIComponent(request.model)}:streamGenerateContent?alt=sse`,
    method: 'POST',
    headers: { ...headersFor(call.accessToken, options), accept: 'text/event-stream' },
    body: JSON.stringify(encoded.body),
    signal: call.signal,
    firstByteTimeoutMs: call.timeouts.firstByteMs,
    idleTimeoutMs: call.timeouts.idleMs,
    ...proxyOf(account),
  })
  await refuseUnlessStream(response)
  call.onResponse?.()
  const decoder = createGeminiStreamDecoder({
    model: request.model,
    toolNames: encoded.toolNames,
    reasoning: request.reasoning !== undefined && request.reasoning.mode !== 'off',
  })
  return {
    events: new AnswerEvents(response.body, new SseAnswer(createSseDecoder(), decoder)),
    repairs: encoded.repairs,
  }
}

async function refuseUnlessStream(response: UpstreamResponse): Promise<void> {
  if (response.status !== 200) throw decodeGeminiError(response.status, await response.text(ERROR_BODY_LIMIT_BYTES))
  if (!/html|text\/plain/iu.test(response.headers.get('content-type') ?? '')) return
  response.discard()
  throw notTheService()
}
