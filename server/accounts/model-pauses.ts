import { growing } from './cooldown.ts'

/** Pauses of models that are busy for everyone. */
export interface ModelPauses {
  /** Counts one "busy"; from the third in a row on the model pauses. */
  busy(model: string, toldMs: number | undefined): void
  /** The model answered: it is not busy any more. */
  clear(model: string): void
  /** Until when it pauses, epoch milliseconds; 0: it does not. */
  until(model: string): number
}

const MAX_MODELS = 500
/** "Busy" answers that a request may work around with its own short waits before new requests are held back. */
const TOLERATED = 2
/** "Busy" answers further apart than this are not in a row. */
const FORGET_MS = 60_000

/** Another account does not help against a busy model, so the pause belongs to the model: 5, 10, then 20 s. */
export function createModelPauses(now: () => number, random: () => number): ModelPauses {
  const pauses = new Map<string, { count: number; at: number; until: number }>()
  return {
    busy(model, toldMs) {
      const last = pauses.get(model)
      const count = last === undefined || now() - last.at > FORGET_MS ? 1 : last.count + 1
      const pause = count <= TOLERATED ? 0 : growing(5_000, count - TOLERATED, 20_000, { random }, 0.2)
      pauses.delete(model)
      const oldest = pauses.keys().next()
      if (pauses.size >= MAX_MODELS && oldest.done !== true) pauses.delete(oldest.value)
      pauses.set(model, { count, at: now(), until: now() + Math.max(pause, Math.min(toldMs ?? 0, 60_000)) })
    },
    clear: (model) => void pauses.delete(model),
    until(model) {
      const until = pauses.get(model)?.until ?? 0
      return until > now() ? until : 0
    },
  }
}
