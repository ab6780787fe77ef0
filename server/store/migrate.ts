import type { SqliteConnection } from './dialect-sqlite.ts'
import { sqliteSchema } from './dialect-sqlite.ts'
import { migrations as allMigrations } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import { StoreError } from './types.ts'

/** Which migrations the database still lacks, and whether it is a new one. */
export interface MigrationPlan {
  readonly isNew: boolean
  readonly pending: readonly Migration[]
}

/**
 * Compares the database with the migrations of this program.
 *
 * @throws StoreError if a newer program made it: this one would read it wrong
 */
export function planMigrations(
  connection: SqliteConnection,
  migrations: readonly Migration[] = allMigrations,
): MigrationPlan {
  const hasTable = connection.prepare("select 1 from sqlite_schema where type = 'table' and name = 'migrations'")
  if (hasTable.get() === undefined) {
    const foreign = connection
      .prepare<[], { name: string }>("select name from sqlite_schema where type = 'table'")
      .get()
    if (foreign !== undefined) {
      throw new StoreError(
        `The file ${connection.name} is a database of another program. Choose another data directory, or move it away.`,
      )
    }
    return { isNew: true, pending: migrations }
  }
  const rows = connection.prepare<[], { name: string }>('select name from migrations').all()
  const applied = new Set(rows.map((row) => row.name))
  const known = new Set(migrations.map((migration) => migration.name))
  const unknown = [...applied].filter((name) => !known.has(name))
  if (unknown.length > 0) {
    throw new StoreError(
      `The database ${connection.name} was made by a newer version of Culvert (it has the change ${unknown.join(', ')}). ` +
        'Start that version, or restore a backup from before the update.',
    )
  }
  return { isNew: false, pending: migrations.filter((migration) => !applied.has(migration.name)) }
}

/**
 * Applies the migrations, all in one transaction: a failure or a kill leaves the database as it was.
 *
 * @throws StoreError naming the migration that failed
 */
export function applyMigrations(connection: SqliteConnection, pending: readonly Migration[]): void {
  const schema = sqliteSchema(connection)
  connection
    .transaction(() => {
      schema.run(
        `create table if not exists migrations (name text not null primary key, "appliedAt" integer not null) ${
          schema.tableOptions
        }`,
      )
      const record = connection.prepare('insert into migrations (name, "appliedAt") values (?, ?)')
      for (const migration of pending) {
        try {
          migration.up(schema)
        } catch (error) {
          const detail = error instanceof Error ? error.message : String(error)
          throw new StoreError(
            `The database could not be brought up to date: the change ${migration.name} failed (${detail}). ` +
              'Nothing was changed. Start the earlier version of Culvert, or report this.',
            { cause: error },
          )
        }
        record.run(migration.name, Date.now())
      }
    })
    .immediate()
}
