import BetterSqlite3 from 'better-sqlite3'
import { open, type FileHandle } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import type { Database, TableWithId } from './database.ts'
import type { Schema } from './migrations/migration.ts'
import { createCheckpointer } from './sqlite-checkpoint.ts'
import { columnsOf, columnTypes, toColumnValue, toColumnValues } from './tables.ts'
import type { ColumnValue, RequestHourRow, TableName, Tables } from './tables.ts'

export type SqliteConnection = BetterSqlite3.Database

/** How SQLite spells what migrations need. STRICT makes it refuse a value of the wrong type instead of keeping it. */
export function sqliteSchema(connection: SqliteConnection): Schema {
  return {
    run: (statement) => void connection.exec(statement),
    name: quote,
    key: 'text',
    text: 'text',
    integer: 'integer',
    real: 'real',
    tableOptions: 'strict',
  }
}

/**
 * Opens the file (or ':memory:') for reading and writing.
 *
 * In WAL mode with `synchronous = normal` every commit survives the death of the process, kill -9 included. To survive
 * a power cut too, the WAL must be synced: `flushToDisk` of the database does that off the event loop, whereas
 * `synchronous = full` would do it inside every commit, on it.
 */
export function connectSqlite(path: string): SqliteConnection {
  const connection = new BetterSqlite3(path, { timeout: 5000 })
  try {
    const mode = connection.pragma('journal_mode = wal', { simple: true })
    // Where a file system can't carry a WAL, SQLite stays with its rollback journal; then every commit must sync.
    connection.pragma(mode === 'wal' ? 'synchronous = normal' : 'synchronous = full')
    connection.pragma('foreign_keys = on')
    connection.pragma(`wal_autocheckpoint = ${checkpointPages}`)
    // Bounds what a burst leaves behind: the WAL is cut to this size at the next checkpoint.
    connection.pragma('journal_size_limit = 16777216')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Of 4 KiB. Only a backstop: checkpoints are the `Checkpointer`'s, off the event loop. */
const checkpointPages = 8000

/** The database on an open, migrated connection, which it closes in the end. */
export function createSqliteDatabase(connection: SqliteConnection): Database {
  let kysely: Promise<Kysely<Tables>> | undefined
  let wal: Promise<FileHandle> | undefined
  const hasWal = connection.pragma('journal_mode', { simple: true }) === 'wal'
  const checkpointer = hasWal ? createCheckpointer(connection) : undefined
  const statements = new Map<string, BetterSqlite3.Statement<ColumnValue[]>>()

  // At most one statement a table and purpose, so the cache is bounded by the schema.
  const prepared = (sql: string): BetterSqlite3.Statement<ColumnValue[]> => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = connection.prepare<ColumnValue[]>(sql)
    statements.set(sql, statement)
    return statement
  }

  return {
    kysely: () => (kysely ??= buildKysely(connection)),

    async selectAll<Name extends TableName>(table: Name) {
      return connection.prepare<[], Tables[Name]>(`select * from ${quote(table)}`).all()
    },

    async insertRow(table, row) {
      prepared(insertInto(table)).run(...bind(table, row))
    },

    async updateRow<Name extends TableWithId>(table: Name, id: string, change: Partial<Tables[Name]>) {
      const values = toColumnValues(table, change)
      const columns = Object.keys(values)
      if (columns.length === 0) return
      const assignments = columns.map((column) => `${quote(column)} = ?`).join(', ')
      const statement = `update ${quote(table)} set ${assignments} where ${quote('id')} = ?`
      connection.prepare<ColumnValue[]>(statement).run(...Object.values(values), id)
      checkpointer?.wrote()
    },

    async upsertRows(table, key, rows) {
      const statement = prepared(`${insertInto(table)} ${onConflictReplace(table, key)}`)
      connection.transaction(() => {
        for (const row of rows) statement.run(...bind(table, row))
      })()
      checkpointer?.wrote()
    },

    async insertRequests(rows, sumHours) {
      const insert = prepared(`${insertInto('requests')} on conflict (${quote('id')}) do nothing`)
      const addToHour = prepared(`${insertInto('requestHours')} ${onConflictAdd}`)
      connection.transaction(() => {
        const inserted = rows.filter((row) => insert.run(...bind('requests', row)).changes === 1)
        for (const hour of sumHours(inserted)) addToHour.run(...bind('requestHours', hour))
      })()
      checkpointer?.wrote()
    },

    async flushToDisk() {
      if (!hasWal) return
      // Of SQLite's files only this one carries no lock that a second descriptor could lose on closing.
      wal ??= open(`${connection.name}-wal`, 'r+')
      await (await wal).sync()
      checkpointer?.wrote()
    },

    async close() {
      await checkpointer?.close()
      await (await wal)?.close()
      // Not kysely.destroy(): the connection is ours. Closing it check-points and removes the WAL.
      connection.close()
    },
  }
}

async function buildKysely(connection: SqliteConnection): Promise<Kysely<Tables>> {
  const { Kysely, SqliteDialect } = await import('kysely')
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: connection }) })
}

function insertInto(table: TableName): string {
  const columns = columnsOf(table)
  const places = columns.map(() => '?').join(', ')
  return `insert into ${quote(table)} (${columns.map(quote).join(', ')}) values (${places})`
}

function onConflictReplace(table: TableName, key: string): string {
  const replaced = columnsOf(table).filter((column) => column !== key)
  const assignments = replaced.map((column) => `${quote(column)} = excluded.${quote(column)}`)
  return `on conflict (${quote(key)}) do update set ${assignments.join(', ')}`
}

const hourKey: readonly (keyof RequestHourRow)[] = ['hour', 'model', 'accountId', 'keyId']

const onConflictAdd = `on conflict (${hourKey.map(quote).join(', ')}) do update set ${columnsOf('requestHours')
  .filter((column) => !hourKey.includes(column))
  .map((column) => `${quote(column)} = ${quote(column)} + excluded.${quote(column)}`)
  .join(', ')}`

function bind<Name extends TableName>(table: Name, row: Tables[Name]): ColumnValue[] {
  return columnsOf(table).map((column) => toColumnValue(columnTypes[table][column], row[column]))
}

function quote(identifier: string): string {
  return `"${identifier}"`
}
