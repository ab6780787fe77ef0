import { ProxyError } from '../canonical/error.ts'
import type { UpstreamResponse } from './fetch-upstream.ts'

const ERROR_BODY_LIMIT_BYTES = 65_536

/** Throws `ProxyError` for an answer that is no stream of events: `refusal` reads that of another status than 200. */
export async function refuseUnlessStream(
  response: UpstreamResponse,
  refusal: (status: number, headers: UpstreamResponse['headers'], text: string) => ProxyError,
): Promise<void> {
  if (response.status !== 200) {
    const text = await response.text(ERROR_BODY_LIMIT_BYTES)
    throw refusal(response.status, response.headers, text)
  }
  const type = response.headers.get('content-type') ?? ''
  if (!/html|json|text\/plain/iu.test(type)) return
  response.discard()
  throw new ProxyError(
    'upstream-invalid',
    `Instead of a stream of events the service answered with ${type.slice(0, 60)}. The account’s baseUrl may lead to something else, or a login page of the network is in the way.`,
    { upstreamStatus: 200 },
  )
}
