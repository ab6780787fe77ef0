import { answerHtml, formBody, redirect, type Exchange } from '../exchange.ts'
import { builderIdStartUrl } from '../state/accounts.ts'
import type { AccountOptions, PortalChoice } from '../types.ts'
import { accountFor, type World } from '../world.ts'
import { accountFields, escapeHtml, optionsFromForm, page } from './pages.ts'

const choices: readonly (readonly [PortalChoice, string])[] = [
  ['google', 'Continue with Google'],
  ['github', 'Continue with GitHub'],
  ['builderid', 'Continue with AWS Builder ID'],
  ['awsidc', 'Continue with IAM Identity Center'],
]

/** `GET /signin` (the portal, which offers every login) and `GET /login` (one provider, named by `idp`). */
export function showSignInPage(exchange: Exchange): void {
  const problem = signInProblem(exchange.url)
  if (problem !== undefined) return answerHtml(exchange, 400, page('Request refused', `<p role="alert">${problem}</p>`))
  const provider = exchange.url.searchParams.get('idp')?.toLowerCase()
  const offered = provider === undefined ? choices : choices.filter(([choice]) => choice === provider)
  const buttons = offered.map(
    ([choice, label]) => `<button type="submit" name="choice" value="${choice}">${label}</button>`,
  )
  answerHtml(
    exchange,
    200,
    page(
      'Sign in to Kiro',
      `<form method="post" action="${escapeHtml(exchange.url.pathname + exchange.url.search)}">${accountFields()}` +
        `${buttons.join('')}<button type="submit" name="choice" value="deny" class="quiet">Cancel</button></form>`,
    ),
  )
}

/** `POST` of the same page: back to the program as the choice says. */
export function chooseSignIn(exchange: Exchange): void {
  const problem = signInProblem(exchange.url)
  if (problem !== undefined) return answerHtml(exchange, 400, page('Request refused', `<p role="alert">${problem}</p>`))
  const form = formBody(exchange)
  const choice = choices.find(([known]) => known === form.get('choice'))?.[0] ?? 'deny'
  redirect(exchange, portalRedirect(exchange.world, exchange.url, choice, optionsFromForm(form)))
}

/**
 * Where the browser goes after the choice (amazon-q.md §1.5): a code for Google and GitHub, the login's addresses
 * without a code for the AWS ones, an error for a cancelled sign-in.
 *
 * @throws when the sign-in URL itself is refused
 */
export function portalRedirect(world: World, url: URL, choice: PortalChoice, as: string | AccountOptions): string {
  const problem = signInProblem(url)
  if (problem !== undefined) throw new Error(problem)
  const query = url.searchParams
  const base = query.get('redirect_uri') ?? ''
  const portal = url.pathname.endsWith('/signin')
  const back = (path: string, members: Readonly<Record<string, string>>): string => {
    const target = new URL(portal ? base.replace(/\/$/u, '') + path : base)
    for (const [name, value] of Object.entries(members)) target.searchParams.set(name, value)
    target.searchParams.set('state', query.get('state') ?? '')
    return target.href
  }
  switch (choice) {
    case 'builderid':
      return back('/signin/callback', {
        login_option: 'builderid',
        issuer_url: builderIdStartUrl,
        idc_region: 'us-east-1',
      })
    case 'awsidc':
      return back('/signin/callback', {
        login_option: 'awsidc',
        issuer_url: 'https://simulated.awsapps.com/start',
        idc_region: 'us-east-1',
      })
    case 'deny':
      return back('/oauth/callback', { error: 'access_denied', error_description: 'The person cancelled the sign-in.' })
    case 'google':
    case 'github': {
      const account = accountFor(world, typeof as === 'string' ? as : { ...as, kind: 'social' })
      const redirectUri = portal ? `${base.replace(/\/$/u, '')}/oauth/callback?login_option=${choice}` : base
      const challenge = query.get('code_challenge') ?? ''
      const code = world.logins.issueCode({ account, clientId: undefined, redirectUri, challenge })
      return back('/oauth/callback', { ...(portal ? { login_option: choice } : {}), code })
    }
  }
}

function signInProblem(url: URL): string | undefined {
  const query = url.searchParams
  if (query.get('code_challenge_method') !== 'S256' || !query.get('code_challenge')) return 'PKCE with S256 is needed.'
  if (!query.get('state')) return 'state is missing.'
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!URL.canParse(redirectUri)) return 'redirect_uri is missing or no URL.'
  const target = new URL(redirectUri)
  const portal = url.pathname.endsWith('/signin')
  if (!portal && target.protocol === 'kiro:') {
    return target.href === 'kiro://kiro.kiroAgent/authenticate-success' ? undefined : 'redirect_uri is not allowed.'
  }
  const local = target.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(target.hostname)
  const own = target.protocol === 'https:' && target.hostname.endsWith('.app.kiro.dev')
  if (!local && !own) return 'redirect_uri must be localhost or below app.kiro.dev.'
  if (portal && (target.pathname !== '/' || target.search !== '')) return 'redirect_uri must have no path.'
  if (!portal && !['Google', 'Github'].includes(query.get('idp') ?? '')) return 'idp must be Google or Github.'
  return undefined
}
