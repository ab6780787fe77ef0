import type BetterSqlite3 from 'better-sqlite3'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

/** Moves what is in the WAL into the database's file now and then, without the event loop waiting for the disk. */
export interface Checkpointer {
  /** Called after writes. Costs microseconds; at most one checkpoint is under way. */
  wrote(): void
  /** Resolves when nothing is under way. */
  close(): Promise<void>
}

/**
 * SQLite's own checkpoint runs inside the commit that fills the WAL and syncs two files there: 5 ms on a good disk,
 * hundreds on a busy one, and everything else waits. So it is done here by a thread of its own, about every 4,000
 * requests; the thread ends with its work. SQLite's own stays as a backstop at a much larger size (`connectSqlite`).
 */
export function createCheckpointer(connection: BetterSqlite3.Database, thresholdPages = 1000): Checkpointer {
  // Only tells how many pages there are and how many of them are already in the database's file.
  const state = connection.prepare<[], { log: number; checkpointed: number }>('pragma wal_checkpoint(noop)')
  let running: Promise<void> | undefined
  let restsUntil = 0

  const run = async (): Promise<void> => {
    try {
      await runCheckpoint(connection.name)
    } catch {
      // The backstop takes over; trying again at once would fail again.
      restsUntil = Date.now() + restMs
    } finally {
      running = undefined
    }
  }

  return {
    wrote() {
      if (running !== undefined || Date.now() < restsUntil) return
      const { log, checkpointed } = state.get() ?? { log: 0, checkpointed: 0 }
      if (log - checkpointed >= thresholdPages) running = run()
    },
    async close() {
      await running
    },
  }
}

const restMs = 60_000

/** As text, because a bundle has no file for it to be. */
const threadProgram = `
  const { workerData } = require('node:worker_threads')
  const Database = require(workerData.driver)
  const connection = new Database(workerData.path, { fileMustExist: true })
  try {
    connection.pragma('synchronous = normal')
    connection.pragma('wal_checkpoint(passive)')
  } finally {
    connection.close()
  }`

function runCheckpoint(path: string): Promise<void> {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3')
  return new Promise((resolve, reject) => {
    const thread = new Worker(threadProgram, { eval: true, workerData: { driver, path } })
    thread.once('error', reject)
    thread.once('exit', () => resolve())
  })
}
