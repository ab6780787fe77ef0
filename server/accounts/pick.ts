/** How the account for a request is chosen among those that may serve it. */
export type Strategy = 'sticky' | 'round-robin' | 'least-used' | 'random' | 'priority'

/** What the choice looks at. */
export interface PickEntry {
  readonly id: string
  /** Share of the work against the others', above 0 (`other.weight`, default 1). */
  readonly weight: number
  /** Smaller is tried first (`other.priority`, default 0). Only `priority` looks at it. */
  readonly priority: number
  /** Requests that run on it now. */
  readonly inFlight: number
  /** Requests that it was given, level with the others' when it was added. */
  readonly served: number
  /** When it was last given a request, epoch milliseconds. */
  readonly lastUsed: number
}

export interface PickContext {
  readonly strategy: Strategy
  /** The conversation's stable identity. */
  readonly conversationKey: string | undefined
  /** The account that served the conversation last. */
  readonly recentId: string | undefined
  readonly random: () => number
}

/** The entries in the order to try them, best first, and why the first one is first. */
export function pickOrder<T extends PickEntry>(
  entries: readonly T[],
  context: PickContext,
): { order: T[]; reason: string } {
  if (entries.length === 1) return { order: [...entries], reason: 'the only account that may serve it' }
  switch (context.strategy) {
    case 'sticky':
      return sticky(entries, context)
    case 'round-robin':
      return {
        order: entries.toSorted((a, b) => a.served / a.weight - b.served / b.weight || byId(a, b)),
        reason: 'next in turn',
      }
    case 'least-used':
      return { order: entries.toSorted(byLoad), reason: 'least in use' }
    case 'random':
      return { order: byScore(entries, () => unit(context.random())), reason: 'drawn at random' }
    case 'priority': {
      const { order } = sticky(entries, context)
      // The sort is stable: within one priority the order of `sticky` stays.
      return { order: order.toSorted((a, b) => a.priority - b.priority), reason: 'highest priority' }
    }
  }
}

/**
 * A number in (0, 1) for a conversation and an account, always the same and spread evenly. Each conversation has its own
 * favourite account; when that one is away only its own conversations move (rendezvous hashing).
 */
export function affinity(conversationKey: string, accountId: string): number {
  let hash = 0x81_1c_9d_c5
  for (let index = 0; index < conversationKey.length; index++) {
    hash = Math.imul(hash ^ conversationKey.charCodeAt(index), 0x01_00_01_93)
  }
  hash = Math.imul(hash ^ 0xff, 0x01_00_01_93)
  for (let index = 0; index < accountId.length; index++) {
    hash = Math.imul(hash ^ accountId.charCodeAt(index), 0x01_00_01_93)
  }
  // FNV mixes its last bytes badly; murmur3's finaliser spreads them over all bits.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35)
  hash ^= hash >>> 16
  return unit((hash >>> 0) / 0x1_00_00_00_00)
}

function sticky<T extends PickEntry>(entries: readonly T[], context: PickContext): { order: T[]; reason: string } {
  const { conversationKey, recentId } = context
  if (conversationKey === undefined) return { order: entries.toSorted(byLoad), reason: 'least in use' }
  const order = byScore(entries, (entry) => affinity(conversationKey, entry.id))
  const recent = recentId === undefined ? -1 : order.findIndex((entry) => entry.id === recentId)
  if (recent === -1) return { order, reason: 'its place by the conversation' }
  order.unshift(...order.splice(recent, 1))
  return { order, reason: 'served this conversation before' }
}

/** Weighted: with draws that are spread evenly, an entry comes first as often as its share of all weights. */
function byScore<T extends PickEntry>(entries: readonly T[], draw: (entry: T) => number): T[] {
  const scores = new Map<string, number>()
  for (const entry of entries) scores.set(entry.id, -Math.log(draw(entry)) / entry.weight)
  return entries.toSorted((a, b) => (scores.get(a.id) ?? 0) - (scores.get(b.id) ?? 0))
}

function byLoad(a: PickEntry, b: PickEntry): number {
  return a.inFlight / a.weight - b.inFlight / b.weight || a.lastUsed - b.lastUsed || byId(a, b)
}

function byId(a: PickEntry, b: PickEntry): number {
  return a.id < b.id ? -1 : 1
}

/** Off the ends of [0, 1): the logarithm of 0 is not a score. */
function unit(value: number): number {
  return Math.min(Math.max(value, 1e-12), 1 - 1e-12)
}
