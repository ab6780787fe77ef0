import type { Fault, FaultName } from '../faults.ts'
import type { Scope, ScriptStep } from '../types.ts'
import { BoundedMap } from './bounded-map.ts'
import type { Operation } from './received.ts'

interface StickyFault {
  readonly fault: Fault
  left: number
}

const stepLimit = 100_000

/** Decides which scripted step or fault meets a request. A fault set for an account wins over one set for everybody. */
export class Director {
  readonly #steps = new Map<string, ScriptStep[]>()
  readonly #faults = new Map<string, StickyFault[]>()
  readonly #markerUses = new BoundedMap<string, number>(10_000)

  /** @throws when the queue would grow beyond 100,000 steps */
  script(steps: readonly ScriptStep[], scope: Scope): void {
    const key = scope.accountId ?? ''
    const queue = this.#steps.get(key) ?? []
    if (queue.length + steps.length > stepLimit) throw new Error(`A script has at most ${stepLimit} steps.`)
    queue.push(...steps)
    this.#steps.set(key, queue)
  }

  setFault(fault: Fault | undefined, scope: Scope): void {
    const key = scope.accountId ?? ''
    if (fault === undefined) {
      this.#faults.delete(key)
      return
    }
    const others = (this.#faults.get(key) ?? []).filter(
      ({ fault: { on } }) => operationOf({ on }) !== operationOf(fault),
    )
    this.#faults.set(key, [...others, { fault, left: fault.times ?? Number.POSITIVE_INFINITY }])
  }

  /** The next scripted answer for the account, taken from its own queue first. */
  takeStep(accountId: string): ScriptStep | undefined {
    return this.#steps.get(accountId)?.shift() ?? this.#steps.get('')?.shift()
  }

  /** The fault that stands for this operation, one use of it spent. */
  takeFault(operation: Operation, accountId: string | undefined): Fault | undefined {
    for (const key of accountId === undefined ? [''] : [accountId, '']) {
      const found = this.#faults.get(key)?.find(({ fault, left }) => left > 0 && operationOf(fault) === operation)
      if (found !== undefined) {
        found.left -= 1
        return found.fault
      }
    }
    return undefined
  }

  /** Whether a fault that a marker names may still strike; `times` counts per conversation and marker. */
  spendMarkerFault(conversationId: string, source: string, fault: Fault): boolean {
    const key = `${conversationId} ${source}`
    const uses = this.#markerUses.get(key) ?? 0
    if (uses >= (fault.times ?? Number.POSITIVE_INFINITY)) return false
    this.#markerUses.set(key, uses + 1)
    return true
  }

  clear(): void {
    this.#steps.clear()
    this.#faults.clear()
    this.#markerUses.clear()
  }
}

/** A fault given by its bare name, as a whole one. */
export function wholeFault(fault: Fault | FaultName): Fault {
  return typeof fault === 'string' ? { name: fault } : fault
}

function operationOf(fault: { readonly on?: Operation | undefined }): Operation {
  return fault.on ?? 'generate'
}
