import { isHttpFault, isTokenFault, isTransportFault, isFaultName, type Fault } from './faults.ts'
import { scenarioNames } from './scenarios/index.ts'
import { wholeFault } from './state/director.ts'
import type { Operation } from './state/received.ts'
import type { ScriptStep } from './types.ts'

const loginOperations: ReadonlySet<Operation> = new Set([
  'register',
  'device-authorization',
  'token',
  'kiro-token',
  'kiro-refresh',
])

/** @throws when a step names a scenario or fault that there is not: a test must not pass by a typing mistake */
export function checkStep(step: ScriptStep): void {
  if (typeof step === 'string') return checkScenario(step)
  if ('scenario' in step) checkScenario(step.scenario)
  if (step.fault !== undefined) checkFault({ ...wholeFault(step.fault), on: 'generate' })
}

/** @throws when the fault is unknown, or cannot strike its operation */
export function checkFault(fault: Fault): void {
  const { name, on = 'generate' } = fault
  if (!isFaultName(name)) throw new Error(`The simulator knows no fault "${String(name)}".`)
  const possible =
    on === 'generate'
      ? isHttpFault(name) || isTransportFault(name)
      : isHttpFault(name) || /^(cut|stall)-before/u.test(name) || (loginOperations.has(on) && isTokenFault(name))
  if (!possible) throw new Error(`The fault "${name}" cannot strike the operation "${on}".`)
}

function checkScenario(name: string): void {
  if (!scenarioNames.includes(name)) throw new Error(`The simulator knows no scenario "${name}".`)
}
