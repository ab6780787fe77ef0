import type { CompletionEvent, CompletionStream } from '../canonical/event.ts'

type Batch = readonly CompletionEvent[]

/**
 * Waits for the first batch of a stream and returns the whole stream with that batch still in it. Rejects with what the
 * stream threw. This is the commit point: before it another account may be tried, after it the error is the client's.
 */
export async function withFirstBatch(stream: CompletionStream): Promise<CompletionStream> {
  const iterator = stream[Symbol.asyncIterator]()
  const first = await iterator.next()
  return { [Symbol.asyncIterator]: () => resumed(first, iterator) }
}

/** Hands out `first`, then gets out of the way: no promise of its own per batch. */
function resumed(first: IteratorResult<Batch>, rest: AsyncIterator<Batch>): AsyncIterator<Batch> {
  let pending: IteratorResult<Batch> | undefined = first
  return {
    next() {
      if (pending === undefined) return rest.next()
      const result = pending
      pending = undefined
      return Promise.resolve(result)
    },
    return: async (value?: unknown) => {
      pending = undefined
      await rest.return?.(value)
      return { done: true, value: undefined }
    },
  }
}
