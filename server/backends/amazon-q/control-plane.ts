import { ProxyError } from '../../canonical/error.ts'
import { decodeModels, decodeProfiles, decodeUsageLimits } from '../../convert/upstream/amazon-q/decode-control.ts'
import { decodeAmazonQError } from '../../convert/upstream/amazon-q/decode-error.ts'
import type { ControlCall } from '../backend.ts'
import type { ModelInfo, Profile, Quota } from '../../canonical/offering.ts'
import type { UpstreamClient } from '../fetch-upstream.ts'
import { apiRegions, qBase } from './endpoints.ts'
import type { EndpointBases } from './endpoints.ts'
import { controlHeaders } from './headers.ts'

export interface ControlPlaneDeps {
  readonly client: UpstreamClient
  readonly endpoints: EndpointBases
  readonly now: () => number
}

/** Models, quota and profiles of an account (amazon-q.md §2.9, §2.10). All methods reject with `ProxyError`. */
export interface ControlPlane {
  models(call: ControlCall): Promise<readonly ModelInfo[]>
  quota(call: ControlCall): Promise<Quota>
  profiles(call: ControlCall): Promise<readonly Profile[]>
}

/** Where one try of a control call goes. */
interface Target {
  readonly region: string
  readonly profileArn: string | undefined
}

const RESPONSE_LIMIT_BYTES = 4_194_304
const TIMEOUT_MS = 20_000
const MAX_PAGES = 10

export function createControlPlane({ client, endpoints, now }: ControlPlaneDeps): ControlPlane {
  async function ask(
    call: ControlCall,
    target: Target,
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ): Promise<unknown> {
    const { account } = call
    const proxy = account.options['proxy']
    const response = await client.request({
      url: `${qBase(account, endpoints, target.region)}${path}`,
      method,
      headers: controlHeaders({ ...call, authMethod: account.authMethod, attempt: 1 }),
      signal: call.signal,
      firstByteTimeoutMs: TIMEOUT_MS,
      idleTimeoutMs: TIMEOUT_MS,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(typeof proxy === 'string' && proxy !== '' ? { proxy } : {}),
    })
    const text = await response.text(RESPONSE_LIMIT_BYTES)
    if (response.status !== 200) throw decodeAmazonQError(response.status, response.headers, text)
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new ProxyError(
        'upstream-invalid',
        'The service answered a question about the account with something that is not JSON. A login page of the network or a proxy may be in the way.',
        { cause: error, upstreamStatus: 200 },
      )
    }
  }

  /**
   * A wrong region answers 403 and a wrong profile 400, both in words that mean other things too: the other region and
   * the call without a profile are tried once each, and when they fail too the first answer counts.
   */
  async function withFallbacks<T>(call: ControlCall, action: (target: Target) => Promise<T>): Promise<T> {
    const { account } = call
    const regions = apiRegions(account, endpoints)
    const first: Target = { region: regions[0] ?? account.apiRegion, profileArn: account.profileArn }
    try {
      return await action(first)
    } catch (error) {
      const target = error instanceof ProxyError ? fallbackFor(error, first, regions) : undefined
      if (target === undefined) throw error
      try {
        return await action(target)
      } catch {
        throw error
      }
    }
  }

  return {
    models: (call) =>
      withFallbacks(call, async (target) => {
        const models: ModelInfo[] = []
        let nextToken: string | undefined
        for (let page = 0; page < MAX_PAGES; page++) {
          const query = queryOf(target, { origin: 'AI_EDITOR', maxResults: '50', nextToken })
          const answer = decodeModels(await ask(call, target, 'GET', `/ListAvailableModels?${query}`))
          models.push(...answer.models)
          nextToken = answer.nextToken
          if (nextToken === undefined) break
        }
        return models
      }),
    quota: (call) =>
      withFallbacks(call, async (target) => {
        const query = queryOf(target, { origin: 'AI_EDITOR', resourceType: 'AGENTIC_REQUEST', isEmailRequired: 'true' })
        return decodeUsageLimits(await ask(call, target, 'GET', `/getUsageLimits?${query}`), now())
      }),
    async profiles(call) {
      const found = new Map<string, Profile>()
      const failures: unknown[] = []
      const regions = apiRegions(call.account, endpoints)
      for (const region of regions) {
        try {
          for (const profile of await profilesIn(call, region)) found.set(profile.arn, profile)
        } catch (error) {
          failures.push(error)
        }
      }
      if (found.size > 0 || failures.length < regions.length) return [...found.values()]
      const [failure] = failures
      // A Builder ID has no profiles and may not ask for them.
      if (call.account.authMethod === 'builder-id' && isForbidden(failure)) return []
      throw failure
    },
  }

  async function profilesIn(call: ControlCall, region: string): Promise<readonly Profile[]> {
    const target: Target = { region, profileArn: undefined }
    const profiles: Profile[] = []
    let nextToken: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const body = { maxResults: 10, ...(nextToken === undefined ? {} : { nextToken }) }
      const answer = decodeProfiles(await ask(call, target, 'POST', '/ListAvailableProfiles', body))
      profiles.push(...answer.profiles)
      nextToken = answer.nextToken
      if (nextToken === undefined) break
    }
    return profiles
  }
}

function queryOf(target: Target, members: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(members)) if (value !== undefined) query.set(name, value)
  if (target.profileArn !== undefined) query.set('profileArn', target.profileArn)
  return query.toString()
}

function fallbackFor(error: ProxyError, first: Target, regions: readonly string[]): Target | undefined {
  if (error.upstreamStatus === 400 && first.profileArn !== undefined) return { ...first, profileArn: undefined }
  const other = regions[1]
  const isAboutAccount = error.kind === 'suspended' || error.kind === 'suspicious-activity'
  if (error.upstreamStatus === 403 && other !== undefined && !isAboutAccount) return { ...first, region: other }
  return undefined
}

/** Refused, but not for a token that a renewal would mend. */
function isForbidden(error: unknown): boolean {
  return (
    error instanceof ProxyError &&
    error.upstreamStatus === 403 &&
    error.kind !== 'token-invalid' &&
    error.kind !== 'suspended'
  )
}
