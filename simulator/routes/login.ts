import type { Exchange, Route } from '../exchange.ts'
import { decideAuthorize, showAuthorizePage } from '../login/authorize-page.ts'
import { decideDevice, showDevicePage } from '../login/device-page.ts'
import { exchangeKiroCode, refreshKiroToken } from '../login/kiro-auth.ts'
import { chooseSignIn, showSignInPage } from '../login/kiro-portal.ts'
import { authorizeDevice, createToken, registerClient } from '../login/oidc.ts'
import type { Operation } from '../state/received.ts'

type Handle = (exchange: Exchange) => Promise<void> | void

const oidcPaths: Readonly<Record<string, readonly [Operation, Handle]>> = {
  'POST /client/register': ['register', registerClient],
  'POST /device_authorization': ['device-authorization', authorizeDevice],
  'POST /token': ['token', createToken],
  'GET /authorize': ['page', showAuthorizePage],
  'POST /authorize': ['page', decideAuthorize],
  'GET /device': ['page', showDevicePage],
  'POST /device': ['page', decideDevice],
}

const kiroPaths: Readonly<Record<string, readonly [Operation, Handle]>> = {
  'POST /oauth/token': ['kiro-token', exchangeKiroCode],
  'POST /refreshToken': ['kiro-refresh', refreshKiroToken],
  'GET /signin': ['page', showSignInPage],
  'POST /signin': ['page', chooseSignIn],
  'GET /login': ['page', showSignInPage],
  'POST /login': ['page', chooseSignIn],
}

/** A call to a login service, under `/oidc` (AWS SSO-OIDC) or `/kiro-auth` (Kiro's auth host and its portal). */
export function loginRoute(prefix: 'oidc' | 'kiro-auth', method: string, path: string): Route | undefined {
  const found = (prefix === 'oidc' ? oidcPaths : kiroPaths)[`${method} ${path}`]
  return found === undefined ? undefined : { operation: found[0], handle: found[1] }
}
