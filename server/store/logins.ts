import type { Database } from './database.ts'
import { attempt } from './store-error.ts'
import type { Store } from './types.ts'

/** The table of logins in progress or lately ended. */
export function createLoginRepository(database: Database): Store['logins'] {
  return {
    list: () =>
      attempt('read the logins', async () =>
        (await database.selectAll('logins')).toSorted((a, b) => a.createdAt - b.createdAt),
      ),

    put: (login) =>
      attempt('save the login', async () => {
        await database.upsertRows('logins', 'id', [login])
        await database.flushToDisk()
      }),

    delete: (id) =>
      attempt('remove the login', async () => {
        const kysely = await database.kysely()
        await kysely.deleteFrom('logins').where('id', '=', id).execute()
        await database.flushToDisk()
      }),
  }
}
