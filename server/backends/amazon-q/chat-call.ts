import { ProxyError } from '../../canonical/error.ts'
import { createEventStreamDecoder, type HeaderMemory } from '../../codec/event-stream/index.ts'
import {
  decodeAmazonQError,
  isProfileArnRequired,
  isRequestBodyInvalid,
} from '../../convert/upstream/amazon-q/decode-error.ts'
import { createAmazonQStreamDecoder } from '../../convert/upstream/amazon-q/decode-stream.ts'
import { encodeAmazonQRequest } from '../../convert/upstream/amazon-q/encode-request.ts'
import { AnswerEvents } from '../answer-events.ts'
import type { BackendCall, BackendStream } from '../backend.ts'
import type { UpstreamClient, UpstreamResponse } from '../fetch-upstream.ts'
import type { EndpointMemory } from './endpoint-memory.ts'
import { chatUrl, endpointOrder } from './endpoints.ts'
import type { EndpointBases, EndpointVariant } from './endpoints.ts'
import { FrameAnswer } from './frame-answer.ts'
import { chatHeaders } from './headers.ts'

export interface ChatCallDeps {
  readonly client: UpstreamClient
  readonly endpoints: EndpointBases
  readonly memory: EndpointMemory
  /** Of the answers' messages; the same few come in every answer. */
  readonly headers: HeaderMemory
}

/** What an attempt does differently from the first one. */
interface Attempt {
  readonly number: number
  readonly variant: EndpointVariant
  readonly withTaskType: boolean
  readonly stripReasoning: boolean
}

const ERROR_BODY_LIMIT_BYTES = 65_536

/** More than every change that `next` can make at once; a service that keeps objecting does not hold the client up. */
const MAX_ATTEMPTS = 6

/**
 * The chat call. Objections that say how to ask instead are answered by asking so, on the same account: the next
 * endpoint where a profile ARN is demanded, no `agentTaskType` where the body is refused, no reasoning where a replayed
 * signature is refused. Every other refusal is thrown (amazon-q.md §2.1).
 */
export async function chatCall(deps: ChatCallDeps, call: BackendCall): Promise<BackendStream> {
  let attempt = firstAttempt(deps, call)
  for (;;) {
    try {
      return await send(deps, call, attempt)
    } catch (error) {
      const following = error instanceof ProxyError ? next(deps, call, attempt, error) : undefined
      if (following === undefined || following.number > MAX_ATTEMPTS) throw error
      attempt = following
    }
  }
}

function firstAttempt({ endpoints, memory }: ChatCallDeps, { account }: BackendCall): Attempt {
  const order = endpointOrder(account, endpoints)
  const facts = memory.of(account)
  const variant = order.find((candidate) => !facts.refused.has(candidate)) ?? order[0] ?? 'q-rest'
  return { number: 1, variant, withTaskType: takesTaskType(variant, facts.isTaskTypeRefused), stripReasoning: false }
}

function next(deps: ChatCallDeps, { account }: BackendCall, attempt: Attempt, error: ProxyError): Attempt | undefined {
  const number = attempt.number + 1
  if (isProfileArnRequired(error)) {
    deps.memory.refuse(account, attempt.variant)
    const { refused, isTaskTypeRefused } = deps.memory.of(account)
    const variant = endpointOrder(account, deps.endpoints).find((candidate) => !refused.has(candidate))
    if (variant === undefined) return undefined
    return { ...attempt, number, variant, withTaskType: takesTaskType(variant, isTaskTypeRefused) }
  }
  if (isRequestBodyInvalid(error) && attempt.variant === 'runtime' && attempt.withTaskType) {
    deps.memory.refuseTaskType(account)
    return { ...attempt, number, withTaskType: false }
  }
  if (error.kind === 'signature-invalid' && !attempt.stripReasoning) return { ...attempt, number, stripReasoning: true }
  return undefined
}

function takesTaskType(variant: EndpointVariant, isRefused: boolean): boolean {
  return variant !== 'runtime' || !isRefused
}

async function send(deps: ChatCallDeps, call: BackendCall, attempt: Attempt): Promise<BackendStream> {
  const { account, request, options, modelInfo } = call
  const encoded = encodeAmazonQRequest(request, {
    conversationId: call.conversationId,
    origin: 'AI_EDITOR',
    cachePoints: options.cachePoints,
    includeAgentTaskType: attempt.withTaskType,
    stripReasoning: attempt.stripReasoning,
    ...(modelInfo === undefined ? {} : { modelInfo }),
    ...(account.profileArn === undefined ? {} : { profileArn: account.profileArn }),
  })
  const body = JSON.stringify(encoded.body)
  const proxy = account.options['proxy']
  const response = await deps.client.request({
    url: chatUrl(attempt.variant, account, deps.endpoints),
    method: 'POST',
    headers: chatHeaders(attempt.variant, {
      accessToken: call.accessToken,
      authMethod: account.authMethod,
      options,
      attempt: attempt.number,
    }),
    body,
    signal: call.signal,
    firstByteTimeoutMs: call.timeouts.firstByteMs,
    idleTimeoutMs: call.timeouts.idleMs,
    ...(typeof proxy === 'string' && proxy !== '' ? { proxy } : {}),
  })
  await refuseUnlessStream(response, body.length)
  call.onResponse?.()
  const requestId = requestIdOf(response)
  const decoder = createAmazonQStreamDecoder({
    model: request.model,
    toolNames: encoded.toolNames,
    reasoning: encoded.reasoning,
    stopSequences: encoded.stopSequences,
    declaredTools: encoded.declaredTools,
    cutToolNotes: encoded.cutToolNotes,
  })
  return {
    events: new AnswerEvents(
      response.body,
      new FrameAnswer(createEventStreamDecoder({ headers: deps.headers }), decoder),
    ),
    repairs: encoded.repairs,
    ...(requestId === undefined ? {} : { upstreamRequestId: requestId }),
  }
}

async function refuseUnlessStream(response: UpstreamResponse, requestLength: number): Promise<void> {
  if (response.status !== 200) {
    const text = await response.text(ERROR_BODY_LIMIT_BYTES)
    throw decodeAmazonQError(response.status, response.headers, text, { requestLength })
  }
  const type = response.headers.get('content-type') ?? ''
  if (!/html|text\/plain/iu.test(type)) return
  response.discard()
  throw new ProxyError(
    'upstream-invalid',
    'Instead of an answer a web page came back. A login page of the network or a proxy is in the way; open a browser and look.',
    { upstreamStatus: 200 },
  )
}

function requestIdOf({ headers }: UpstreamResponse): string | undefined {
  const id = headers.get('x-amzn-requestid') ?? headers.get('x-amz-request-id') ?? headers.get('x-amzn-request-id')
  return id?.slice(0, 200)
}
