import type { CompletionEvent, Usage, UsageReport } from '../canonical/event.ts'
import { createOutputCounter } from '../tokens/estimate.ts'
import { resolveUsage } from '../tokens/usage.ts'

export interface MeterOptions {
  /** Our own estimate of the input before calibration, tokens. */
  readonly estimatedInput: number
  readonly calibrationFactor: number
  readonly multiplier: number
  readonly model: string
  readonly contextWindow: number | undefined
}

/** Follows one stream and knows its usage at any time. */
export interface Meter {
  observe(events: readonly CompletionEvent[]): void
  /** The best figures so far: estimates until the upstream has told better ones. */
  usage(): Usage
  /** What the upstream itself reported so far. */
  readonly report: UsageReport
  /** The finish reason, once it came. */
  readonly finishReason: string | null
}

/** A meter for one completion. Cheap per event: it only adds up lengths. */
export function createMeter(options: MeterOptions): Meter {
  return new StreamMeter(options)
}

class StreamMeter implements Meter {
  report: UsageReport = {}
  finishReason: string | null = null
  readonly #options: MeterOptions
  readonly #output = createOutputCounter()

  constructor(options: MeterOptions) {
    this.#options = options
  }

  observe(events: readonly CompletionEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'text-delta':
        case 'reasoning-delta':
          this.#output.add(event.text)
          break
        case 'tool-delta':
          this.#output.add(event.json)
          break
        case 'tool-start':
          this.#output.add(event.name)
          break
        case 'usage':
          this.report = { ...this.report, ...event.usage }
          break
        case 'finish':
          this.finishReason = event.reason
          break
      }
    }
  }

  usage(): Usage {
    return resolveUsage({ ...this.#options, report: this.report, estimatedOutput: this.#output.tokens() })
  }
}
