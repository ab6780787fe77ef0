import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectSqlite, type SqliteConnection } from './dialect-sqlite.ts'
import { createCheckpointer } from './sqlite-checkpoint.ts'

let directory: string
let path: string
let connection: SqliteConnection

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'culvert-checkpoint-'))
  path = join(directory, 'x.sqlite3')
  connection = connectSqlite(path)
  connection.exec('create table t (text text)')
})

afterEach(async () => {
  connection.close()
  await rm(directory, { recursive: true, force: true })
})

/** What is in the database's own file, the WAL left out. */
async function rowsInFile(): Promise<number> {
  const copy = join(directory, 'copy.sqlite3')
  await copyFile(path, copy)
  const reader = connectSqlite(copy)
  try {
    return reader.prepare<[], { count: number }>('select count(*) as count from t').get()?.count ?? 0
  } finally {
    reader.close()
  }
}

function write(rows: number): void {
  const insert = connection.prepare('insert into t values (?)')
  connection.transaction(() => {
    for (let row = 0; row < rows; row += 1) insert.run('x'.repeat(1000))
  })()
}

describe('sqlite-checkpoint', () => {
  it('moves the WAL into the file once it is large, while the database stays in use', async () => {
    const checkpointer = createCheckpointer(connection, 30)
    write(200)
    checkpointer.wrote()
    write(1)
    checkpointer.wrote()
    await checkpointer.close()
    expect(await rowsInFile()).toBeGreaterThanOrEqual(200)
  })

  it('starts the WAL over after that instead of letting it grow', async () => {
    const sizes: number[] = []
    for (let round = 0; round < 4; round += 1) {
      const checkpointer = createCheckpointer(connection, 30)
      write(200)
      checkpointer.wrote()
      // Ends only when its checkpoint did.
      await checkpointer.close()
      sizes.push((await stat(`${path}-wal`)).size)
    }
    expect(sizes.at(-1)).toBeLessThan(2 * (sizes[0] ?? 0))
  })

  it('leaves a small WAL alone', async () => {
    const checkpointer = createCheckpointer(connection, 3000)
    write(200)
    checkpointer.wrote()
    await checkpointer.close()
    await expect(rowsInFile()).rejects.toThrow('no such table')
  })
})
