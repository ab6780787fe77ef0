import { ProxyError } from '../../../canonical/error.ts'
import type { JsonValue } from '../../../canonical/json.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { MAX_DEPTH, measureJson, type Measure } from './measure.ts'

/**
 * Characters that one text, and all of them together, may have: the model's own bound for a text (amazon-q.md §2.4),
 * and about twice what a window of a million tokens holds. Where exactly the service gives up is not known (§2.5), so
 * nothing smaller is refused here.
 */
export const DEFAULT_SIZE_LIMIT = 10_000_000
/** A single string of this length has been refused (amazon-q.md §2.5), but not always. */
const LARGE_STRING = 700_000

export interface SizeGuard {
  /** Counts one part of the request. `where` is its place in the client's request. */
  add(part: JsonValue, where: string): void
  /** Counts images: they don't belong to the text, so only the large ones matter. */
  addImage(length: number, where: string): void
}

/** Refuses, part by part, a request that is too large for certain. Throws `ProxyError` `prompt-too-long`. */
export function createSizeGuard(limit: number, log: RepairLog): SizeGuard {
  const total: Measure = { characters: 0, longest: 0, depth: 0 }
  const noteLarge = (length: number, where: string) => {
    if (length > LARGE_STRING) log.add('large-string', where, `${length} characters`)
  }
  return {
    add(part, where) {
      total.longest = 0
      measureJson(part, total)
      if (total.depth > MAX_DEPTH) throw tooDeep(where)
      if (total.longest > limit) throw tooLong('One text of it', total.longest, limit, where)
      if (total.characters > limit) throw tooLong('It', total.characters, limit, where)
      noteLarge(total.longest, where)
    },
    addImage: noteLarge,
  }
}

function tooLong(what: string, length: number, limit: number, where: string): ProxyError {
  return new ProxyError(
    'prompt-too-long',
    `The conversation is too long to be sent. ${what} has ${length} characters at ${where}, and ${limit} is the limit ` +
      '(rule oversize). Shorten or compact the conversation and try again.',
    { param: where },
  )
}

function tooDeep(where: string): ProxyError {
  return new ProxyError(
    'invalid-request',
    `The request has a value that is nested more than ${MAX_DEPTH} levels deep at ${where} (rule nesting). ` +
      'The client that sent it should flatten that value.',
    { param: where },
  )
}
