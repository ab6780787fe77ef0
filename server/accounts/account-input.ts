import type { AccountType, AuthMethod } from '../backends/backend.ts'
import { ProxyError } from '../canonical/error.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { StoredAccount } from '../store/types.ts'
import { isMaskedProxy } from './proxy-credentials.ts'

/** A new account: from a login, or from credentials that a person or script hands over (promises.md §2). */
export interface NewAccount {
  readonly type: AccountType
  /** Absent: named after its type. */
  readonly label?: string
  /** Absent: told from the credentials. */
  readonly authMethod?: AuthMethod
  readonly enabled?: boolean
  readonly clientId?: string
  readonly clientSecret?: string
  /** Epoch milliseconds. */
  readonly clientSecretExpiresAt?: number
  readonly refreshToken?: string
  readonly accessToken?: string
  /** Epoch milliseconds. */
  readonly accessTokenExpiresAt?: number
  readonly apiKey?: string
  readonly profileArn?: string
  readonly ssoRegion?: string
  readonly startUrl?: string
  /** `apiKey`, `region`, `startUrl` and `clientSecret` in it are moved to where they belong. */
  readonly other?: JsonObject
}

/** Fields that a person may change. An absent field stays; credentials replace the old ones. */
export interface AccountPatch {
  readonly label?: string
  readonly enabled?: boolean
  readonly other?: JsonObject
  readonly profileArn?: string | null
  readonly clientId?: string
  readonly clientSecret?: string
  readonly refreshToken?: string
  readonly accessToken?: string
  readonly apiKey?: string
}

/** The Builder ID's start URL (amazon-q.md §1.3). */
export const BUILDER_ID_START_URL = 'https://view.awsapps.com/start'

/** How long an access token of unknown age is taken to live on. */
const UNKNOWN_AGE_MS = 10 * 60_000

const TYPE_NAMES: Readonly<Record<AccountType, string>> = {
  kiro: 'Kiro',
  amazonq: 'Amazon Q',
  gemini: 'Gemini',
  openai: 'OpenAI-compatible',
  anthropic: 'Anthropic-compatible',
}

/** Members of `other` that are secrets and so never stay in it. */
const SECRET_OPTIONS = ['apiKey', 'clientSecret', 'refreshToken', 'accessToken']

/** `other` without secrets. */
export function withoutSecrets(other: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(other).filter(([name]) => !SECRET_OPTIONS.includes(name)))
}

/** `other` without where the account was imported from. */
export function withoutSource(other: JsonObject): JsonObject {
  const { source: _source, importedFrom: _importedFrom, ...own } = other
  return own
}

