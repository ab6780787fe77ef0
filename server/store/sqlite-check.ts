import { stat } from 'node:fs/promises'
import { listBackups } from './backup-files.ts'
import type { SqliteConnection } from './dialect-sqlite.ts'
import { StoreError } from './types.ts'

/** Losing any of these would lose something of the person's; they are small, so every start checks them. */
const checkedTables = ['migrations', 'accounts', 'logins', 'keys', 'settings', 'calibration'] as const

/** A whole check reads about a megabyte a millisecond; a start may spend 60 ms on it. */
const wholeCheckLimitBytes = 64 * 1024 * 1024

/** What is known of the files before they are opened. */
export interface FilesBeforeOpening {
  readonly sizeBytes: number
  /** A clean stop removes the WAL, so one that is still there means a kill or a power cut. */
  readonly stoppedCleanly: boolean
}

/** Looks at the database's files; a file that isn't there has size 0. */
export async function inspectFiles(path: string): Promise<FilesBeforeOpening> {
  const [main, wal] = await Promise.all([sizeOf(path), sizeOf(`${path}-wal`)])
  return { sizeBytes: main, stoppedCleanly: wal === 0 }
}

/**
 * Checks the tables that matter, and after an unclean stop the whole file unless it is large. On a database of a
 * million requests this takes under 5 ms, where a whole check would take over a second of every start.
 *
 * @returns what is damaged, or undefined if nothing is
 */
export function findDamage(connection: SqliteConnection, files: FilesBeforeOpening): string | undefined {
  if (!files.stoppedCleanly && files.sizeBytes <= wholeCheckLimitBytes) {
    const finding = quickCheck(connection, 'quick_check(1)')
    return finding === undefined ? undefined : `the check of the file found: ${finding}`
  }
  for (const table of checkedTables) {
    const finding = quickCheck(connection, `quick_check(${table})`)
    if (finding !== undefined) return `the check of the table "${table}" found: ${finding}`
  }
  return undefined
}

/** The error for a damaged database: what is damaged, which backup is the newest and how to restore it. */
export async function damageError(
  path: string,
  backupDirectory: string | undefined,
  what: string,
  cause?: unknown,
): Promise<StoreError> {
  const newest = backupDirectory === undefined ? undefined : (await listBackups(backupDirectory)).at(-1)
  const restore =
    newest === undefined
      ? 'There is no backup of it. To keep what can still be read, copy the file before anything else; ' +
        'to start afresh, move it and its -wal and -shm files away.'
      : `The newest backup is ${newest}. To restore it, stop Culvert, move ${path} and its -wal and -shm files ` +
        `away, then copy the backup to ${path}.`
  return new StoreError(
    `The database ${path} is damaged: ${what}. Culvert has stopped and left it as it is. ${restore}`,
    cause === undefined ? {} : { cause },
  )
}

function quickCheck(connection: SqliteConnection, pragma: string): string | undefined {
  const result = connection.pragma(pragma, { simple: true })
  return result === 'ok' ? undefined : String(result).replaceAll(/\s+/gu, ' ').slice(0, 300)
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}
