import { ProxyError } from '../../../canonical/error.ts'
import { isJsonObject } from '../../../canonical/json.ts'

const param = 'thread'

/**
 * Refuses a request that names a message thread: a conversation that the server would keep, so that the client sends only
 * what is new (beta `message-threads-2026-08-12`, on by default in the TypeScript SDK's tool runner from 1.x). Culvert
 * keeps no conversations; answering as if it did would lose everything said before. Throws `ProxyError`.
 */
export function refuseThread(body: unknown): void {
  if (!isJsonObject(body) || body[param] === undefined || body[param] === null) return
  throw new ProxyError(
    'invalid-request',
    'thread: Culvert keeps no conversations, so it cannot continue one. Send the whole conversation without "thread".',
    { param },
  )
}

/** The error's `details` by which the SDK knows that it can repeat the whole conversation without a thread. */
export function threadDetails(error: ProxyError): { readonly error_code: string } | undefined {
  return error.kind === 'invalid-request' && error.param === param
    ? { error_code: 'thread_unsupported_request' }
    : undefined
}
