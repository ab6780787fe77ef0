import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const backupsKept = 10
const dayMs = 24 * 3_600_000
const backupName = /^vault-(\d{13})\.json$/u

/**
 * Copies the vault to the `backups` directory beside it unless that was done within a day, and keeps the ten newest
 * copies. A copy is as sealed as the vault and opens under the same key; a removed secret stays in the copies made
 * before, until they are ten days of use old.
 */
export async function backUpVault(vaultPath: string, now: number): Promise<void> {
  const directory = join(dirname(vaultPath), 'backups')
  const backups = await listVaultBackups(directory)
  if (now - timeOf(backups.at(-1)) < dayMs) return
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, `vault-${now}.json`)
  await copyFile(vaultPath, `${path}.partial`)
  await rename(`${path}.partial`, path)
  const tooMany = Math.max(0, backups.length + 1 - backupsKept)
  for (const old of backups.slice(0, tooMany)) await rm(join(directory, old), { force: true })
}

/** The names of the vault's copies, oldest first; none if there is no such directory. */
export async function listVaultBackups(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((): string[] => [])
  return names.filter((name) => backupName.test(name)).toSorted()
}

function timeOf(name: string | undefined): number {
  return name === undefined ? 0 : Number(backupName.exec(name)?.[1] ?? 0)
}
