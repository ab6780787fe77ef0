/** A stream that wants to be kept alive while nothing is written to it. */
export interface KeptStream {
  /** When something was last written, on the `performance.now()` clock. */
  lastWriteAt: number
  readonly ping: () => void
}

/** Pings idle streams from one timer, however many are open; the timer stands still while there are none. */
export interface PingKeeper {
  add(stream: KeptStream): void
  remove(stream: KeptStream): void
  close(): void
}

/** `intervalMs` is asked for at every round, so that a changed setting takes effect at once. */
export function createPingKeeper(intervalMs: () => number): PingKeeper {
  const streams = new Set<KeptStream>()
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    if (timer !== undefined || streams.size === 0) return
    timer = setTimeout(round, Math.max(50, Math.min(1_000, intervalMs() / 4)))
  }
  const round = () => {
    timer = undefined
    const now = performance.now()
    const silence = intervalMs()
    for (const stream of streams) {
      if (now - stream.lastWriteAt < silence) continue
      stream.lastWriteAt = now
      stream.ping()
    }
    schedule()
  }
  return {
    add(stream) {
      streams.add(stream)
      schedule()
    },
    remove(stream) {
      streams.delete(stream)
    },
    close() {
      clearTimeout(timer)
      streams.clear()
    },
  }
}
