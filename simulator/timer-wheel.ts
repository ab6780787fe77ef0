/** A stream's turn; false: it is over. */
export type Turn = () => boolean

/** Timers faster than this many milliseconds drift. */
const shortestTickMs = 5
const mostSlots = 20

/**
 * Gives thousands of streams their turn once per interval with one timer: the interval is cut into slots, and each
 * stream has its place in one of them, so that not all write at the same moment.
 */
class Wheel {
  readonly #slots: readonly Set<Turn>[]
  readonly #timer: NodeJS.Timeout
  readonly #onEmpty: () => void
  #size = 0
  #next = 0
  #now = 0

  constructor(intervalMs: number, onEmpty: () => void) {
    this.#onEmpty = onEmpty
    const slots = Math.min(mostSlots, Math.max(1, Math.floor(intervalMs / shortestTickMs)))
    this.#slots = Array.from({ length: slots }, () => new Set<Turn>())
    this.#timer = setInterval(() => this.#tick(), Math.max(1, intervalMs / slots))
  }

  add(turn: Turn): void {
    this.#slots[this.#next]?.add(turn)
    this.#next = (this.#next + 1) % this.#slots.length
    this.#size += 1
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    this.#now = (this.#now + 1) % this.#slots.length
    const slot = this.#slots[this.#now]
    if (slot === undefined) return
    for (const turn of slot) {
      if (turn()) continue
      slot.delete(turn)
      this.#size -= 1
    }
    if (this.#size > 0) return
    this.stop()
    this.#onEmpty()
  }
}

/** One wheel for each interval in use. */
export class TimerWheels {
  readonly #wheels = new Map<number, Wheel>()

  /** Calls `turn` once per interval until it returns false. */
  every(intervalMs: number, turn: Turn): void {
    const wheel = this.#wheels.get(intervalMs) ?? new Wheel(intervalMs, () => this.#wheels.delete(intervalMs))
    this.#wheels.set(intervalMs, wheel)
    wheel.add(turn)
  }

  stop(): void {
    for (const wheel of this.#wheels.values()) wheel.stop()
    this.#wheels.clear()
  }
}
