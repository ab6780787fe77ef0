import { isFaultName, type Fault } from './faults.ts'
import type { Operation } from './state/received.ts'
import type { Parameters } from './types.ts'

/** What a marker in a conversation's text asks for: `[[scenario:NAME key=value flag]]`, `[[fault:NAME key=value]]`. */
export interface Directive {
  readonly kind: 'scenario' | 'fault'
  readonly name: string
  readonly parameters: Parameters
  /** The marker as it stands in the text. */
  readonly source: string
}

const marker = /\[\[(scenario|fault):([a-z0-9-]+)([^\]]*)\]\]/gu
const parameter = /([a-zA-Z][a-zA-Z0-9_-]*)(?:=(?:"([^"]*)"|(\S+)))?/gu

/** The last marker of that kind in the text. */
export function findDirective(text: string, kind: Directive['kind']): Directive | undefined {
  if (!text.includes('[[')) return undefined
  let last: Directive | undefined
  for (const [source, found, name, rest] of text.matchAll(marker)) {
    if (found === kind && name !== undefined) last = { kind, name, parameters: parseParameters(rest ?? ''), source }
  }
  return last
}

/** `key=value key="two words" flag`; a header's value uses the same after the name. */
export function parseParameters(text: string): Parameters {
  const parameters: Record<string, string | boolean> = {}
  for (const [, key, quoted, plain] of text.matchAll(parameter)) {
    if (key !== undefined) parameters[key] = quoted ?? plain ?? true
  }
  return parameters
}

/** The fault that a marker or header names; undefined when there is none of that name. */
export function faultFrom(name: string, parameters: Parameters): Fault | undefined {
  if (!isFaultName(name)) return undefined
  const number = (key: string): Record<string, number> => {
    const value = Number(parameters[key])
    return parameters[key] === undefined || Number.isNaN(value) ? {} : { [key]: value }
  }
  const text = (key: string): Record<string, string> => {
    const value = parameters[key]
    return typeof value === 'string' ? { [key]: value } : {}
  }
  return {
    name,
    ...number('times'),
    ...number('retryAfter'),
    ...number('ms'),
    ...number('bytes'),
    ...number('afterFrames'),
    ...text('type'),
    ...text('message'),
    ...(typeof parameters['on'] === 'string' ? { on: parameters['on'] as Operation } : {}),
  }
}

/** A number parameter, or its default. */
export function numberParameter(parameters: Parameters, key: string, otherwise: number): number {
  const value = Number(parameters[key])
  return parameters[key] === undefined || !Number.isFinite(value) ? otherwise : value
}

/** A text parameter, or its default. */
export function textParameter(parameters: Parameters, key: string, otherwise: string): string {
  const value = parameters[key]
  return value === undefined || typeof value === 'boolean' ? otherwise : String(value)
}
