import { answerHtml, formBody, type Exchange } from '../exchange.ts'
import type { AccountKind, AccountOptions } from '../types.ts'
import { accountFor, type World } from '../world.ts'
import { builderIdStartUrl } from '../state/accounts.ts'
import type { DeviceLogin } from '../state/logins.ts'
import { accountFields, escapeHtml, optionsFromForm, page } from './pages.ts'

/** `GET /oidc/device`: where a person approves or denies a device login. */
export function showDevicePage(exchange: Exchange): void {
  const userCode = exchange.url.searchParams.get('user_code') ?? ''
  const login = exchange.world.logins.deviceByUserCode(userCode)
  if (userCode === '') return answerHtml(exchange, 200, page('Sign in to a device', codeForm('')))
  if (login === undefined || login.expiresAt <= Date.now()) {
    const text = `<p role="alert">The code <strong>${escapeHtml(userCode)}</strong> is unknown or no longer valid.</p>`
    return answerHtml(exchange, 404, page('Unknown code', text + codeForm(userCode)))
  }
  if (login.state !== 'pending') return answerHtml(exchange, 200, decided(login.state !== 'denied'))
  answerHtml(exchange, 200, page('Allow access?', decisionForm(exchange.world, login)))
}

/** `POST /oidc/device`: the person's decision. */
export function decideDevice(exchange: Exchange): void {
  const form = formBody(exchange)
  const login = exchange.world.logins.deviceByUserCode(form.get('user_code') ?? '')
  if (login === undefined) return answerHtml(exchange, 404, page('Unknown code', codeForm('')))
  const approved = form.get('decision') === 'approve'
  const done = approved ? approveDevice(exchange.world, login, optionsFromForm(form)) : denyDevice(login)
  if (!done) return answerHtml(exchange, 409, page('Too late', '<p role="alert">This login was decided before.</p>'))
  answerHtml(exchange, 200, decided(approved))
}

/** Grants the login; false when it was decided before or is over. */
export function approveDevice(world: World, login: DeviceLogin, as: string | AccountOptions): boolean {
  if (login.state !== 'pending' || login.expiresAt <= Date.now()) return false
  const kind: AccountKind = login.startUrl === builderIdStartUrl ? 'builder-id' : 'idc'
  login.account = accountFor(world, typeof as === 'string' ? as : { kind, startUrl: login.startUrl, ...as })
  login.state = 'approved'
  return true
}

/** Refuses the login; false when it was decided before. */
export function denyDevice(login: DeviceLogin): boolean {
  if (login.state !== 'pending') return false
  login.state = 'denied'
  return true
}

function codeForm(userCode: string): string {
  return (
    '<form method="get" action="/oidc/device"><label for="code">Code shown by your program</label>' +
    `<input id="code" name="user_code" value="${escapeHtml(userCode)}" required autocomplete="off" autocapitalize="characters" ` +
    'spellcheck="false"><button type="submit">Continue</button></form>'
  )
}

function decisionForm(world: World, login: DeviceLogin): string {
  const client = world.logins.publicClient(login.clientId)
  const scopes = (client?.scopes ?? []).map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('')
  return (
    `<p><strong>${escapeHtml(client?.name ?? 'A program')}</strong> asks for access to your account at ` +
    `<span class="url">${escapeHtml(login.startUrl)}</span>.</p>` +
    `<p>Check that your program shows this code:</p><p class="code">${login.userCode}</p>` +
    (scopes === '' ? '' : `<p id="scopes">It may then:</p><ul aria-labelledby="scopes">${scopes}</ul>`) +
    '<form method="post" action="/oidc/device">' +
    `<input type="hidden" name="user_code" value="${login.userCode}">` +
    accountFields() +
    '<div class="buttons"><button type="submit" name="decision" value="approve">Allow access</button>' +
    '<button type="submit" name="decision" value="deny" class="quiet">Deny</button></div></form>'
  )
}

function decided(approved: boolean): string {
  return approved
    ? page('Request approved', '<p role="status">You can close this window and go back to your program.</p>')
    : page('Request denied', '<p role="status">Nothing was shared. You can close this window.</p>')
}
