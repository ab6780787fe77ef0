import { describe, expect, it } from 'vitest'
import { createEventStreamDecoder, encodeEventStreamMessage, HeaderMemory } from './index.ts'

function frame(type: string, payload: string): Uint8Array {
  const headers = [
    [':event-type', type],
    [':message-type', 'event'],
  ] as const
  return encodeEventStreamMessage({ headers, payload })
}

describe('header-memory.ts', () => {
  it('lets one stream recognise what another one read', () => {
    const headers = new HeaderMemory()
    const [first] = createEventStreamDecoder({ headers }).decode(frame('assistantResponseEvent', 'a'))
    const [second] = createEventStreamDecoder({ headers }).decode(frame('assistantResponseEvent', 'b'))
    expect(second?.text).toBe('b')
    expect(second?.headers).toBe(first?.headers)
    const [alone] = createEventStreamDecoder().decode(frame('assistantResponseEvent', 'b'))
    expect(alone?.headers).not.toBe(first?.headers)
    expect(alone?.headers).toEqual(first?.headers)
  })

  it('tells apart what differs in one byte, and forgets the oldest', () => {
    const headers = new HeaderMemory()
    const names = Array.from({ length: 40 }, (_, index) => `event${String(index).padStart(2, '0')}`)
    for (const name of [...names, ...names.toReversed()]) {
      expect(createEventStreamDecoder({ headers }).decode(frame(name, name))).toMatchObject([
        { type: name, text: name },
      ])
    }
  })

  it('still finds a damaged message whose headers are known', () => {
    const headers = new HeaderMemory()
    const bytes = frame('assistantResponseEvent', 'abc')
    createEventStreamDecoder({ headers }).decode(bytes)
    const damaged = Uint8Array.from(bytes)
    damaged[damaged.length - 5]! ^= 1
    expect(() => createEventStreamDecoder({ headers }).decode(damaged)).toThrow(
      expect.objectContaining({ code: 'message-checksum' }),
    )
  })
})
