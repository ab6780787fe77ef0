export interface LastUsedDependencies {
  readonly write: (id: string, time: number) => Promise<void>
  readonly onError: (error: unknown) => void
  /** Milliseconds between writes. */
  readonly intervalMs?: number
}

/** Times of last use, kept in memory and written now and then, so that a request never waits for the database. */
export interface LastUsed {
  touch(id: string, time: number): void
  /** The time that is not written yet. */
  pending(id: string): number | undefined
  /** Writes what is left. */
  close(): Promise<void>
}

/** At most one entry a key. A failed write is kept for the next round. */
export function createLastUsed({ write, onError, intervalMs = 30_000 }: LastUsedDependencies): LastUsed {
  const times = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    timer = undefined
    for (const [id, time] of times) {
      try {
        await write(id, time)
        if (times.get(id) === time) times.delete(id)
      } catch (error) {
        onError(error)
        return
      }
    }
  }

  return {
    touch(id, time) {
      times.set(id, time)
      if (timer !== undefined) return
      timer = setTimeout(() => void flush(), intervalMs)
      timer.unref()
    },
    pending: (id) => times.get(id),
    async close() {
      clearTimeout(timer)
      await flush()
    },
  }
}
