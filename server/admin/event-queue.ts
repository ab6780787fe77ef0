/** A queue from many producers to one slow reader. It never grows beyond its limit: the oldest events go first. */
export interface EventQueue<Event> {
  push(event: Event): void
  /** The events until the signal aborts. When some were dropped, the reader is told how many. */
  read(signal: AbortSignal): AsyncGenerator<Event | { readonly lost: number }, void, void>
}

/** An empty queue that holds at most `limit` events. */
export function createEventQueue<Event>(limit: number): EventQueue<Event> {
  let waiting: Event[] = []
  let lost = 0
  let wake: (() => void) | undefined

  return {
    push(event) {
      waiting.push(event)
      if (waiting.length > limit) {
        waiting.shift()
        lost += 1
      }
      wake?.()
    },
    async *read(signal) {
      const stop = (): void => wake?.()
      signal.addEventListener('abort', stop, { once: true })
      try {
        while (!signal.aborted) {
          if (lost > 0) {
            const count = lost
            lost = 0
            yield { lost: count }
          }
          const batch = waiting
          waiting = []
          yield* batch
          if (waiting.length === 0 && !signal.aborted) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
  }
}
