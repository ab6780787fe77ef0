import { open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Backups kept; the oldest go first. */
export const backupsKept = 10

const backupName = /^culvert-(\d{8}T\d{9}Z)-[a-z-]+\.sqlite3$/u

/** A new backup's path. Its name starts with the time, so that names sort by age. */
export function backupPath(directory: string, reason: string, now: Date): string {
  return join(directory, `culvert-${now.toISOString().replaceAll(/[-:.]/gu, '')}-${reason}.sqlite3`)
}

/** The directory's backups, oldest first; none if there is no such directory. */
export async function listBackups(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => [])
  return names
    .filter((name) => backupName.test(name))
    .toSorted()
    .map((name) => join(directory, name))
}

/** When the backup was made, epoch milliseconds. */
export function backupTime(path: string): number {
  const stamp = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[a-z-]+\.sqlite3$/u.exec(path)
  if (stamp === null) return 0
  const [, year, month, day, hour, minute, second, ms] = stamp
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`)
}

/** Gives a finished file its final name so that it is there after a power cut, then drops backups beyond the limit. */
export async function keepBackup(partial: string, path: string, directory: string): Promise<void> {
  const file = await open(partial, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, path)
  const backups = await listBackups(directory)
  for (const old of backups.slice(0, Math.max(0, backups.length - backupsKept))) await rm(old, { force: true })
}
