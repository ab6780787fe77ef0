import type { HttpFaultName } from '../faults.ts'

/** A rule that a request breaks: what the wire says, and in our own words why. */
export class Violation extends Error {
  override readonly name = 'Violation'
  /** The answer of the catalogue. */
  readonly fault: HttpFaultName
  /** Instead of the catalogue's message. */
  readonly wireMessage: string | undefined

  constructor(reason: string, fault: HttpFaultName = 'improperly-formed', wireMessage?: string) {
    super(reason)
    this.fault = fault
    this.wireMessage = wireMessage
  }
}

/** @throws Violation unless the condition holds */
export function demand(condition: boolean, reason: string, fault?: HttpFaultName): asserts condition {
  if (!condition) throw new Violation(reason, fault)
}
