import { ProxyError } from '../../canonical/error.ts'
import { decodeAnthropicError } from '../../convert/upstream/anthropic/decode-error.ts'
import { createAnthropicStreamDecoder } from '../../convert/upstream/anthropic/decode-stream.ts'
import { encodeAnthropicRequest } from '../../convert/upstream/anthropic/encode-request.ts'
import { baseAddress } from '../account-address.ts'
import { AnswerEvents } from '../answer-events.ts'
import type { BackendCall, BackendStream } from '../backend.ts'
import type { UpstreamClient } from '../fetch-upstream.ts'
import { refuseUnlessStream } from '../refuse-unless-stream.ts'
import { ANTHROPIC_ADDRESS, anthropicHeaders } from './headers.ts'

/** `POST /v1/messages`; where the service refuses a replayed signature, once more without earlier reasoning. */
export async function messagesCall(client: UpstreamClient, call: BackendCall): Promise<BackendStream> {
  try {
    return await send(client, call, false)
  } catch (error) {
    if (!(error instanceof ProxyError) || error.kind !== 'signature-invalid') throw error
    return await send(client, call, true)
  }
}

async function send(client: UpstreamClient, call: BackendCall, stripReasoning: boolean): Promise<BackendStream> {
  const { account, request, options, modelInfo } = call
  const encoded = encodeAnthropicRequest(request, {
    cachePoints: options.cachePoints,
    stripReasoning,
    ...(modelInfo === undefined ? {} : { modelInfo }),
  })
  const proxy = account.options['proxy']
  const response = await client.request({
    url: `${baseAddress(account, ANTHROPIC_ADDRESS)}/v1/messages`,
    method: 'POST',
    headers: {
      ...anthropicHeaders(call, encoded.betas),
      accept: 'text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify(encoded.body),
    signal: call.signal,
    firstByteTimeoutMs: call.timeouts.firstByteMs,
    idleTimeoutMs: call.timeouts.idleMs,
    ...(typeof proxy === 'string' && proxy !== '' ? { proxy } : {}),
  })
  await refuseUnlessStream(response, decodeAnthropicError)
  call.onResponse?.()
  const requestId = (response.headers.get('request-id') ?? response.headers.get('x-request-id'))?.slice(0, 200)
  return {
    events: new AnswerEvents(response.body, createAnthropicStreamDecoder(encoded.body.model)),
    repairs: encoded.repairs,
    ...(requestId === undefined ? {} : { upstreamRequestId: requestId }),
  }
}
