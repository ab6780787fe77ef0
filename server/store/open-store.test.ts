import BetterSqlite3 from 'better-sqlite3'
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import { openStore, type OpenStoreOptions } from './open-store.ts'
import { sampleAccount, sampleKey, sampleRequest } from './store-samples.ts'
import { StoreError } from './types.ts'

let directory: string
let path: string
let backupDirectory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'culvert-store-'))
  path = join(directory, 'culvert.sqlite3')
  backupDirectory = join(directory, 'backups')
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

async function openError(options: Partial<OpenStoreOptions> = {}): Promise<string> {
  const outcome = await openStore({ path, backupDirectory, ...options }).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(StoreError)
  return outcome instanceof StoreError ? outcome.message : ''
}

async function overwrite(at: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(bytes, 0, bytes.length, at)
  await file.close()
}

/** Overwrites the first page of a table, which only a check of that table comes upon. */
async function overwriteTable(table: string): Promise<void> {
  const raw = new BetterSqlite3(path)
  const row = raw
    .prepare<[string], { rootpage: number }>('select rootpage from sqlite_schema where name = ?')
    .get(table)
  raw.close()
  await overwrite(((row?.rootpage ?? 1) - 1) * 4096, Buffer.alloc(4096, 0x5a))
}

async function filled(accounts = 3): Promise<void> {
  const store = await openStore({ path, backupDirectory })
  for (let index = 0; index < accounts; index += 1) await store.accounts.insert(sampleAccount({ label: `n${index}` }))
  await store.keys.insert(sampleKey())
  await store.close()
}

describe('openStore', () => {
  it('makes a new database in WAL mode with strict tables and keeps what was written', async () => {
    await filled()
    const store = await openStore({ path, backupDirectory })
    expect((await store.accounts.list()).map((account) => account.label).toSorted()).toEqual(['n0', 'n1', 'n2'])
    await store.close()

    const raw = new BetterSqlite3(path)
    expect(raw.pragma('journal_mode', { simple: true })).toBe('wal')
    const tables = raw.prepare<[], { sql: string }>("select sql from sqlite_schema where type = 'table'").all()
    expect(tables).toHaveLength(8)
    for (const table of tables) expect(table.sql).toMatch(/strict$/u)
    raw.close()
  })

  it('removes the WAL when closed, so that its presence tells of an unclean stop', async () => {
    await filled()
    expect(await readdir(directory)).toEqual(['culvert.sqlite3'])
  })

  it('opens in memory', async () => {
    const store = await openStore({ path: ':memory:' })
    await store.accounts.insert(sampleAccount())
    expect(await store.accounts.list()).toHaveLength(1)
    await store.close()
  })

  it('says what to do when the directory is missing', async () => {
    expect(await openError({ path: join(directory, 'nowhere', 'x.sqlite3') })).toMatch(/directory/u)
  })

  it('refuses a database of another program and leaves it alone', async () => {
    const foreign = new BetterSqlite3(path)
    foreign.exec('create table recipes (name text)')
    foreign.close()
    expect(await openError()).toContain('another program')
  })
})

