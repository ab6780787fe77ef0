import { answer, answerJson, jsonBody, pause, type Exchange } from '../exchange.ts'
import { isObject, textOr, type JsonObject } from '../json.ts'
import { accessTokenLifetimeMs, issueTokens } from '../world.ts'
import { provesChallenge, refresh, type Granted } from './grants.ts'
import { loginFault } from './token-answer.ts'

/** `POST /oauth/token`: snake_case in, camelCase out (amazon-q.md §1.5). */
export async function exchangeKiroCode(exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, 'kiro-token')
  if (body === undefined) return
  const { world } = exchange
  const code = world.logins.takeCode(textOr(body['code']))
  if (code === undefined || code.clientId !== undefined) {
    return refuse(exchange, 400, 'invalid_grant', 'unknown or used code')
  }
  if (!sameUrl(textOr(body['redirect_uri']), code.redirectUri)) {
    return refuse(exchange, 400, 'invalid_grant', 'redirect_uri differs from the one of the sign-in')
  }
  if (!provesChallenge(textOr(body['code_verifier']), code.challenge)) {
    return refuse(exchange, 400, 'invalid_grant', 'code_verifier does not fit the challenge')
  }
  answerTokens(exchange, { account: code.account, ...issueTokens(world, code.account, undefined) })
}

/** `POST /refreshToken`, with rotation (amazon-q.md §1.5). */
export async function refreshKiroToken(exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, 'kiro-refresh')
  if (body === undefined) return
  const token = textOr(body['refreshToken'])
  if (token === '') return refuse(exchange, 400, 'invalid_request', 'refreshToken missing')
  await pause(exchange.world.configuration.pace.delayTokenMs, exchange.gone)
  // Nothing changes for a client that is no longer there to learn of it: its old refresh token stays good.
  if (exchange.gone.aborted) return
  const granted = refresh(exchange, token, undefined)
  if (granted === undefined)
    return refuse(exchange, 401, 'invalid_grant', 'refresh token unknown, rotated out or revoked')
  answerTokens(exchange, granted)
}

function answerTokens(exchange: Exchange, { account, accessToken, refreshToken }: Granted): void {
  exchange.entry.accountId = account.id
  answerJson(exchange, 200, {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    expiresIn: Math.floor(accessTokenLifetimeMs(exchange.world, account) / 1_000),
    ...(account.profiles[0] === undefined ? {} : { profileArn: account.profiles[0].arn }),
  })
}

async function readBody(exchange: Exchange, operation: 'kiro-token' | 'kiro-refresh'): Promise<JsonObject | undefined> {
  const body = jsonBody(exchange)
  const owner = isObject(body) ? exchange.world.tokens.ownerOfRefresh(textOr(body['refreshToken'])) : undefined
  if (await loginFault(exchange, operation, owner)) return undefined
  if (isObject(body) && (exchange.request.headers['content-type'] ?? '').startsWith('application/json')) return body
  refuse(exchange, 400, 'invalid_request', 'body is no JSON object, or is not called application/json')
  return undefined
}

function refuse(exchange: Exchange, status: number, error: string, refusal: string): void {
  const messages: Readonly<Record<string, string>> = {
    invalid_grant: 'Invalid grant',
    invalid_request: 'Invalid request',
  }
  const body = JSON.stringify({ error, message: messages[error] ?? error })
  answer(exchange, { status, headers: { 'content-type': 'application/json' }, body }, 'denied', refusal)
}

/** Escaping may differ; scheme, host, port, path and query may not. */
function sameUrl(one: string, other: string): boolean {
  return one === other || (URL.canParse(one) && URL.canParse(other) && decoded(one) === decoded(other))
}

function decoded(text: string): string {
  const url = new URL(text)
  return `${url.origin}${url.pathname}?${new URLSearchParams(url.search).toString()}`
}
