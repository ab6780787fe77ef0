import type { ServerResponse } from 'node:http'

/** A signal that aborts as soon as the client is gone before its answer is complete. */
export function abortSignalFor(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}
