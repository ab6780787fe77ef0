import { answer, pause, type Exchange } from '../exchange.ts'
import { isHttpFault, isTokenFault, tokenFaults, type Fault, type TokenFaultName } from '../faults.ts'
import { answerHttpFault } from '../authorize.ts'
import type { Operation } from '../state/received.ts'

/**
 * An error of the OIDC service: JSON with `error` and `error_description`, the exception's name in a header
 * (amazon-q.md §1.2).
 */
export function answerTokenError(
  exchange: Exchange,
  name: TokenFaultName,
  refusal: string,
  options: { readonly fault?: Fault; readonly message?: string } = {},
): void {
  const [status, error, type, description] = tokenFaults[name]
  const { fault } = options
  const message = options.message ?? fault?.message ?? description
  const right = { endpoint: exchange.world.url, region: 'us-east-1' }
  const retryAfter = fault?.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
  answer(
    exchange,
    {
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': type, ...retryAfter },
      body: JSON.stringify({
        error,
        error_description: message,
        ...(name === 'invalid-request-region' ? right : {}),
      }),
    },
    fault === undefined ? (name === 'authorization-pending' ? 'ok' : 'denied') : 'fault',
    refusal,
  )
}

/**
 * Plays a fault that stands for a login operation; false when there is none. A cut or a stall strikes before anything
 * is changed, so that the tokens are as they were.
 */
export async function loginFault(exchange: Exchange, operation: Operation, accountId?: string): Promise<boolean> {
  const fault = exchange.world.director.takeFault(operation, accountId)
  if (fault === undefined) return false
  exchange.entry.fault = fault.name
  if (isTokenFault(fault.name)) {
    answerTokenError(exchange, fault.name, `told to fail: ${fault.name}`, { fault })
    return true
  }
  if (isHttpFault(fault.name)) return answerHttpFault(exchange, fault)
  if (fault.name.startsWith('stall')) {
    await pause(fault.ms ?? Number.POSITIVE_INFINITY, exchange.gone)
    return exchange.gone.aborted
  }
  exchange.world.log.end(exchange.entry, 'fault')
  exchange.request.socket.destroy()
  return true
}
