import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backupsKept, listBackups } from './backup-files.ts'
import { backUpIfDue } from './backup-schedule.ts'
import { connectSqlite, type SqliteConnection } from './dialect-sqlite.ts'
import { openStore } from './open-store.ts'
import { backUpTables } from './sqlite-backup.ts'
import { sampleAccount, sampleRequest } from './store-samples.ts'

let directory: string
let path: string
let backups: string
let connection: SqliteConnection

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'culvert-backup-'))
  path = join(directory, 'culvert.sqlite3')
  backups = join(directory, 'backups')
  await (await openStore({ path })).close()
  connection = connectSqlite(path)
})

afterEach(async () => {
  connection.close()
  await rm(directory, { recursive: true, force: true })
})

async function addAccount(): Promise<void> {
  const store = await openStore({ path })
  await store.accounts.insert(sampleAccount())
  await store.settings.set(new Map([['port', 9000]]))
  await store.requests.insertMany([sampleRequest()])
  await store.close()
}

describe('sqlite-backup', () => {
  it('copies all but single requests into a database that opens like any other', async () => {
    await addAccount()
    const copy = await openStore({ path: await backUpTables(connection, backups, new Date()) })
    expect(await copy.accounts.list()).toHaveLength(1)
    expect(await copy.settings.all()).toEqual(new Map([['port', 9000]]))
    expect((await copy.requests.page({ limit: 10 })).records).toEqual([])
    expect((await copy.requests.stats(0)).requests).toBe(1)
    await copy.close()
  })

  it('keeps the newest ten', async () => {
    const days = Array.from({ length: backupsKept + 2 }, (_, day) => new Date(Date.UTC(2026, 0, day + 1)))
    for (const day of days) await backUpTables(connection, backups, day)
    const kept = (await listBackups(backups)).map((file) => basename(file))
    expect(kept).toHaveLength(backupsKept)
    expect(kept[0]).toBe('culvert-20260103T000000000Z-daily.sqlite3')
    expect(await readdir(backups)).toHaveLength(backupsKept)
  })

  it('makes one a day, and none while there is nothing to lose', async () => {
    const morning = new Date('2026-03-01T08:00:00Z')
    await backUpIfDue(connection, backups, morning)
    expect(await listBackups(backups)).toEqual([])
    await addAccount()
    await backUpIfDue(connection, backups, morning)
    await backUpIfDue(connection, backups, new Date('2026-03-02T07:59:00Z'))
    expect(await listBackups(backups)).toHaveLength(1)
    await backUpIfDue(connection, backups, new Date('2026-03-02T08:00:00Z'))
    expect(await listBackups(backups)).toHaveLength(2)
  })
})
