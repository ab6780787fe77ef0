import type { AccountType, AuthMethod, BackendAccount } from '../backends/backend.ts'
import type { ModelInfo } from '../canonical/offering.ts'
import { isJsonObject } from '../canonical/json.ts'
import type { JsonValue } from '../canonical/json.ts'
import type { StoredAccount } from '../store/types.ts'

/** What a backend may know of a stored account. */
export function toBackendAccount(account: StoredAccount): BackendAccount {
  return {
    id: account.id,
    type: account.type as AccountType,
    authMethod: account.authMethod as AuthMethod,
    apiRegion: account.apiRegion,
    options: account.other,
    ...(account.profileArn === null ? {} : { profileArn: account.profileArn }),
  }
}

/**
 * The models that an account offers: what its service listed, narrowed to the person's own list (`other.models`). Where
 * nothing was listed yet, the person's list alone.
 */
export function modelsOf(account: Pick<StoredAccount, 'models' | 'other'>): readonly ModelInfo[] {
  const listed = readModels(account.models)
  const chosen = account.other['models']
  if (!Array.isArray(chosen)) return listed
  const ids = chosen.filter((id): id is string => typeof id === 'string')
  return ids.flatMap((id) => {
    const known = listed.find((model) => model.id === id)
    if (known !== undefined) return [known]
    return listed.length === 0 ? [{ id, name: id }] : []
  })
}

/** A model list as it lies in the database; what is not a model is left out. */
function readModels(value: JsonValue): readonly ModelInfo[] {
  if (!Array.isArray(value)) return []
  return value.filter(isJsonObject).flatMap((entry) => {
    const id = entry['id']
    if (typeof id !== 'string') return []
    return [{ ...entry, id, name: textOr(entry['name'], id) }]
  })
}

function textOr(value: JsonValue | undefined, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}
