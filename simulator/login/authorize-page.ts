import { answerHtml, formBody, redirect, type Exchange } from '../exchange.ts'
import type { Client } from '../state/logins.ts'
import { accountFor } from '../world.ts'
import { accountFields, escapeHtml, optionsFromForm, page } from './pages.ts'

/** `GET /oidc/authorize`: the PKCE variant's page (amazon-q.md §1.4). */
export function showAuthorizePage(exchange: Exchange): void {
  const problem = authorizeProblem(exchange)
  if (problem !== undefined) return answerHtml(exchange, 400, page('Request refused', `<p role="alert">${problem}</p>`))
  const client = clientOf(exchange)
  const scopes = exchange.url.searchParams.get('scopes') ?? ''
  answerHtml(
    exchange,
    200,
    page(
      'Allow access?',
      `<p><strong>${escapeHtml(client?.name ?? '')}</strong> asks for access to your account: ` +
        `<span class="url">${escapeHtml(scopes)}</span>.</p>` +
        `<form method="post" action="${escapeHtml(exchange.url.pathname + exchange.url.search)}">${accountFields()}` +
        '<div class="buttons"><button type="submit" name="decision" value="approve">Allow access</button>' +
        '<button type="submit" name="decision" value="deny" class="quiet">Deny</button></div></form>',
    ),
  )
}

/** `POST /oidc/authorize`: back to the program, with a code or an error. */
export function decideAuthorize(exchange: Exchange): void {
  const problem = authorizeProblem(exchange)
  if (problem !== undefined) return answerHtml(exchange, 400, page('Request refused', `<p role="alert">${problem}</p>`))
  const { world, url } = exchange
  const form = formBody(exchange)
  const redirectUri = url.searchParams.get('redirect_uri') ?? ''
  const back = new URL(redirectUri)
  back.searchParams.set('state', url.searchParams.get('state') ?? '')
  if (form.get('decision') === 'approve') {
    const account = accountFor(world, { kind: 'idc', ...optionsFromForm(form) })
    const challenge = url.searchParams.get('code_challenge') ?? ''
    back.searchParams.set(
      'code',
      world.logins.issueCode({ account, clientId: clientOf(exchange)?.id, redirectUri, challenge }),
    )
  } else {
    back.searchParams.set('error', 'access_denied')
    back.searchParams.set('error_description', 'The person denied the request.')
  }
  redirect(exchange, back.href)
}

function clientOf(exchange: Exchange): Client | undefined {
  return exchange.world.logins.publicClient(exchange.url.searchParams.get('client_id') ?? '')
}

function authorizeProblem(exchange: Exchange): string | undefined {
  const query = exchange.url.searchParams
  const client = clientOf(exchange)
  if (client === undefined) return 'The client is unknown.'
  if (query.get('response_type') !== 'code') return 'response_type must be code.'
  if (query.get('code_challenge_method') !== 'S256' || !query.get('code_challenge')) return 'PKCE with S256 is needed.'
  if (!query.get('scopes')) return 'scopes is missing.'
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!client.redirectUris.some((registered) => sameRedirect(registered, redirectUri))) {
    return 'The redirect URI is not registered.'
  }
  return undefined
}

/** A loopback URI that was registered without a port is good with any (amazon-q.md §1.4). */
function sameRedirect(registered: string, asked: string): boolean {
  if (registered === asked) return true
  if (!URL.canParse(asked)) return false
  const known = new URL(registered)
  const url = new URL(asked)
  return (
    known.hostname === '127.0.0.1' &&
    known.port === '' &&
    url.hostname === '127.0.0.1' &&
    known.pathname === url.pathname
  )
}
