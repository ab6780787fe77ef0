import type { ServerResponse } from 'node:http'
import { ProxyError } from '../canonical/error.ts'
import type { CompletionEvent, CompletionStream } from '../canonical/event.ts'
import type { KeptStream, PingKeeper } from './ping-keeper.ts'

/** What turns completion events into the bytes of one client dialect. */
export interface StreamEncoder {
  encode(events: readonly CompletionEvent[]): string
}

/**
 * Writes a completion to a client: one write per batch, waiting whenever the client reads more slowly than the upstream
 * sends, pinging while the upstream is silent. Ends the response when the stream ends. Throws what the stream threw, and
 * `cancelled` when the client is gone.
 */
export async function writeStream(
  response: ServerResponse,
  events: CompletionStream,
  encoder: StreamEncoder,
  keeper: PingKeeper,
  ping: string,
): Promise<void> {
  const kept: KeptStream = {
    lastWriteAt: performance.now(),
    ping: () => {
      if (!response.writableNeedDrain && !response.writableEnded) response.write(ping)
    },
  }
  keeper.add(kept)
  try {
    for await (const batch of events) {
      const text = encoder.encode(batch)
      if (text === '') continue
      if (response.destroyed) throw clientGone()
      kept.lastWriteAt = performance.now()
      // `finish` is the last event: its text and the end of the answer go out in one write.
      if (batch.at(-1)?.type === 'finish') response.end(text)
      else if (!response.write(text)) await drained(response)
    }
  } finally {
    keeper.remove(kept)
  }
  if (!response.writableEnded) response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      response.off('close', onClose)
      resolve()
    }
    const onClose = () => {
      response.off('drain', onDrain)
      reject(clientGone())
    }
    response.once('drain', onDrain)
    response.once('close', onClose)
  })
}

function clientGone(): ProxyError {
  return new ProxyError('cancelled', 'The client closed the connection before its answer was complete.')
}
