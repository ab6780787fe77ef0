import BetterSqlite3 from 'better-sqlite3'
import { mkdir, rm } from 'node:fs/promises'
import { backupPath, keepBackup } from './backup-files.ts'
import type { SqliteConnection } from './dialect-sqlite.ts'
import { applyMigrations } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { columnsOf, type TableName } from './tables.ts'
import { StoreError } from './types.ts'

/** All but the log's single requests, which would make a backup a thousand times larger. */
const backedUpTables: readonly TableName[] = ['accounts', 'logins', 'keys', 'settings', 'calibration', 'requestHours']

/**
 * Copies the whole database, as it is before a migration, and makes sure that the copy can be read.
 *
 * @returns the copy's path
 * @throws StoreError if no readable copy could be made
 */
export async function backUpWhole(connection: SqliteConnection, directory: string, now: Date): Promise<string> {
  return writeBackup(directory, 'before-migration', now, (partial) => {
    connection.prepare('vacuum into ?').run(partial)
  })
}

/**
 * Copies everything but the log's single requests, and makes sure that the copy can be read. Takes milliseconds.
 *
 * @returns the copy's path
 * @throws StoreError if no readable copy could be made
 */
export async function backUpTables(connection: SqliteConnection, directory: string, now: Date): Promise<string> {
  return writeBackup(directory, 'daily', now, (partial) => {
    const copy = new BetterSqlite3(partial)
    try {
      applyMigrations(copy, migrations)
    } finally {
      copy.close()
    }
    connection.prepare('attach database ? as backup').run(partial)
    try {
      connection.transaction(() => {
        for (const table of backedUpTables) {
          const names: readonly string[] = columnsOf(table)
          const columns = names.map((name) => `"${name}"`).join(', ')
          connection.exec(`insert into backup."${table}" (${columns}) select ${columns} from main."${table}"`)
        }
      })()
    } finally {
      connection.exec('detach database backup')
    }
  })
}

async function writeBackup(
  directory: string,
  reason: string,
  now: Date,
  write: (partial: string) => void,
): Promise<string> {
  const path = backupPath(directory, reason, now)
  const partial = `${path}.partial`
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    write(partial)
    assertReadable(partial)
    await keepBackup(partial, path, directory)
    return path
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {})
    const detail = error instanceof Error ? error.message : String(error)
    throw new StoreError(
      `Culvert could not back up its database to ${directory} (${detail}). ` +
        'Check that the directory is writable and the disk has room for a copy.',
      { cause: error },
    )
  }
}

function assertReadable(path: string): void {
  const copy = new BetterSqlite3(path, { readonly: true })
  try {
    const result = copy.pragma('quick_check(1)', { simple: true })
    if (result !== 'ok') throw new Error(`the copy is damaged: ${String(result)}`)
    copy.prepare('select count(*) from accounts').get()
  } finally {
    copy.close()
  }
}
