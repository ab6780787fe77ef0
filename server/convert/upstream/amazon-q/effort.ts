import type { Effort } from '../../../canonical/request.ts'

const ORDER: readonly string[] = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] satisfies Effort[]

/** The allowed effort nearest to the wanted one, the lower of two: it costs the person less. */
export function nearestEffort(wanted: Effort, allowed: readonly string[]): string {
  if (allowed.includes(wanted)) return wanted
  const goal = ORDER.indexOf(wanted)
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const effort of ORDER) {
    if (!allowed.includes(effort)) continue
    const distance = Math.abs(ORDER.indexOf(effort) - goal)
    if (distance < bestDistance) {
      best = effort
      bestDistance = distance
    }
  }
  // A model with effort names of its own: the last is usually the greatest, the first the least costly.
  return best ?? allowed[0] ?? wanted
}

/** The effort that stands for a budget of thinking tokens on a model that takes no budget (amazon-q.md §2.8, ZY). */
export function effortFromBudget(tokens: number): Effort {
  if (tokens <= 4_000) return 'low'
  if (tokens <= 16_000) return 'medium'
  return tokens <= 64_000 ? 'high' : 'xhigh'
}