/** A text member of `other`, or undefined. */
export function optionOf(other: JsonObject | undefined, name: string): string | undefined {
  const value = other?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** How the credentials sign in (amazon-q.md §1). Throws `invalid-request` when they can not sign in at all. */
export function authMethodOf(account: NewAccount): AuthMethod {
  const method = account.authMethod ?? likelyMethod(account)
  if (method === 'api-key') {
    if (account.apiKey === undefined) throw invalid('apiKey', 'An account of this kind needs an apiKey.')
    return method
  }
  if (account.refreshToken === undefined) {
    if (account.accessToken !== undefined) return method
    throw invalid(
      'refreshToken',
      'An account needs a refreshToken, an accessToken for as long as that lives, or an apiKey where its provider works with one.',
    )
  }
  if (method === 'external-idp' && optionOf(account.other, 'tokenEndpoint') === undefined) {
    throw invalid('other.tokenEndpoint', 'An account of this kind needs the address that renews its tokens.')
  }
  const isAws = method === 'builder-id' || method === 'idc'
  if (isAws && (account.clientId === undefined || account.clientSecret === undefined)) {
    throw invalid(
      account.clientId === undefined ? 'clientId' : 'clientSecret',
      'An AWS sign-in needs clientId and clientSecret together: the refresh token works only with the client that obtained it.',
    )
  }
  return method
}

function likelyMethod(account: NewAccount): AuthMethod {
  if (account.apiKey !== undefined) return 'api-key'
  if (optionOf(account.other, 'tokenEndpoint') !== undefined) return 'external-idp'
  const { clientId, clientSecret, startUrl, refreshToken, type } = account
  if (startUrl !== undefined && !isBuilderId(startUrl)) return 'idc'
  if (clientId !== undefined || clientSecret !== undefined || startUrl !== undefined) return 'builder-id'
  // Whoever hands over an access token alone has left out the registration with the refresh token.
  return refreshToken === undefined && type === 'amazonq' ? 'builder-id' : 'social'
}

/** Whether a start URL is the one of AWS Builder ID. */
export function isBuilderId(startUrl: string): boolean {
  return startUrl.replace(/[#/]+$/u, '') === BUILDER_ID_START_URL
}

/**
 * The region of the service's API: the one in the profile's ARN, else the nearest of the two that exist
 * (amazon-q.md §1.3).
 */
export function apiRegionOf(profileArn: string | null | undefined, ssoRegion: string | null | undefined): string {
  const region = profileArn?.split(':')[3]
  if (region !== undefined && region !== '') return region
  return ssoRegion?.startsWith('eu-') === true ? 'eu-central-1' : 'us-east-1'
}

/**
 * When an access token counts as dead. Of unknown age: good for now and renewed soon, or, where nothing can renew it,
 * used until the service refuses it.
 */
export function accessTokenEnd(
  account: Pick<NewAccount, 'refreshToken' | 'accessTokenExpiresAt'>,
  now: number,
): number {
  if (account.accessTokenExpiresAt !== undefined) return account.accessTokenExpiresAt
  return account.refreshToken === undefined ? Number.MAX_SAFE_INTEGER : now + UNKNOWN_AGE_MS
}

/** Throws `invalid-request` for credentials that can only be a copying accident. */
export function checkCredentials(
  account: Pick<NewAccount, 'refreshToken' | 'accessToken' | 'clientSecret' | 'apiKey'>,
): void {
  for (const name of ['refreshToken', 'accessToken', 'clientSecret', 'apiKey'] as const) {
    const value = account[name]
    if (value === undefined) continue
    if (value === '' || /\s/u.test(value) || value.includes('...') || value.includes('…')) {
      throw invalid(name, `The ${name} is empty, cut off or holds a space. Copy it again in full.`)
    }
    if (value.length > 65_536) throw invalid(name, `The ${name} is longer than 65,536 characters.`)
  }
}

/** Throws `invalid-request` for a proxy whose password is only the mask, unless it is `current` and so unchanged. */
export function checkProxy(other: JsonObject | undefined, current?: JsonObject): void {
  const proxy = optionOf(other, 'proxy')
  if (proxy === undefined || !isMaskedProxy(proxy) || proxy === optionOf(current, 'proxy')) return
  throw invalid('other.proxy', 'The password of this proxy is hidden as ***. Give the whole address with the password.')
}

/** The row of a new account. */
export function toStoredAccount(
  account: NewAccount,
  context: { readonly id: string; readonly now: number; readonly existing: readonly StoredAccount[] },
): StoredAccount {
  const { id, now, existing } = context
  const ssoRegion = account.ssoRegion ?? optionOf(account.other, 'region') ?? null
  const startUrl = account.startUrl ?? optionOf(account.other, 'startUrl') ?? null
  const profileArn = account.profileArn ?? null
  return {
    id,
    label: account.label?.trim() || nextLabel(account.type, existing),
    type: account.type,
    authMethod: authMethodOf(startUrl === null ? account : { ...account, startUrl }),
    enabled: account.enabled ?? true,
    status: 'ready',
    statusReason: null,
    restsUntil: null,
    statusSince: now,
    consecutiveFailures: 0,
    clientId: account.clientId ?? null,
    clientSecretExpiresAt: account.clientSecretExpiresAt ?? null,
    ssoRegion,
    startUrl,
    apiRegion: apiRegionOf(profileArn, ssoRegion),
    profileArn,
    accessTokenExpiresAt: account.accessTokenExpiresAt ?? null,
    email: null,
    plan: null,
    quota: null,
    models: null,
    modelsFetchedAt: null,
    other: withoutSecrets(account.other ?? {}),
    lastRefreshTime: null,
    lastRefreshStatus: null,
    lastUsedAt: null,
    errorCount: 0,
    successCount: 0,
    createdAt: now,
    updatedAt: now,
  }
}

function nextLabel(type: AccountType, existing: readonly StoredAccount[]): string {
  const taken = new Set(existing.map((account) => account.label))
  const name = TYPE_NAMES[type]
  for (let number = 1; ; number++) {
    const label = number === 1 ? name : `${name} ${number}`
    if (!taken.has(label)) return label
  }
}

/** An `invalid-request` error at a field. */
export function invalid(param: string, message: string): ProxyError {
  return new ProxyError('invalid-request', message, { param })
}
