import { z } from 'zod'

/**
 * Readers of other people's JSON: a member of an unexpected type counts as absent instead of failing the whole answer,
 * and `null` means absent (amazon-q.md §2.10 has both).
 */
export const optionalString = z.string().optional().catch(undefined)
export const optionalNumber = z.number().optional().catch(undefined)
export const optionalBoolean = z.boolean().optional().catch(undefined)

/** A timestamp: epoch seconds in AWS's model, an ISO text tolerated. Epoch milliseconds come out. */
export const optionalTimestamp = z
  .union([z.number(), z.string()])
  .transform((value) => toEpochMs(value))
  .optional()
  .catch(undefined)

// Seconds stay below this number until the year 5138, milliseconds have been above it since 1973.
const LEAST_MILLISECONDS = 1e11

function toEpochMs(value: number | string): number | undefined {
  if (typeof value === 'string') {
    const parsed = Date.parse(value)
    return Number.isNaN(parsed) ? undefined : parsed
  }
  return value < LEAST_MILLISECONDS ? Math.round(value * 1000) : Math.round(value)
}

/** An array whose unreadable elements are left out. Anything but an array is an empty one. */
export function lenientArray<Item extends z.ZodType>(item: Item) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((elements) => {
      const kept: z.output<Item>[] = []
      for (const element of elements) {
        const read = item.safeParse(element)
        if (read.success) kept.push(read.data)
      }
      return kept
    })
}
