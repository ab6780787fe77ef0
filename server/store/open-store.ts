import { createAccountRepository } from './accounts.ts'
import { listBackups } from './backup-files.ts'
import { scheduleBackups } from './backup-schedule.ts'
import { createCalibrationRepository } from './calibration.ts'
import type { Database } from './database.ts'
import { connectSqlite, createSqliteDatabase, type SqliteConnection } from './dialect-sqlite.ts'
import { createKeyRepository } from './keys.ts'
import { createLoginRepository } from './logins.ts'
import { applyMigrations, planMigrations } from './migrate.ts'
import type { Migration } from './migrations/migration.ts'
import { createRequestRepository } from './requests.ts'
import { createSettingRepository } from './settings.ts'
import { backUpWhole } from './sqlite-backup.ts'
import { damageError, findDamage, inspectFiles } from './sqlite-check.ts'
import { isDamage, storeError } from './store-error.ts'
import { StoreError, type Store } from './types.ts'

export interface OpenStoreOptions {
  /** The database's file, or ':memory:'. Its directory must exist. */
  readonly path: string
  /** Where backups go. Without it none are made. */
  readonly backupDirectory?: string
  /** Told, in sentences, what a person may want to know: migrations, backups. */
  readonly log?: (message: string) => void
  /** The schema's changes; tests give their own. */
  readonly migrations?: readonly Migration[]
}

/**
 * Opens the database, makes it if it is not there, checks it and brings it up to date.
 *
 * When a promise of a write resolves, the write survives kill -9; accounts, logins, keys and settings survive a power
 * cut too (but for counts and times of use).
 *
 * @throws StoreError if it can't be opened, is damaged, or was made by a newer version. It is never replaced by an
 * empty one.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const log = options.log ?? (() => {})
  const connection = await openChecked(options, log)
  const database = createSqliteDatabase(connection)
  const stopBackups =
    options.backupDirectory === undefined || connection.memory
      ? () => {}
      : scheduleBackups(connection, options.backupDirectory, log)
  return createStore(database, stopBackups)
}

async function openChecked(options: OpenStoreOptions, log: (message: string) => void): Promise<SqliteConnection> {
  const { path, backupDirectory } = options
  const files = await inspectFiles(path)
  let connection: SqliteConnection | undefined
  try {
    connection = connectSqlite(path)
    const plan = planMigrations(connection, options.migrations)
    if (plan.isNew) await refuseToReplace(path, backupDirectory)
    else {
      const damage = findDamage(connection, files)
      if (damage !== undefined) throw await damageError(path, backupDirectory, damage)
    }
    if (plan.pending.length > 0) {
      if (!plan.isNew && backupDirectory !== undefined) {
        log(`The database was backed up to ${await backUpWhole(connection, backupDirectory, new Date())}.`)
      }
      applyMigrations(connection, plan.pending)
      if (!plan.isNew) log(`The database was brought up to date: ${plan.pending.map(({ name }) => name).join(', ')}.`)
    }
    return connection
  } catch (error) {
    connection?.close()
    if (!isDamage(error)) throw storeError(`open the database ${path}`, error)
    const detail = error instanceof Error ? error.message : String(error)
    throw await damageError(path, backupDirectory, detail, error)
  }
}

/** A file that is empty or gone where there are backups is not a first start: something took it away. */
async function refuseToReplace(path: string, backupDirectory: string | undefined): Promise<void> {
  if (path === ':memory:' || backupDirectory === undefined) return
  const newest = (await listBackups(backupDirectory)).at(-1)
  if (newest === undefined) return
  throw new StoreError(
    `The database ${path} is empty or gone, but backups of it exist, the newest being ${newest}. ` +
      `Culvert has stopped rather than start empty. To restore, copy the backup to ${path}; ` +
      `to start afresh, move ${backupDirectory} away.`,
  )
}

function createStore(database: Database, stopBackups: () => void): Store {
  return {
    accounts: createAccountRepository(database),
    logins: createLoginRepository(database),
    keys: createKeyRepository(database),
    settings: createSettingRepository(database),
    requests: createRequestRepository(database),
    calibration: createCalibrationRepository(database),
    async close() {
      stopBackups()
      await database.close()
    },
  }
}
