import type { Effort, ReasoningRequest } from '../../../canonical/request.ts'

const efforts: ReadonlySet<string> = new Set<Effort>(['minimal', 'low', 'medium', 'high', 'xhigh', 'max'])

/**
 * `reasoning_effort` (Chat) and `reasoning.effort` (Responses). `none` switches reasoning off; an effort that we don't
 * know is ignored, as every hint may be. `undefined`: the client asked for nothing.
 */
export function decodeEffort(effort: string | null | undefined): ReasoningRequest | undefined {
  if (effort === 'none') return { mode: 'off' }
  return isEffort(effort) ? { mode: 'adaptive', effort } : undefined
}

function isEffort(text: string | null | undefined): text is Effort {
  return typeof text === 'string' && efforts.has(text)
}
