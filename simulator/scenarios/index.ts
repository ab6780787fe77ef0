import { brain } from './brain.ts'
import type { Scenario } from './scenario.ts'
import { textScenarios } from './text.ts'

/** Every scenario by name. `bench` is not here: it has a path of its own. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  default: brain,
  ...textScenarios,
}
