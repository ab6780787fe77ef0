import Database from 'better-sqlite3'
import { StoreError } from './types.ts'

/** Held while this process may use a data directory. */
export interface InstanceLock {
  release(): void
}

/**
 * Makes sure that only one Culvert uses a data directory: two would rotate each other's refresh tokens out. The lock is
 * the operating system's own, taken through SQLite, so it ends with the process however that ends.
 *
 * @throws StoreError when another process holds it.
 */
export function acquireInstanceLock(path: string): InstanceLock {
  const database = new Database(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    const message =
      'Another Culvert is running on this data directory. Use that one, stop it, or start this one with another --data-dir.'
    throw new StoreError(message, { cause: error })
  }
  return { release: () => database.close() }
}
