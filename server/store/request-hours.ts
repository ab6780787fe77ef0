import type { RequestHourRow, RequestRow } from './tables.ts'

export const hourMs = 3_600_000

/** The start of the hour that the time lies in. */
export function hourOf(time: number): number {
  return Math.floor(time / hourMs) * hourMs
}

/** The requests summed by hour, model, account and key. */
export function sumByHour(rows: readonly RequestRow[]): readonly RequestHourRow[] {
  const sums = new Map<string, RequestHourRow>()
  for (const row of rows) {
    const hour = hourOf(row.time)
    const model = row.servedModel ?? row.requestedModel
    const accountId = row.accountId ?? ''
    const keyId = row.keyId ?? ''
    const group = JSON.stringify([hour, model, accountId, keyId])
    const sum = sums.get(group) ?? { ...emptyHour, hour, model, accountId, keyId }
    sums.set(group, {
      ...sum,
      requests: sum.requests + 1,
      errors: sum.errors + row.failed,
      inputTokens: sum.inputTokens + row.inputTokens,
      outputTokens: sum.outputTokens + row.outputTokens,
      cacheReadTokens: sum.cacheReadTokens + row.cacheReadTokens,
      cacheWriteTokens: sum.cacheWriteTokens + row.cacheWriteTokens,
      credits: sum.credits + (row.credits ?? 0),
    })
  }
  return [...sums.values()]
}

const emptyHour = {
  requests: 0,
  errors: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  credits: 0,
}
