import type { SeenToolResult, SeenToolUse, Turn } from '../conversation.ts'
import type { Scene } from './scenario.ts'

/** A tool call that the agent made since the person last said something, with its result. */
export interface Step {
  readonly use: SeenToolUse
  readonly result: SeenToolResult | undefined
}

/** What has happened since the newest user turn that is no tool result: the agent's own loop so far. */
export function stepsOf(scene: Scene): readonly Step[] {
  const { turns } = scene.conversation
  const start = turns.findLastIndex((turn) => turn.role === 'user' && turn.toolResults.length === 0)
  const loop: readonly Turn[] = turns.slice(start + 1)
  const results = loop.flatMap((turn) => turn.toolResults)
  return loop
    .flatMap((turn) => turn.toolUses)
    .map((use) => ({ use, result: results.find((result) => result.toolUseId === use.id) }))
}

/** The steps of one tool, whatever the case of its name. */
export function stepsWith(steps: readonly Step[], ...names: readonly string[]): readonly Step[] {
  return steps.filter(({ use }) => names.some((name) => name.toLowerCase() === use.name.toLowerCase()))
}

/** One sentence on a step's result. */
export function told(step: Step | undefined): string {
  const { result } = step ?? {}
  if (step === undefined || result === undefined) return 'There was no result.'
  const text = result.text.replaceAll(/\s+/gu, ' ').trim().slice(0, 300)
  return result.failed ? `${step.use.name} failed: ${text}` : `${step.use.name} answered: ${text}`
}
