import type { RequestRow } from './tables.ts'
import type { RequestRecord } from './types.ts'

/** A request's record as its table keeps it. */
export function toRequestRow(record: RequestRecord): RequestRow {
  return {
    ...record,
    stream: Number(record.stream),
    failed: Number(record.status >= 400 || record.errorKind !== null),
    attempts: record.attempts.length === 0 ? '[]' : JSON.stringify(record.attempts),
    repairs: record.repairs.length === 0 ? '[]' : JSON.stringify(record.repairs),
    inputTokens: count(record.inputTokens),
    outputTokens: count(record.outputTokens),
    cacheReadTokens: count(record.cacheReadTokens),
    cacheWriteTokens: count(record.cacheWriteTokens),
  }
}

/** The record that was kept. */
export function fromRequestRow(row: RequestRow): RequestRecord {
  const { failed: _, ...columns } = row
  return {
    ...columns,
    stream: row.stream === 1,
    attempts: JSON.parse(row.attempts) as RequestRecord['attempts'],
    repairs: JSON.parse(row.repairs) as RequestRecord['repairs'],
  }
}

/** Where a page ends: the next one starts with the record before it. */
export function toCursor(row: { readonly time: number; readonly id: string }): string {
  return `${row.time}.${row.id}`
}

/** The end that `toCursor` named, or undefined if it never did. */
export function fromCursor(cursor: string): { readonly time: number; readonly id: string } | undefined {
  const match = /^(\d{1,15})\.(.{1,200})$/su.exec(cursor)
  if (match === null) return undefined
  const [, time = '', id = ''] = match
  return { time: Number(time), id }
}

function count(value: number): number {
  return Number.isFinite(value) ? Math.round(value) : 0
}
