import Database from 'better-sqlite3'

/** The rows to read of another program's database: a table of text keys and values. */
export interface ForeignTable {
  readonly table: 'auth_kv' | 'state'
  readonly keys: readonly string[]
}

/** Milliseconds to wait for the other program's lock. Short, because nothing else runs meanwhile. */
const BUSY_TIMEOUT_MS = 200

/**
 * Values by key from another program's SQLite file, opened read-only. Keys that are not there are missing from the
 * answer; a file that is missing, locked, damaged or built otherwise gives an empty one.
 */
export function readForeignSqlite(path: string, { table, keys }: ForeignTable): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  let database: Database.Database | undefined
  try {
    database = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
    const select = database.prepare<[string], { readonly value: unknown }>(`SELECT value FROM ${table} WHERE key = ?`)
    for (const key of keys) {
      const value = select.get(key)?.value
      if (typeof value === 'string') values.set(key, value)
      else if (value instanceof Uint8Array) values.set(key, Buffer.from(value).toString('utf8'))
    }
  } catch {
    // Whatever is wrong with it, it is not ours to repair: there is nothing to import.
    return values
  } finally {
    database?.close()
  }
  return values
}
