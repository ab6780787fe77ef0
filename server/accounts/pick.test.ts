import { describe, expect, it } from 'vitest'
import { affinity, pickOrder } from './pick.ts'
import type { PickContext, PickEntry, Strategy } from './pick.ts'

function entry(id: string, fields: Partial<PickEntry> = {}): PickEntry {
  return { id, weight: 1, priority: 0, inFlight: 0, served: 0, lastUsed: 0, ...fields }
}

function context(strategy: Strategy, fields: Partial<PickContext> = {}): PickContext {
  return { strategy, conversationKey: undefined, recentId: undefined, random: () => 0.5, ...fields }
}

function ids(entries: readonly PickEntry[], use: PickContext): string[] {
  return pickOrder(entries, use).order.map(({ id }) => id)
}

/** A generator of numbers in [0, 1) that is the same on every run. */
function sequence(): () => number {
  let state = 42
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 0x1_00_00_00_00
  }
}

describe('pick', () => {
  const three = [entry('a'), entry('b'), entry('c')]

  it('keeps a conversation on its account, and moves only the conversations of an account that goes away', () => {
    for (let number = 0; number < 200; number++) {
      const use = context('sticky', { conversationKey: `conversation ${number}` })
      const all = ids(three, use)
      expect(ids(three, use)).toEqual(all)
      expect(ids([entry('c'), entry('a'), entry('b')], use)).toEqual(all)
      const without = three.filter(({ id }) => id !== all[2])
      expect(ids(without, use)).toEqual(all.slice(0, 2))
    }
  })

  it('spreads conversations by weight', () => {
    const weighted = [entry('a', { weight: 1 }), entry('b', { weight: 3 })]
    let first = 0
    for (let number = 0; number < 4_000; number++) {
      if (ids(weighted, context('sticky', { conversationKey: `key-${number}` }))[0] === 'b') first++
    }
    expect(first / 4_000).toBeGreaterThan(0.7)
    expect(first / 4_000).toBeLessThan(0.8)
  })

  it('stays with the account that served the conversation last', () => {
    for (const recentId of ['a', 'b', 'c']) {
      const picked = pickOrder(three, context('sticky', { conversationKey: 'k', recentId }))
      expect(picked.order[0]?.id).toBe(recentId)
      expect(picked.order).toHaveLength(3)
      expect(picked.reason).toContain('before')
    }
    expect(ids(three, context('sticky', { conversationKey: 'k', recentId: 'gone' }))).toHaveLength(3)
  })

  it('takes the least loaded account for a request without a conversation', () => {
    const loaded = [entry('a', { inFlight: 2 }), entry('b', { inFlight: 1, lastUsed: 9 }), entry('c', { inFlight: 1 })]
    expect(ids(loaded, context('sticky'))).toEqual(['c', 'b', 'a'])
    expect(ids(loaded, context('least-used'))).toEqual(['c', 'b', 'a'])
  })

  it('goes round in turn, by weight', () => {
    const served = new Map([
      ['a', 0],
      ['b', 0],
    ])
    let turns = ''
    for (let turn = 0; turn < 6; turn++) {
      const entries = [
        entry('a', { served: served.get('a') ?? 0, weight: 2 }),
        entry('b', { served: served.get('b') ?? 0 }),
      ]
      const [id = ''] = ids(entries, context('round-robin'))
      turns += id
      served.set(id, (served.get(id) ?? 0) + 1)
    }
    expect(turns).toBe('abaaba')
  })

  it('draws at random by weight', () => {
    const random = sequence()
    const weighted = [entry('a', { weight: 9 }), entry('b', { weight: 1 })]
    let first = 0
    for (let draw = 0; draw < 2_000; draw++) if (ids(weighted, context('random', { random }))[0] === 'a') first++
    expect(first / 2_000).toBeGreaterThan(0.86)
    expect(first / 2_000).toBeLessThan(0.94)
  })

  it('obeys priority first and stickiness within it', () => {
    const entries = [entry('a', { priority: 2 }), entry('b', { priority: 1 }), entry('c', { priority: 1 })]
    const use = context('priority', { conversationKey: 'k', recentId: 'c' })
    expect(ids(entries, use)).toEqual(['c', 'b', 'a'])
  })

  it('does not reorder what it was given', () => {
    const given = [entry('b', { inFlight: 5 }), entry('a')]
    pickOrder(given, context('least-used'))
    expect(given.map(({ id }) => id)).toEqual(['b', 'a'])
  })

  it('gives affinities inside (0, 1)', () => {
    for (let number = 0; number < 1_000; number++) {
      const value = affinity(`k${number}`, 'account')
      expect(value).toBeGreaterThan(0)
      expect(value).toBeLessThan(1)
    }
  })
})
