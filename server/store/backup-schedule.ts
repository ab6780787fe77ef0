import { backupTime, listBackups } from './backup-files.ts'
import type { SqliteConnection } from './dialect-sqlite.ts'
import { backUpTables } from './sqlite-backup.ts'

const dayMs = 24 * 3_600_000
/** Late enough to be out of the way of a start and of the first requests. */
const firstLookMs = 60_000
const nextLookMs = 3_600_000

/**
 * Makes a backup a day while the program runs, starting a minute from now. Failures are logged, never thrown.
 *
 * @returns ends it
 */
export function scheduleBackups(
  connection: SqliteConnection,
  directory: string,
  log: (message: string) => void,
): () => void {
  const look = (): void => {
    backUpIfDue(connection, directory, new Date()).catch((error: unknown) => {
      log(error instanceof Error ? error.message : String(error))
    })
    timer = setTimeout(look, nextLookMs).unref()
  }
  let timer = setTimeout(look, firstLookMs).unref()
  return () => clearTimeout(timer)
}

/** Makes a backup unless the newest is younger than a day or there is no account to lose. */
export async function backUpIfDue(connection: SqliteConnection, directory: string, now: Date): Promise<void> {
  const newest = (await listBackups(directory)).at(-1)
  if (newest !== undefined && now.getTime() - backupTime(newest) < dayMs) return
  if (!connection.open || connection.prepare('select 1 from accounts limit 1').get() === undefined) return
  await backUpTables(connection, directory, now)
}
