import { agentScenarios } from './agent.ts'
import { brain } from './brain.ts'
import { codexScenarios } from './codex.ts'
import type { Scenario } from './scenario.ts'
import { longText, textScenarios } from './text.ts'
import { thinkingScenarios } from './thinking.ts'
import { toolScenarios } from './tools.ts'

/** Every scenario by name. `bench` has a path of its own; only under a fault it is played as a long text. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  default: brain,
  ...textScenarios,
  ...thinkingScenarios,
  ...toolScenarios,
  ...agentScenarios,
  ...codexScenarios,
  bench: longText,
}

export const scenarioNames: readonly string[] = Object.keys(scenarios)
