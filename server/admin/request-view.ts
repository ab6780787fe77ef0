import type { LoggedRequest } from '../contract/request-log.ts'
import type { RequestRecord } from '../store/types.ts'
import { isoTime } from './account-view.ts'

/** A request record as it is read back. */
export function viewRequest(record: RequestRecord): LoggedRequest {
  return {
    ...record,
    time: isoTime(record.time),
    attempts: record.attempts.map((attempt) => ({ ...attempt })),
    repairs: record.repairs.map((repair) => ({ ...repair })),
  }
}
