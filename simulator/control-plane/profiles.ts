import { answerCatalogue } from '../authorize.ts'
import { answerJson, type Exchange } from '../exchange.ts'
import type { Account, Profile } from '../state/accounts.ts'
import { controlCall, pageOf } from './control-call.ts'

/**
 * ListAvailableProfiles (amazon-q.md §2.9): refused for a Builder ID, empty for a social login, and only those of the
 * region when the path names one.
 */
export async function listProfiles(exchange: Exchange): Promise<void> {
  const call = await controlCall(exchange)
  if (call === undefined) return
  const { account } = call
  if (account.kind === 'builder-id') {
    const message = 'AWS Builder ID is not supported for this operation.'
    return answerCatalogue(exchange, 'not-authorized', 'denied', 'profiles of a Builder ID', { message })
  }
  const { region } = exchange.route
  const profiles = account.kind === 'social' ? [] : account.profiles
  const here = profiles.filter((profile) => region === undefined || profile.region === region)
  const { items, nextToken } = pageOf(here, Number(call.parameter('maxResults') ?? 10), call.parameter('nextToken'))
  answerJson(exchange, 200, { profiles: items.map((profile) => describe(profile, account)), nextToken })
}

/** GetProfile (amazon-q.md §2.9). */
export async function getProfile(exchange: Exchange): Promise<void> {
  const call = await controlCall(exchange)
  if (call === undefined) return
  const profile = call.account.profiles.find(({ arn }) => arn === call.parameter('profileArn'))
  if (profile === undefined) return answerCatalogue(exchange, 'not-found', 'refused', 'no such profile')
  answerJson(exchange, 200, { profile: describe(profile, call.account) })
}

function describe(profile: Profile, account: Account): Record<string, unknown> {
  return {
    arn: profile.arn,
    profileName: profile.name,
    status: 'ACTIVE',
    profileType: 'KIRO',
    identityDetails: {
      ssoIdentityDetails: {
        instanceArn: 'arn:aws:sso:::instance/ssoins-0123456789abcdef',
        oidcClientId: 'simulated',
        ssoRegion: account.region,
      },
    },
  }
}
