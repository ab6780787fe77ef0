import { describe, expect, it } from 'vitest'
import { createResponseStore, type RememberedResponse, type ResponseLimits } from './response-store.ts'

function open(limits: Partial<ResponseLimits> = {}) {
  const clock = { now: 0 }
  const store = createResponseStore({
    mostEntries: 3,
    mostBytes: 100_000,
    longestMs: 1_000,
    ...limits,
    now: () => clock.now,
  })
  return { clock, store }
}

function answer(id: string, changes: Partial<RememberedResponse> & { text?: string } = {}): RememberedResponse {
  const { text = id, ...rest } = changes
  const output = [{ type: 'message', id: `msg_${id}`, role: 'assistant', content: [{ type: 'output_text', text }] }]
  return {
    id,
    keyId: null,
    previousId: undefined,
    input: [{ type: 'message', role: 'user', content: `ask ${id}` }],
    json: JSON.stringify({ id, output }),
    ...rest,
  }
}

describe('response-store.ts', () => {
  it('keeps answers, and whole conversations of them', () => {
    const { store } = open()
    store.put(answer('a'))
    store.put(answer('b', { previousId: 'a' }))
    expect(JSON.parse(store.get('b', null) ?? '')).toMatchObject({ id: 'b' })
    const memory = store.memoryOf(null)
    expect(memory.conversation('b')).toMatchObject([
      { content: 'ask a' },
      { id: 'msg_a' },
      { content: 'ask b' },
      { id: 'msg_b' },
    ])
    expect(memory.conversation('a')).toHaveLength(2)
    expect(memory.item('msg_a')).toMatchObject({ id: 'msg_a' })
    expect(memory.item('msg_c')).toBeUndefined()
    expect(memory.conversation('c')).toBeUndefined()
  })

  it('gives nothing to another key', () => {
    const { store } = open()
    store.put(answer('a', { keyId: 'k1' }))
    for (const other of [null, 'k2']) {
      expect(store.get('a', other)).toBeUndefined()
      expect(store.remove('a', other)).toBe(false)
      expect(store.memoryOf(other).conversation('a')).toBeUndefined()
      expect(store.memoryOf(other).item('msg_a')).toBeUndefined()
    }
    expect(store.get('a', 'k1')).toBeDefined()
  })

  it('forgets what is removed, with its items', () => {
    const { store } = open()
    store.put(answer('a'))
    store.put(answer('b', { previousId: 'a' }))
    expect(store.remove('a', null)).toBe(true)
    expect(store.remove('a', null)).toBe(false)
    expect(store.memoryOf(null).item('msg_a')).toBeUndefined()
    expect(store.memoryOf(null).conversation('b')).toBeUndefined()
  })

  it('forgets the least recently used one first, and never what a newer one goes on from', () => {
    const { store } = open()
    for (const id of ['a', 'b', 'c']) store.put(answer(id))
    expect(store.memoryOf(null).conversation('a')).toBeDefined()
    store.put(answer('d', { previousId: 'a' }))
    expect(['a', 'b', 'c', 'd'].map((id) => store.get(id, null) !== undefined)).toEqual([true, false, true, true])
    expect(store.memoryOf(null).conversation('d')).toHaveLength(4)
    store.put(answer('e'))
    store.put(answer('f'))
    expect(['a', 'd', 'e', 'f'].map((id) => store.get(id, null) !== undefined)).toEqual([true, false, true, true])
  })

  it('forgets what is old', () => {
    const { store, clock } = open()
    store.put(answer('a'))
    clock.now = 1_000
    expect(store.get('a', null)).toBeDefined()
    clock.now = 1_001
    expect(store.get('a', null)).toBeUndefined()
    expect(store.memoryOf(null).item('msg_a')).toBeUndefined()
  })

  it('stays within its bytes, inputs included', () => {
    const { store } = open({ mostEntries: 1_000 })
    const input = [{ type: 'message', role: 'user', content: 'x'.repeat(9_000) }]
    for (let index = 0; index < 20; index += 1) store.put(answer(`r${index}`, { input }))
    const kept = Array.from({ length: 20 }, (_, index) => store.get(`r${index}`, null) !== undefined)
    expect(kept.filter(Boolean)).toHaveLength(5)
    expect(kept.slice(-5)).toEqual(Array(5).fill(true))
    store.put(answer('huge', { text: 'x'.repeat(20_000) }))
    expect(store.get('huge', null)).toBeUndefined()
    expect(store.get('r19', null)).toBeDefined()
  })
})
