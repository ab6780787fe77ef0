import type { AccountPatch, NewAccount } from '../accounts/account-service.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { AccountChange, AccountInput } from '../contract/account.ts'
import type { StoredAccount } from '../store/types.ts'
import { viewOther } from './account-view.ts'

/** A validated account of the management API as the accounts service takes it: no nulls, a type. */
export function newAccount(input: AccountInput): NewAccount {
  const { type, ...rest } = input
  return { ...fields(rest), type: type ?? 'amazonq' }
}

/**
 * A change of an account. Of `other`, what was shown masked and comes back unchanged keeps its real value, so that a
 * screen may send back what it read.
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
  return other === undefined || other === null ? change : { ...change, other: definedOnly(other) }
}

function unmask(wanted: JsonObject, current: JsonObject): JsonObject {
  const shown = viewOther(current)
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => {
      const real = current[name]
      const same = real !== undefined && JSON.stringify(value) === JSON.stringify(shown[name])
      return [name, same ? real : value]
    }),
  )
}

function definedOnly(other: NonNullable<AccountInput['other']>): JsonObject {
  const entries = Object.entries(other).filter((entry) => entry[1] !== undefined)
  return Object.fromEntries(entries) as JsonObject
}
