import {
  asciiClass,
  continues,
  cost,
  isAlphanumeric,
  longBlob,
  longBlobCost,
  longRun,
  longRunCost,
  outside,
} from './character-weights.ts'

/** What was read just before: a class, the length of its run, and of the run of letters and digits around it. */
interface State {
  readonly previous: number
  readonly run: number
  readonly blob: number
}

const classCount = 8

/** The state at the start of a text and after a character that is not ASCII. */
export const startState = 0

/**
 * The weights of ASCII text as an automaton, because its one look-up for each character is two and a half times as fast
 * as keeping three counters. At `state | asciiClass[character]`: the next state in the upper 16 bits, what the character
 * costs (thousandths of a token) in the lower ones.
 */
export const transitions: Int32Array = buildTransitions()

/** Lengths beyond the two limits make no difference, so there are some five hundred states. */
function buildTransitions(): Int32Array {
  const states: State[] = []
  const numbers = new Map<string, number>()
  const numberOf = (state: State): number => {
    const name = `${state.previous} ${state.run} ${state.blob}`
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, states.length)
    states.push(state)
    return states.length - 1
  }
  numberOf({ previous: outside, run: 0, blob: 0 })
  const table: number[] = []
  const used = new Set(asciiClass)
  for (let number = 0; number < states.length; number += 1) {
    for (let current = 0; current < classCount; current += 1) {
      const taken = used.has(current) ? step(states[number] as State, current) : undefined
      table.push(taken === undefined ? 0 : ((numberOf(taken.next) * classCount) << 16) | taken.cost)
    }
  }
  return Int32Array.from(table)
}

function step({ previous, run, blob }: State, current: number): { readonly next: State; readonly cost: number } {
  const pair = (previous << 3) | current
  const runNow = run * (continues[pair] as number) + 1
  const blobNow = (blob + 1) * (isAlphanumeric[current] as number)
  const longer = (runNow > longRun ? (longRunCost[current] as number) : 0) + (blobNow > longBlob ? longBlobCost : 0)
  return {
    next: { previous: current, run: Math.min(runNow, longRun + 1), blob: Math.min(blobNow, longBlob + 1) },
    cost: (cost[pair] as number) + longer,
  }
}
