import { answer, answerJson, jsonBody, type Exchange } from './exchange.ts'
import type { Fault } from './faults.ts'
import { isObject, textOr, type JsonObject } from './json.ts'
import type { AccountOptions, PortalChoice, ScriptStep, Simulator } from './types.ts'

type Command = (simulator: Simulator, body: JsonObject) => unknown

/** What a test or benchmark in another process may ask; the names and members are those of the `Simulator` interface. */
const commands: Readonly<Record<string, Command>> = {
  'issue-account': (simulator, body) => simulator.issueAccount(body),
  approve: (simulator, body) => simulator.approve(textOr(body['userCode']), body['as'] as AccountOptions | string),
  deny: (simulator, body) => simulator.deny(textOr(body['userCode'])),
  choose: (simulator, body) => ({
    url: simulator.choose(
      textOr(body['signInUrl']),
      textOr(body['choice']) as PortalChoice,
      body['as'] as AccountOptions | string,
    ),
  }),
  script: (simulator, body) => simulator.script(body['steps'] as ScriptStep[], scopeOf(body)),
  fault: (simulator, body) => simulator.setFault((body['fault'] ?? undefined) as Fault | undefined, scopeOf(body)),
  configure: (simulator, body) => simulator.configure(body),
  'context-window': (simulator, body) => simulator.setContextWindow(textOr(body['modelId']), Number(body['tokens'])),
  'context-denominator': (simulator, body) =>
    simulator.setContextDenominator(textOr(body['modelId']), Number(body['factor'])),
  'expire-access-tokens': (simulator, body) => simulator.expireAccessTokens(scopeOf(body).accountId),
  'revoke-refresh-token': (simulator, body) => simulator.revokeRefreshToken(textOr(body['accountId'])),
  suspend: (simulator, body) =>
    simulator.suspend(textOr(body['accountId']), typeof body['message'] === 'string' ? body['message'] : undefined),
  reset: (simulator) => simulator.reset(),
}

/** `POST /control/{command}` with a JSON body, and `GET /control/state?last=N`. */
export function control(exchange: Exchange, name: string): void {
  const { simulator } = exchange.world
  if (simulator === undefined) return
  if (exchange.request.method === 'GET' && name === 'state') return answerState(exchange, simulator)
  const command = commands[name]
  const body = exchange.body.length === 0 ? {} : jsonBody(exchange)
  // Only a caller that can set a JSON content type: no form of a foreign web page.
  const json = (exchange.request.headers['content-type'] ?? '').startsWith('application/json')
  if (command === undefined || !isObject(body) || !json || exchange.request.method !== 'POST') {
    return refuse(exchange, 404, `Known are POST, JSON, to: ${Object.keys(commands).join(', ')}; and GET state.`)
  }
  try {
    answerJson(exchange, 200, command(simulator, body) ?? {})
  } catch (error) {
    refuse(exchange, 400, error instanceof Error ? error.message : String(error))
  }
}

function answerState(exchange: Exchange, simulator: Simulator): void {
  const last = Math.min(1_000, Math.max(0, Number(exchange.url.searchParams.get('last') ?? 0)))
  answerJson(exchange, 200, {
    counts: simulator.counts,
    refreshTokenReuse: simulator.refreshTokenReuse,
    clientAborts: simulator.clientAborts,
    openStreams: simulator.openStreams,
    received: last > 0 ? simulator.received.slice(-last) : [],
  })
}

function refuse(exchange: Exchange, status: number, message: string): void {
  const headers = { 'content-type': 'application/json' }
  answer(exchange, { status, headers, body: JSON.stringify({ message }) }, 'refused', message)
}

function scopeOf(body: JsonObject): { readonly accountId?: string } {
  return typeof body['accountId'] === 'string' ? { accountId: body['accountId'] } : {}
}
