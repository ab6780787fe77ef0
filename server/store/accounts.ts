import type { JsonObject, JsonValue } from '../canonical/json.ts'
import type { Database } from './database.ts'
import { attempt } from './store-error.ts'
import type { AccountRow } from './tables.ts'
import type { Store, StoredAccount } from './types.ts'

/**
 * Changes of these fields alone are not synced to disk at once: they are made with every request, and a power cut
 * that loses a count does no harm.
 */
const countFields: ReadonlySet<string> = new Set(['lastUsedAt', 'errorCount', 'successCount', 'updatedAt'])

/** The accounts' table. */
export function createAccountRepository(database: Database): Store['accounts'] {
  return {
    list: () =>
      attempt('read the accounts', async () =>
        (await database.selectAll('accounts')).map(fromRow).toSorted((a, b) => a.createdAt - b.createdAt),
      ),

    insert: (account) =>
      attempt('save the account', async () => {
        await database.insertRow('accounts', toRow(account))
        await database.flushToDisk()
      }),

    update: (id, change) =>
      attempt('save the account', async () => {
        const columns = changedColumns({ updatedAt: Date.now(), ...change })
        await database.updateRow('accounts', id, columns)
        if (Object.keys(columns).some((column) => !countFields.has(column))) await database.flushToDisk()
      }),

    delete: (id) =>
      attempt('remove the account', async () => {
        const kysely = await database.kysely()
        await kysely.deleteFrom('accounts').where('id', '=', id).execute()
        await database.flushToDisk()
      }),
  }
}

function toRow(account: StoredAccount): AccountRow {
  return {
    ...account,
    enabled: Number(account.enabled),
    quota: toText(account.quota),
    models: toText(account.models),
    other: JSON.stringify(account.other),
  }
}

function fromRow(row: AccountRow): StoredAccount {
  return {
    ...row,
    enabled: row.enabled === 1,
    quota: fromText(row.quota),
    models: fromText(row.models),
    other: JSON.parse(row.other) as JsonObject,
  }
}

/** The row's columns that a change of an account changes. */
function changedColumns(change: Partial<Omit<StoredAccount, 'id'>>): Partial<AccountRow> {
  const { enabled, quota, models, other, ...same } = change
  return {
    ...same,
    ...(enabled === undefined ? {} : { enabled: Number(enabled) }),
    ...(quota === undefined ? {} : { quota: toText(quota) }),
    ...(models === undefined ? {} : { models: toText(models) }),
    ...(other === undefined ? {} : { other: JSON.stringify(other) }),
  }
}

function toText(value: JsonValue): string | null {
  return value === null ? null : JSON.stringify(value)
}

function fromText(text: string | null): JsonValue {
  return text === null ? null : (JSON.parse(text) as JsonValue)
}
