import { answerCatalogue, answerHttpFault, authorize } from '../authorize.ts'
import { answer, jsonBody, pause, type Exchange } from '../exchange.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { Account } from '../state/accounts.ts'
import { checkProfileArn } from '../validate/profile.ts'
import { Violation } from '../validate/violation.ts'

/** A call of the control plane that may be answered. */
export interface ControlCall {
  readonly account: Account
  /** A parameter by name, from the query or the JSON body. */
  parameter(name: string): unknown
  readonly body: JsonObject
}

/**
 * Token, fault, body and profile ARN of a control call; undefined: refused, and the answer has been sent. Parameters may
 * stand in the query or the body, as clients do both (amazon-q.md §2.9).
 */
export async function controlCall(exchange: Exchange): Promise<ControlCall | undefined> {
  const { world, route, url, request } = exchange
  const account = authorize(exchange)
  if (account === undefined) return undefined
  const fault = world.director.takeFault(route.operation, account.id)
  if (answerHttpFault(exchange, fault)) return undefined
  if (fault !== undefined) {
    exchange.entry.fault = fault.name
    if (!fault.name.startsWith('stall')) {
      world.log.end(exchange.entry, 'fault')
      request.socket.destroy()
      return undefined
    }
    await pause(fault.ms ?? Number.POSITIVE_INFINITY, exchange.gone)
    if (exchange.gone.aborted) return undefined
  }
  const parsed = exchange.body.length === 0 ? {} : jsonBody(exchange)
  if (!isObject(parsed)) {
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'SerializationException' }
    answer(
      exchange,
      { status: 400, headers, body: '{"message":"body is no JSON object"}' },
      'refused',
      'body is no JSON',
    )
    return undefined
  }
  const parameter = (name: string): unknown => url.searchParams.get(name) ?? parsed[name] ?? undefined
  try {
    const arn = parameter('profileArn')
    if (arn !== undefined) checkProfileArn(arn, account, 'E1', world.configuration.behaviour)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    answerCatalogue(
      exchange,
      error.fault,
      'refused',
      error.message,
      error.fault === 'improperly-formed' ? { message: 'Invalid profileArn' } : {},
    )
    return undefined
  }
  return { account, parameter, body: parsed }
}

/** One page of a list: its items and the token of the next page, null on the last. */
export function pageOf<Item>(
  items: readonly Item[],
  size: number,
  token: unknown,
): { readonly items: readonly Item[]; readonly nextToken: string | null } {
  const start = typeof token === 'string' ? Number(Buffer.from(token, 'base64url').toString('utf8')) : 0
  const from = Number.isInteger(start) && start > 0 ? start : 0
  const end = from + Math.max(1, size)
  const nextToken = end < items.length ? Buffer.from(String(end), 'utf8').toString('base64url') : null
  return { items: items.slice(from, end), nextToken }
}
