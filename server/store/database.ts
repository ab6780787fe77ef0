import type { Kysely } from 'kysely'
import type { RequestHourRow, RequestRow, TableName, Tables } from './tables.ts'

/** The tables whose rows change by themselves. */
export type TableWithId = 'accounts' | 'keys'

/**
 * One open database, whichever kind it is. Everything that differs between SQLite, PostgreSQL and MySQL is behind
 * this; the tables' files are the same for all.
 *
 * Queries are built with Kysely, except the five statements below, which a start or every request needs: Kysely takes
 * about 100 ms and 8 MB to load from its 300 source files, so it is loaded late, and never only because a client asked.
 */
export interface Database {
  kysely(): Promise<Kysely<Tables>>
  selectAll<Name extends TableName>(table: Name): Promise<readonly Tables[Name][]>
  insertRow<Name extends TableName>(table: Name, row: Tables[Name]): Promise<void>
  /** Changes some columns of the row with this id, if there is one. */
  updateRow<Name extends TableWithId>(table: Name, id: string, change: Partial<Tables[Name]>): Promise<void>
  /** Inserts the rows, or replaces all columns of those whose `key` is there; all of them or none. */
  upsertRows<Name extends TableName>(
    table: Name,
    key: keyof Tables[Name] & string,
    rows: readonly Tables[Name][],
  ): Promise<void>
  /**
   * Inserts the rows whose id is new and adds what `sumHours` makes of them to the hours' sums, in one transaction.
   */
  insertRequests(
    rows: readonly RequestRow[],
    sumHours: (inserted: readonly RequestRow[]) => readonly RequestHourRow[],
  ): Promise<void>
  /** Resolves when all that was committed would survive a power cut. */
  flushToDisk(): Promise<void>
  close(): Promise<void>
}