describe('openStore on a damaged database', () => {
  const damages: readonly (readonly [string, () => Promise<void>])[] = [
    ['not a database', () => writeFile(path, 'This was a database once. '.repeat(400))],
    ['a broken header', () => overwrite(0, Buffer.alloc(100, 0xff))],
    ['a page of the accounts overwritten', () => overwriteTable('accounts')],
    ['pages overwritten', () => overwrite(4096, Buffer.alloc(4096 * 12, 0x5a))],
    [
      'cut in half',
      async () => {
        const size = (await stat(path)).size
        const file = await open(path, 'r+')
        await file.truncate(Math.floor(size / 2 / 4096) * 4096)
        await file.close()
      },
    ],
  ]

  it.each(damages)('%s: names the file, the newest backup and the way back, and changes nothing', async (_, damage) => {
    await filled(50)
    await mkdir(backupDirectory)
    const backup = join(backupDirectory, 'culvert-20261101T120000000Z-daily.sqlite3')
    await copyFile(path, join(backupDirectory, 'culvert-20261031T120000000Z-daily.sqlite3'))
    await copyFile(path, backup)
    await damage()
    const before = await readFile(path)

    const message = await openError()
    expect(message).toContain(`The database ${path} is damaged`)
    expect(message).toContain(`The newest backup is ${backup}`)
    expect(message).toContain('To restore it')
    expect(await readFile(path)).toEqual(before)

    await Promise.all(['', '-wal', '-shm'].map((ending) => rm(path + ending, { force: true })))
    await copyFile(backup, path)
    const store = await openStore({ path, backupDirectory })
    expect(await store.accounts.list()).toHaveLength(50)
    await store.close()
  })

  it('opens with a damaged request log, but not right after an unclean stop', async () => {
    await filled()
    await overwriteTable('requests')
    const store = await openStore({ path, backupDirectory })
    expect(await store.accounts.list()).toHaveLength(3)
    await expect(store.requests.insertMany([sampleRequest()])).rejects.toBeInstanceOf(StoreError)
    await store.close()
    await writeFile(`${path}-wal`, 'left behind by a kill')
    expect(await openError()).toContain('the check of the file found')
  })

  it('says so when there is no backup', async () => {
    await writeFile(path, 'x'.repeat(5000))
    expect(await openError()).toContain('There is no backup of it')
  })

  it.each(['emptied', 'removed'])('does not start empty when the file was %s but backups exist', async (how) => {
    await filled()
    await mkdir(backupDirectory)
    await copyFile(path, join(backupDirectory, 'culvert-20261101T120000000Z-daily.sqlite3'))
    await (how === 'emptied' ? writeFile(path, '') : rm(path))
    const message = await openError()
    expect(message).toContain('rather than start empty')
    expect(message).toContain('culvert-20261101T120000000Z-daily.sqlite3')
  })
})

describe('openStore with migrations', () => {
  const addNote: Migration = {
    name: '0002-note',
    up: (schema) => schema.run(`alter table accounts add column note ${schema.text}`),
  }
  const failing: Migration = {
    name: '0003-fails',
    up(schema) {
      schema.run('drop table settings')
      schema.run('alter table nowhere add column x text')
    },
  }

  it('backs up before a migration, and the backup can be opened', async () => {
    await filled()
    const said: string[] = []
    const options = {
      path,
      backupDirectory,
      migrations: [...migrations, addNote],
      log: (line: string) => said.push(line),
    }
    await (await openStore(options)).close()
    const backups = await readdir(backupDirectory)
    expect(backups).toHaveLength(1)
    expect(backups[0]).toMatch(/^culvert-\d{8}T\d{9}Z-before-migration\.sqlite3$/u)
    expect(said.join(' ')).toContain(backups[0])
    expect(said.join(' ')).toContain('0002-note')

    const old = await openStore({ path: join(backupDirectory, backups[0] ?? '') })
    expect(await old.accounts.list()).toHaveLength(3)
    await old.close()

    await (await openStore(options)).close()
    expect(await readdir(backupDirectory)).toHaveLength(1)
  })

  it('makes no backup of a new database', async () => {
    await (await openStore({ path, backupDirectory, migrations: [...migrations, addNote] })).close()
    expect(await readdir(directory)).toEqual(['culvert.sqlite3'])
  })

  it('leaves the database as it was when a migration fails', async () => {
    await filled()
    const message = await openError({ migrations: [...migrations, addNote, failing] })
    expect(message).toContain('0003-fails')
    const store = await openStore({ path, backupDirectory })
    expect(await store.accounts.list()).toHaveLength(3)
    await store.settings.set(new Map([['port', 1]]))
    await store.close()
  })

  it('does not migrate without a backup', async () => {
    await filled()
    await writeFile(backupDirectory, 'a file where the directory should be')
    expect(await openError({ migrations: [...migrations, addNote] })).toContain('could not back up')
    await (await openStore({ path })).close()
  })

  it('refuses a database of a newer version', async () => {
    await filled()
    await (await openStore({ path, backupDirectory, migrations: [...migrations, addNote] })).close()
    expect(await openError()).toContain('newer version of Culvert (it has the change 0002-note)')
  })
})
