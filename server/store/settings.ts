import type { JsonValue } from '../canonical/json.ts'
import type { Database } from './database.ts'
import { attempt } from './store-error.ts'
import type { Store } from './types.ts'

/** The table of settings that were ever set. */
export function createSettingRepository(database: Database): Store['settings'] {
  return {
    all: () =>
      attempt('read the settings', async () => {
        const rows = await database.selectAll('settings')
        return new Map(rows.map((row) => [row.name, JSON.parse(row.value) as JsonValue]))
      }),

    set: (entries) =>
      attempt('save the settings', async () => {
        const rows = [...entries].map(([name, value]) => ({ name, value: JSON.stringify(value) }))
        await database.upsertRows('settings', 'name', rows)
        await database.flushToDisk()
      }),
  }
}
