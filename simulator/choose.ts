import { asksForSummary } from './scenarios/brain.ts'
import { conversationDirective, type Conversation } from './conversation.ts'
import { faultFrom, parseParameters } from './directives.ts'
import type { Exchange } from './exchange.ts'
import type { Fault } from './faults.ts'
import type { ScriptedFrame } from './frames.ts'
import { wholeFault } from './state/director.ts'
import type { Parameters, ScriptStep } from './types.ts'

/** What to answer with. */
export interface Choice {
  readonly scenario: string
  readonly parameters: Parameters
  /** Exactly these frames instead of the scenario. */
  readonly frames?: readonly ScriptedFrame[]
  readonly fault?: Fault
}

/**
 * A scripted step decides alone; without one a header (`x-simulator-scenario`, `x-simulator-fault`), then the
 * conversation's own markers.
 */
export function choose(exchange: Exchange, step: ScriptStep | undefined, conversation: Conversation): Choice {
  if (step !== undefined) return fromStep(step)
  const fault = askedFault(exchange, conversation)
  return { ...askedScenario(exchange, conversation), ...(fault === undefined ? {} : { fault }) }
}

function fromStep(step: ScriptStep): Choice {
  if (typeof step === 'string') return { scenario: step, parameters: {} }
  const fault = step.fault === undefined ? {} : { fault: wholeFault(step.fault) }
  if ('frames' in step) return { scenario: 'frames', parameters: {}, frames: step.frames, ...fault }
  if ('scenario' in step) return { scenario: step.scenario, parameters: step.parameters ?? {}, ...fault }
  return { scenario: 'default', parameters: {}, ...fault }
}

function askedScenario(exchange: Exchange, conversation: Conversation): Choice {
  const header = headerValue(exchange, 'x-simulator-scenario')
  if (header !== undefined) return { scenario: header.name, parameters: header.parameters }
  // A summary is asked for inside a conversation whose first message may hold a marker; the job goes before it.
  if (asksForSummary(conversation)) return { scenario: 'default', parameters: {} }
  const marker = conversationDirective(conversation, 'scenario')
  return { scenario: marker?.name ?? 'default', parameters: marker?.parameters ?? {} }
}

function askedFault(exchange: Exchange, conversation: Conversation): Fault | undefined {
  const header = headerValue(exchange, 'x-simulator-fault')
  if (header !== undefined) return faultFrom(header.name, header.parameters)
  const marker = conversationDirective(conversation, 'fault')
  const fault = marker === undefined ? undefined : faultFrom(marker.name, marker.parameters)
  if (marker === undefined || fault === undefined) return undefined
  return exchange.world.director.spendMarkerFault(conversation.id, marker.source, fault) ? fault : undefined
}

function headerValue(
  exchange: Exchange,
  header: string,
): { readonly name: string; readonly parameters: Parameters } | undefined {
  const value = exchange.request.headers[header]
  if (typeof value !== 'string') return undefined
  const [name = '', ...rest] = value.trim().split(/\s+/u)
  return { name, parameters: parseParameters(rest.join(' ')) }
}
