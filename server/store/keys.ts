import type { Database } from './database.ts'
import { attempt } from './store-error.ts'
import type { KeyRow } from './tables.ts'
import type { Store, StoredApiKey } from './types.ts'

/** The table of API keys that clients show. */
export function createKeyRepository(database: Database): Store['keys'] {
  return {
    list: () =>
      attempt('read the API keys', async () =>
        (await database.selectAll('keys')).map(fromRow).toSorted((a, b) => a.createdAt - b.createdAt),
      ),

    insert: (key) =>
      attempt('save the API key', async () => {
        await database.insertRow('keys', { ...key, enabled: Number(key.enabled) })
        await database.flushToDisk()
      }),

    update: (id, change) =>
      attempt('save the API key', async () => {
        const columns = changedColumns({ updatedAt: Date.now(), ...change })
        await database.updateRow('keys', id, columns)
        const onlyUse = Object.keys(columns).every((column) => column === 'lastUsedAt' || column === 'updatedAt')
        if (!onlyUse) await database.flushToDisk()
      }),

    delete: (id) =>
      attempt('remove the API key', async () => {
        const kysely = await database.kysely()
        await kysely.deleteFrom('keys').where('id', '=', id).execute()
        await database.flushToDisk()
      }),
  }
}

function fromRow(row: KeyRow): StoredApiKey {
  return { ...row, enabled: row.enabled === 1 }
}

function changedColumns(change: Partial<Omit<StoredApiKey, 'id'>>): Partial<KeyRow> {
  const { enabled, ...same } = change
  return enabled === undefined ? same : { ...same, enabled: Number(enabled) }
}
