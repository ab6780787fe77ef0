import { answer, type Exchange } from './exchange.ts'
import { httpFaultAnswer, isHttpFault, type Fault, type HttpFaultName } from './faults.ts'
import type { Account } from './state/accounts.ts'
import type { Outcome } from './state/received.ts'

/** Sends one answer of the catalogue (amazon-q.md §4.3) in the form of the request's endpoint. */
export function answerCatalogue(
  exchange: Exchange,
  name: HttpFaultName,
  outcome: Outcome,
  refusal: string,
  options: { readonly retryAfter?: number | undefined; readonly message?: string | undefined } = {},
): void {
  answer(exchange, httpFaultAnswer(name, exchange.route.endpoint ?? 'E2', options), outcome, refusal)
}

/** Sends an HTTP fault; false when the fault is of another kind. */
export function answerHttpFault(exchange: Exchange, fault: Fault | undefined): boolean {
  if (fault === undefined || !isHttpFault(fault.name)) return false
  exchange.entry.fault = fault.name
  answerCatalogue(exchange, fault.name, 'fault', `told to fail: ${fault.name}`, fault)
  return true
}

/**
 * The account of the bearer token. Otherwise undefined, and the refusal has been sent: an unknown or expired token, a
 * locked account, the wrong region, a product that the account's kind may not use (amazon-q.md §0.3, §4.3).
 */
export function authorize(exchange: Exchange): Account | undefined {
  const { world, request, route } = exchange
  const header = request.headers.authorization ?? ''
  const token = world.tokens.access(header.startsWith('Bearer ') ? header.slice(7) : '')
  if (token.state === 'unknown') {
    answerCatalogue(exchange, 'token-invalid', 'denied', header === '' ? 'no bearer token' : 'unknown access token')
    return undefined
  }
  exchange.entry.accountId = token.accountId
  if (token.state === 'expired') {
    const names = {
      'invalid-403': 'token-invalid',
      'expired-403': 'token-expired',
      'unauthorized-401': 'unauthorized',
    } as const
    answerCatalogue(exchange, names[world.configuration.behaviour.expiredToken], 'denied', 'expired access token')
    return undefined
  }
  const account = world.accounts.get(token.accountId)
  if (account.suspended !== undefined) {
    answerCatalogue(exchange, 'suspended', 'denied', 'suspended account', { message: account.suspended })
    return undefined
  }
  if (route.region !== undefined && !regionsOf(account).includes(route.region)) {
    answerCatalogue(exchange, 'token-invalid', 'denied', `account has nothing in ${route.region}`)
    return undefined
  }
  const agent = `${request.headers['user-agent']} ${String(request.headers['x-amz-user-agent'])}`
  if (account.kind === 'builder-id' && agent.includes('AWS-Language-Servers-AWS-CodeWhisperer')) {
    answerCatalogue(exchange, 'feature-not-supported', 'denied', 'language-server user agent with a Builder ID')
    return undefined
  }
  return account
}

function regionsOf(account: Account): readonly string[] {
  return [account.apiRegion, ...account.profiles.map((profile) => profile.region)]
}
