import { decodeChatError } from '../../convert/upstream/openai/decode-error.ts'
import { createChatStreamDecoder } from '../../convert/upstream/openai/decode-stream.ts'
import { encodeChatRequest } from '../../convert/upstream/openai/encode-request.ts'
import { quirksOf } from '../../convert/upstream/openai/quirks.ts'
import { ownHeaders, versionedAddress } from '../account-address.ts'
import { AnswerEvents } from '../answer-events.ts'
import type { BackendCall, BackendStream, ControlCall } from '../backend.ts'
import type { UpstreamClient } from '../fetch-upstream.ts'
import { refuseUnlessStream } from '../refuse-unless-stream.ts'

export const OPENAI_ADDRESS = 'https://api.openai.com'

/** The headers of every call; the account's own come last. */
export function chatHeaders({
  account,
  accessToken,
  options,
}: Pick<ControlCall, 'account' | 'accessToken' | 'options'>): Record<string, string> {
  return { authorization: `Bearer ${accessToken}`, 'user-agent': options.userAgent, ...ownHeaders(account) }
}

/** `POST /chat/completions`. */
export async function chatCall(client: UpstreamClient, call: BackendCall): Promise<BackendStream> {
  const { account, request, modelInfo } = call
  const address = versionedAddress(account, OPENAI_ADDRESS)
  const encoded = encodeChatRequest(request, {
    quirks: quirksOf(address, account.options['quirks']),
    ...(modelInfo === undefined ? {} : { modelInfo }),
  })
  const proxy = account.options['proxy']
  const response = await client.request({
    url: `${address}/chat/completions`,
    method: 'POST',
    headers: { ...chatHeaders(call), accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify(encoded.body),
    signal: call.signal,
    firstByteTimeoutMs: call.timeouts.firstByteMs,
    idleTimeoutMs: call.timeouts.idleMs,
    ...(typeof proxy === 'string' && proxy !== '' ? { proxy } : {}),
  })
  await refuseUnlessStream(response, decodeChatError)
  call.onResponse?.()
  const requestId = response.headers.get('x-request-id')?.slice(0, 200)
  return {
    events: new AnswerEvents(response.body, createChatStreamDecoder(request.model)),
    repairs: encoded.repairs,
    ...(requestId === undefined ? {} : { upstreamRequestId: requestId }),
  }
}
