import { createHash } from 'node:crypto'
import type { Exchange } from '../exchange.ts'
import { textOr, type JsonObject } from '../json.ts'
import type { Account } from '../state/accounts.ts'
import type { Client } from '../state/logins.ts'
import { accessTokenLifetimeMs, issueTokens } from '../world.ts'
import { answerTokenError } from './token-answer.ts'

export interface Granted {
  readonly account: Account
  readonly accessToken: string
  /** Absent when the service keeps the old one. */
  readonly refreshToken?: string
}

/** A poll may come this much early before it is told to slow down: timers and networks are not exact. */
const pollTolerance = 0.8

/** The device grant; undefined: refused, and the answer has been sent. */
export function grantDevice(exchange: Exchange, client: Client, body: JsonObject): Granted | undefined {
  const { world } = exchange
  const login = world.logins.device(textOr(body['deviceCode']))
  const now = Date.now()
  if (login === undefined || login.clientId !== client.id) {
    answerTokenError(exchange, 'invalid-grant', 'unknown device code', { message: 'Invalid device code provided' })
    return undefined
  }
  if (login.state === 'denied') {
    answerTokenError(exchange, 'access-denied', 'the person denied the login')
    return undefined
  }
  if (login.expiresAt <= now || login.state === 'used') {
    answerTokenError(exchange, 'expired-token', 'the device code is over')
    return undefined
  }
  const early = now - login.polledAt < world.configuration.pace.deviceIntervalMs * pollTolerance
  login.polledAt = now
  if (early) {
    answerTokenError(exchange, 'slow-down', 'polled faster than the interval')
    return undefined
  }
  if (login.state === 'pending' || login.account === undefined) {
    answerTokenError(exchange, 'authorization-pending', 'the person has not decided yet')
    return undefined
  }
  login.state = 'used'
  return { account: login.account, ...issueTokens(world, login.account, client.id) }
}

/** The refresh grant. The old token dies in the same step that makes the new one. */
export function grantRefresh(exchange: Exchange, client: Client, body: JsonObject): Granted | undefined {
  const granted = refresh(exchange, textOr(body['refreshToken']), client.id)
  if (granted === undefined) {
    answerTokenError(exchange, 'invalid-grant', 'refresh token unknown, rotated out, revoked or of another client')
  }
  return granted
}

/** Exchanges a refresh token; undefined when it is not good for that client. */
export function refresh(exchange: Exchange, token: string, clientId: string | undefined): Granted | undefined {
  const { world } = exchange
  const owner = world.tokens.refresh(token, clientId)
  if (owner === undefined) return undefined
  const account = world.accounts.get(owner.accountId)
  if (!world.configuration.behaviour.rotateRefreshTokens) {
    return { account, accessToken: world.tokens.issueAccess(account.id, accessTokenLifetimeMs(world, account)) }
  }
  world.tokens.rotateOut(token)
  return { account, ...issueTokens(world, account, clientId) }
}

/** The authorization-code grant with PKCE (amazon-q.md §1.4). */
export function grantAuthorizationCode(exchange: Exchange, client: Client, body: JsonObject): Granted | undefined {
  const code = exchange.world.logins.takeCode(textOr(body['code']))
  if (code === undefined || code.clientId !== client.id || code.redirectUri !== body['redirectUri']) {
    answerTokenError(exchange, 'invalid-grant', 'code unknown, of another client, or another redirectUri')
    return undefined
  }
  if (!provesChallenge(textOr(body['codeVerifier']), code.challenge)) {
    answerTokenError(exchange, 'invalid-grant', 'codeVerifier does not fit the challenge')
    return undefined
  }
  return { account: code.account, ...issueTokens(exchange.world, code.account, client.id) }
}

/** PKCE with S256. */
export function provesChallenge(verifier: string, challenge: string): boolean {
  return verifier !== '' && createHash('sha256').update(verifier).digest('base64url') === challenge
}
