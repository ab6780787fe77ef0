import { StoreError } from '../store/types.ts'
import type { RequestQuery } from '../store/types.ts'
import { isoTime } from './account-view.ts'
import type { AdminDependencies, RequestLogPort } from './dependencies.ts'
import { managementError } from './errors.ts'
import type { Implementer } from './implementer.ts'
import { viewRequest } from './request-view.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The request log: `Contract['logs']`. */
export function implementLogs(os: Implementer, dependencies: Pick<AdminDependencies, 'requests' | 'settings' | 'now'>) {
  const { requests, settings, now } = dependencies
  return {
    list: os.logs.list.handler(async ({ input }) => {
      const { limit = 50, cursor, accountId, keyId, status } = input
      const page = await readPage(requests, {
        limit,
        ...(cursor === undefined ? {} : { before: cursor }),
        ...(accountId === undefined ? {} : { accountId }),
        ...(keyId === undefined ? {} : { keyId }),
        ...(status === undefined ? {} : { status }),
      })
      return { records: page.records.map(viewRequest), cursor: page.cursor }
    }),
    stats: os.logs.stats.handler(async ({ input }) => {
      const since = sinceHours(input.hours, now())
      return { ...(await requests.stats(since)), since: isoTime(since) }
    }),
    cleanup: os.logs.cleanup.handler(async ({ input }) => {
      const days = input?.days ?? settings.current().requestLogDays
      return { deleted: await requests.deleteBefore(now() - days * dayMs) }
    }),
  }
}

/** A failure without a cause is no failure of the database: the cursor is not one of ours. */
async function readPage(requests: RequestLogPort, query: RequestQuery): ReturnType<RequestLogPort['page']> {
  try {
    return await requests.page(query)
  } catch (error) {
    const isCursor = error instanceof StoreError && error.cause === undefined && query.before !== undefined
    throw isCursor ? managementError('invalid-request', error.message, { path: 'cursor' }) : error
  }
}

/** The start of a span of hours up to now, epoch milliseconds. */
export function sinceHours(hours: number | undefined, now: number): number {
  return Math.round(now - (hours ?? 24) * hourMs)
}
