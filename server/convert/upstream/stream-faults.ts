import { ProxyError } from '../../canonical/error.ts'

/** The bytes ended before the answer did. */
export function cutAnswer(): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    'The answer of the service was cut off in the middle. This is the fault of the service or of the network in between; send the request again.',
    { upstreamStatus: 200 },
  )
}

/** The bytes are not what the protocol promises. */
export function damaged(cause: unknown): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    'The answer of the service arrived damaged: its events are not what its protocol promises. This is the fault of the service or of the network in between; send the request again.',
    { upstreamStatus: 200, cause },
  )
}

/** A complete answer without content. */
export function emptyAnswer(): ProxyError {
  return new ProxyError(
    'empty-response',
    'The model ended its answer without a word. Nothing is wrong with the request; send it again or say it in other words.',
    { upstreamStatus: 200 },
  )
}
