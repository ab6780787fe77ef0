import type { AccountPatch, NewAccount } from '../accounts/account-service.ts'
import type { JsonObject, JsonValue } from '../canonical/json.ts'
import type { AccountChange, AccountInput } from '../contract/account.ts'
import type { StoredAccount } from '../store/types.ts'
import { isSecretName, viewOther, withoutSecrets } from './account-view.ts'

/** A validated account of the management API as the accounts service takes it: no nulls, a type. */
export function newAccount(input: AccountInput): NewAccount {
  const { type, ...rest } = input
  return { ...fields(rest), type: type ?? 'amazonq' }
}

/**
 * A change of an account. Of `other`, what was hidden stays, and what was shown masked and comes back unchanged keeps its
 * real value, so that a screen may send back what it read.
 */
export function accountChange(input: AccountChange, current: StoredAccount): AccountPatch {
  const change = fields(input)
  return change.other === undefined ? change : { ...change, other: unmask(change.other, current.other) }
}

/** The fields that were given; `null` counts as absent. */
function fields({
  other,
  ...given
}: AccountChange): Omit<AccountPatch, 'profileArn'> & { readonly profileArn?: string } {
  const present = Object.entries(given).filter((entry) => entry[1] !== undefined && entry[1] !== null)
  const change: ReturnType<typeof fields> = Object.fromEntries(present)
  return other === undefined || other === null ? change : { ...change, other: keptOptions(other) }
}

function unmask(wanted: JsonObject, current: JsonObject): JsonObject {
  const shown = viewOther(current)
  const hidden = Object.entries(current).filter(([name]) => !(name in shown))
  const given = Object.entries(wanted).map(([name, value]): [string, JsonValue] => {
    const real = current[name]
    const same = real !== undefined && JSON.stringify(value) === JSON.stringify(shown[name])
    return [name, same ? real : value]
  })
  return Object.fromEntries([...hidden, ...given])
}

/** Secrets that the accounts service moves to where they belong; of others it knows nothing, so they are not kept. */
const movedSecrets = ['apiKey', 'clientSecret', 'refreshToken', 'accessToken']

function keptOptions(other: NonNullable<AccountInput['other']>): JsonObject {
  const entries = Object.entries(other).flatMap(([name, value]): [string, JsonValue][] => {
    if (value === undefined) return []
    // The proxy's password is sealed by the accounts service too.
    if (name === 'proxy' || movedSecrets.includes(name)) return [[name, value]]
    return isSecretName(name) ? [] : [[name, withoutSecrets(value)]]
  })
  return Object.fromEntries(entries)
}
