import type { UsageReport } from '../../../canonical/event.ts'
import { isJsonObject, type JsonValue } from '../../../canonical/json.ts'

/** `usage` of `message_start` and `message_delta`: running totals, of which any may be missing or null. */
export function usageOf(value: JsonValue | undefined): UsageReport | undefined {
  if (!isJsonObject(value)) return undefined
  const inputTokens = tokens(value['input_tokens'])
  const cacheReadTokens = tokens(value['cache_read_input_tokens'])
  const cacheWriteTokens = tokens(value['cache_creation_input_tokens'])
  const outputTokens = tokens(value['output_tokens'])
  const usage: UsageReport = {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
  }
  return Object.keys(usage).length === 0 ? undefined : usage
}

function tokens(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined
}
