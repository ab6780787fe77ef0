import { setImmediate } from 'node:timers/promises'
import type { ExpressionBuilder } from 'kysely'
import type { Database } from './database.ts'
import { hourOf, sumByHour } from './request-hours.ts'
import { fromCursor, fromRequestRow, toCursor, toRequestRow } from './request-row.ts'
import { attempt } from './store-error.ts'
import type { Tables } from './tables.ts'
import { StoreError, type RequestQuery, type RequestStats, type Store } from './types.ts'

/** Rows deleted at once; the event loop gets its turn in between. */
const deleteChunk = 200

/**
 * The request log and its hourly sums. The sums are kept in the transaction that inserts the records, so that
 * statistics never read the log and outlive it.
 */
export function createRequestRepository(database: Database): Store['requests'] {
  return {
    insertMany: (records) =>
      attempt('write the request log', () => database.insertRequests(records.map(toRequestRow), sumByHour)),

    page: (query) => attempt('read the request log', () => readPage(database, query)),

    get: (id) =>
      attempt('read the request log', async () => {
        const kysely = await database.kysely()
        const row = await kysely.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst()
        return row === undefined ? undefined : fromRequestRow(row)
      }),

    stats: (sinceMs) => attempt('sum up the requests', () => readStats(database, sinceMs)),

    statsBy: (group, sinceMs) =>
      attempt('sum up the requests', () => readStatsBy(database, group === 'account' ? 'accountId' : 'keyId', sinceMs)),

    deleteBefore: (beforeMs) => attempt('shorten the request log', () => deleteBefore(database, beforeMs)),
  }
}

async function readPage(database: Database, query: RequestQuery): ReturnType<Store['requests']['page']> {
  const limit = Math.min(Math.max(Math.trunc(query.limit), 1), 500)
  const kysely = await database.kysely()
  let select = kysely.selectFrom('requests').selectAll()
  if (query.accountId !== undefined) select = select.where('accountId', '=', query.accountId)
  if (query.keyId !== undefined) select = select.where('keyId', '=', query.keyId)
  if (query.status !== undefined) select = select.where('failed', '=', query.status === 'error' ? 1 : 0)
  if (query.before !== undefined) {
    const end = fromCursor(query.before)
    if (end === undefined) {
      throw new StoreError('Culvert did not give out this cursor. Ask for the first page again, without one.')
    }
    select = select.where(({ eb, refTuple, tuple }) => eb(refTuple('time', 'id'), '<', tuple(end.time, end.id)))
  }
  const rows = await select.orderBy('time', 'desc').orderBy('id', 'desc').limit(limit).execute()
  const last = rows.at(-1)
  return {
    records: rows.map(fromRequestRow),
    cursor: last === undefined || rows.length < limit ? null : toCursor(last),
  }
}

type Sums = { readonly [Name in keyof RequestStats]: number | null }

async function readStats(database: Database, sinceMs: number): ReturnType<Store['requests']['stats']> {
  const kysely = await database.kysely()
  const sums = await kysely
    .selectFrom('requestHours')
    .select(sumColumns)
    .where('hour', '>=', hourOf(sinceMs))
    .executeTakeFirst()
  return toStats(sums)
}

async function readStatsBy(
  database: Database,
  column: 'accountId' | 'keyId',
  sinceMs: number,
): ReturnType<Store['requests']['statsBy']> {
  const kysely = await database.kysely()
  const rows = await kysely
    .selectFrom('requestHours')
    .select(column)
    .select(sumColumns)
    .where('hour', '>=', hourOf(sinceMs))
    .where(column, '!=', '')
    .groupBy(column)
    .execute()
  return new Map(rows.map((row) => [row[column], toStats(row)]))
}

function sumColumns({ fn }: ExpressionBuilder<Tables, 'requestHours'>) {
  return [
    fn.sum<number | null>('requests').as('requests'),
    fn.sum<number | null>('errors').as('errors'),
    fn.sum<number | null>('inputTokens').as('inputTokens'),
    fn.sum<number | null>('outputTokens').as('outputTokens'),
    fn.sum<number | null>('credits').as('credits'),
  ] as const
}

function toStats(sums: Sums | undefined): RequestStats {
  return {
    requests: sums?.requests ?? 0,
    errors: sums?.errors ?? 0,
    inputTokens: sums?.inputTokens ?? 0,
    outputTokens: sums?.outputTokens ?? 0,
    credits: sums?.credits ?? 0,
  }
}

async function deleteBefore(database: Database, beforeMs: number): Promise<number> {
  const kysely = await database.kysely()
  let deleted = 0
  for (;;) {
    const rows = await kysely
      .selectFrom('requests')
      .select(['id'])
      .where('time', '<', beforeMs)
      .orderBy('time')
      .limit(deleteChunk)
      .execute()
    if (rows.length === 0) return deleted
    const ids = rows.map((row) => row.id)
    const result = await kysely.deleteFrom('requests').where('id', 'in', ids).executeTakeFirst()
    deleted += Number(result.numDeletedRows)
    await setImmediate()
  }
}
