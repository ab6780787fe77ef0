import { randomUUID } from 'node:crypto'

/** A fresh id for one request: `req_` and 32 hex digits. */
export function createRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`
}
