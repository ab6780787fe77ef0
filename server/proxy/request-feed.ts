import type { RequestRecord } from '../store/types.ts'

/** Tells its listeners of every request as it is recorded. */
export interface RequestFeed {
  publish(record: RequestRecord): void
  /** The listener must be quick and must not throw. */
  subscribe(listener: (record: RequestRecord) => void): () => void
}

/** A feed without memory: who subscribes late has missed what was before. */
export function createRequestFeed(): RequestFeed {
  const listeners = new Set<(record: RequestRecord) => void>()
  return {
    publish(record) {
      for (const listener of listeners) listener(record)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
