import type { JsonValue } from '../canonical/json.ts'
import { authMethodSchema } from '../contract/account.ts'
import { isJsonObject } from './json-object.ts'

/** Names of the same field in exports of other tools and in the login files of Kiro and the AWS CLI. */
const names: Readonly<Record<string, readonly string[]>> = {
  label: ['label', 'name', 'email'],
  type: ['type'],
  authMethod: ['authMethod'],
  clientId: ['clientId', 'client_id'],
  clientSecret: ['clientSecret', 'client_secret'],
  refreshToken: ['refreshToken', 'refresh_token'],
  accessToken: ['accessToken', 'access_token'],
  profileArn: ['profileArn', 'profile_arn'],
  enabled: ['enabled'],
}

const optionNames: Readonly<Record<string, readonly string[]>> = {
  region: ['region', 'ssoRegion', 'sso_region'],
  startUrl: ['startUrl', 'start_url'],
}

/**
 * One line of an import in the management API's own form: other spellings are understood, empty values count as absent,
 * 0 and 1 as switches, `other` may be JSON in a string, and everything unknown is left out. What is not an object
 * stays as it is, for the schema to refuse.
 */
export function normaliseLine(line: unknown): unknown {
  if (!isJsonObject(line)) return line
  const account: Record<string, JsonValue> = pick(line, names)
  if (account['enabled'] === 0 || account['enabled'] === 1) account['enabled'] = account['enabled'] === 1
  if (account['type'] === undefined && isKiroLogin(line)) account['type'] = 'kiro'
  // Kiro's own files say `IdC` of a Builder ID too: what is not one of our words is told from the credentials.
  if (!authMethodSchema.safeParse(account['authMethod']).success) delete account['authMethod']
  const other = { ...readOther(line['other']), ...pick(line, optionNames) }
  return Object.keys(other).length === 0 ? account : { ...account, other }
}

function pick(
  line: { readonly [name: string]: JsonValue },
  wanted: Readonly<Record<string, readonly string[]>>,
): Record<string, JsonValue> {
  const picked: Record<string, JsonValue> = {}
  for (const [field, spellings] of Object.entries(wanted)) {
    const value = spellings.map((name) => line[name]).find((candidate) => !isEmpty(candidate))
    if (value !== undefined) picked[field] = value
  }
  return picked
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === ''
}

/** Kiro's own login file names the provider that signed in. */
function isKiroLogin(line: { readonly [name: string]: JsonValue }): boolean {
  const provider = line['provider']
  return typeof provider === 'string' && ['google', 'github'].includes(provider.toLowerCase())
}

function readOther(value: JsonValue | undefined): Record<string, JsonValue> {
  if (typeof value !== 'string') return isJsonObject(value) ? { ...value } : {}
  try {
    const parsed: unknown = JSON.parse(value)
    return isJsonObject(parsed) ? { ...parsed } : {}
  } catch {
    return {}
  }
}
