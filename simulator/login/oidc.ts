import { answerJson, jsonBody, pause, type Exchange } from '../exchange.ts'
import { isArray, isObject, textOr, type JsonObject } from '../json.ts'
import { builderIdStartUrl } from '../state/accounts.ts'
import type { Client } from '../state/logins.ts'
import { accessTokenLifetimeMs } from '../world.ts'
import { grantAuthorizationCode, grantDevice, grantRefresh } from './grants.ts'
import { answerTokenError, loginFault } from './token-answer.ts'

const startUrlForm =
  /^https:\/\/([a-z0-9-]+\.awsapps\.com\/start|identitycenter\.amazonaws\.com\/ssoins-[0-9a-f]{16})[#/]*$/iu

/** `POST /client/register` (amazon-q.md §1.1). */
export async function registerClient(exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, 'register')
  if (body === undefined) return
  const { clientName, clientType, scopes, redirectUris } = body
  if (typeof clientName !== 'string' || clientName === '' || clientType !== 'public') {
    return answerTokenError(exchange, 'invalid-client-metadata', 'clientName missing or clientType not "public"')
  }
  const asked = texts(scopes)
  if (asked === undefined || asked.includes('sso:account:access')) {
    return answerTokenError(exchange, 'invalid-scope', 'scopes are no list of strings, or ask for sso:account:access')
  }
  const uris = texts(redirectUris)
  if (uris === undefined || !uris.every((uri) => URL.canParse(uri))) {
    return answerTokenError(exchange, 'invalid-redirect-uri', 'redirectUris are no list of URLs')
  }
  const { pace } = exchange.world.configuration
  const client = exchange.world.logins.register(clientName, asked, uris, pace.clientSecretLifetimeMs)
  answerJson(exchange, 200, {
    clientId: client.id,
    clientSecret: client.secret,
    clientIdIssuedAt: Math.floor(Date.now() / 1_000),
    clientSecretExpiresAt: Math.floor(client.expiresAt / 1_000),
  })
}

/** `POST /device_authorization` (amazon-q.md §1.1). */
export async function authorizeDevice(exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, 'device-authorization')
  if (body === undefined) return
  const client = clientOf(exchange, body)
  if (client === undefined) return
  const startUrl = textOr(body['startUrl'])
  if (startUrl !== builderIdStartUrl && !startUrlForm.test(startUrl)) {
    return answerTokenError(exchange, 'invalid-request', 'startUrl missing or of an unknown form')
  }
  const { url, logins, configuration } = exchange.world
  const { deviceLifetimeMs, deviceIntervalMs } = configuration.pace
  const login = logins.startDevice(client.id, startUrl, deviceLifetimeMs)
  const verificationUri = `${url}/oidc/device`
  answerJson(exchange, 200, {
    deviceCode: login.deviceCode,
    userCode: login.userCode,
    verificationUri,
    verificationUriComplete: `${verificationUri}?user_code=${login.userCode}`,
    expiresIn: Math.ceil(deviceLifetimeMs / 1_000),
    // Whole seconds as on the real wire; shorter ones, which only tests ask for, as a fraction.
    interval: deviceIntervalMs < 1_000 ? deviceIntervalMs / 1_000 : Math.ceil(deviceIntervalMs / 1_000),
  })
}

/** `POST /token`: all grants (amazon-q.md §1.1, §1.2). */
export async function createToken(exchange: Exchange): Promise<void> {
  const { world } = exchange
  const body = await readBody(exchange, 'token')
  if (body === undefined) return
  const client = clientOf(exchange, body)
  if (client === undefined) return
  await pause(world.configuration.pace.delayTokenMs, exchange.gone)
  // Nothing changes for a client that is no longer there to learn of it: its old refresh token stays good.
  if (exchange.gone.aborted) return
  const grant = {
    'urn:ietf:params:oauth:grant-type:device_code': grantDevice,
    refresh_token: grantRefresh,
    authorization_code: grantAuthorizationCode,
  }[textOr(body['grantType'])]
  if (grant === undefined) return answerTokenError(exchange, 'unsupported-grant-type', 'unknown grantType')
  const granted = grant(exchange, client, body)
  if (granted === undefined) return
  exchange.entry.accountId = granted.account.id
  answerJson(exchange, 200, {
    accessToken: granted.accessToken,
    tokenType: 'Bearer',
    expiresIn: Math.floor(accessTokenLifetimeMs(world, granted.account) / 1_000),
    ...(granted.refreshToken === undefined ? {} : { refreshToken: granted.refreshToken }),
  })
}

/** The JSON body, after the operation's fault had its turn; undefined: answered already. */
async function readBody(
  exchange: Exchange,
  operation: 'register' | 'device-authorization' | 'token',
): Promise<JsonObject | undefined> {
  const body = jsonBody(exchange)
  if (await loginFault(exchange, operation, operation === 'token' ? ownerOf(exchange, body) : undefined)) {
    return undefined
  }
  if (!(exchange.request.headers['content-type'] ?? '').startsWith('application/json')) {
    answerTokenError(exchange, 'invalid-request', 'content-type is not application/json')
    return undefined
  }
  if (!isObject(body)) {
    answerTokenError(exchange, 'invalid-request', 'body is no JSON object')
    return undefined
  }
  return body
}

/** Whose refresh token it is, so that a fault for one account can strike. Looks without touching. */
function ownerOf(exchange: Exchange, body: unknown): string | undefined {
  return isObject(body) ? exchange.world.tokens.ownerOfRefresh(textOr(body['refreshToken'])) : undefined
}

function clientOf(exchange: Exchange, body: JsonObject): Client | undefined {
  const client = exchange.world.logins.client(textOr(body['clientId']), textOr(body['clientSecret']))
  // snake_case members are not understood either (amazon-q.md §1.1).
  if (client === undefined) answerTokenError(exchange, 'invalid-client', 'unknown, wrong or expired client')
  return client
}

/** A list of strings; empty when absent; undefined when it is something else. */
function texts(value: unknown): readonly string[] | undefined {
  if (value === undefined) return []
  return isArray(value) && value.every((part) => typeof part === 'string') ? value : undefined
}
