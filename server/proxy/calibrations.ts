import type { Usage } from '../canonical/event.ts'
import type { Store } from '../store/types.ts'
import { type Calibration, learn, uncalibrated } from '../tokens/calibration.ts'

/** The learned factors of all models, in memory and kept over restarts. */
export interface Calibrations {
  /** 1 for a model of which nothing was learned. */
  factor(model: string): number
  /** Takes one finished request; `estimatedInput` is ours, neither calibrated nor multiplied. */
  learn(model: string, estimatedInput: number, usage: Usage): void
  /** Writes what changed since the last time. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface CalibrationsDeps {
  readonly store: Store['calibration']
  /** Told when writing failed; it is tried again. */
  readonly onError: (error: unknown) => void
}

const maxModels = 500
const flushMs = 10_000

/** Loads what was learned before. Rejects with `StoreError`. */
export async function openCalibrations(deps: CalibrationsDeps): Promise<Calibrations> {
  const known = new Map<string, Calibration>(await deps.store.all())
  const changed = new Set<string>()
  const timer = setInterval(() => void flush().catch(deps.onError), flushMs)
  timer.unref()

  async function flush(): Promise<void> {
    const models = [...changed]
    changed.clear()
    for (const model of models) {
      const { factor, samples } = known.get(model) ?? uncalibrated
      await deps.store.put(model, factor, samples)
    }
  }

  return {
    factor: (model) => known.get(model)?.factor ?? 1,
    learn(model, estimatedInput, usage) {
      const before = known.get(model) ?? uncalibrated
      const reported = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
      const after = learn(before, { estimated: estimatedInput, reported, source: usage.inputSource })
      if (after === before || (known.size >= maxModels && !known.has(model))) return
      known.set(model, after)
      changed.add(model)
    },
    flush,
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}
