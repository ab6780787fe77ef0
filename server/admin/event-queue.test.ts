import { describe, expect, it } from 'vitest'
import { createEventQueue } from './event-queue.ts'

describe('server/admin/event-queue.ts', () => {
  it('gives what was pushed before and after the reader came, in order', async () => {
    const queue = createEventQueue<number>(10)
    const stop = new AbortController()
    queue.push(1)
    const events = queue.read(stop.signal)
    expect(await events.next()).toMatchObject({ value: 1 })
    const next = events.next()
    queue.push(2)
    queue.push(3)
    expect(await next).toMatchObject({ value: 2 })
    expect(await events.next()).toMatchObject({ value: 3 })
    const last = events.next()
    stop.abort()
    expect(await last).toEqual({ done: true, value: undefined })
  })

  it('drops the oldest beyond its limit and says how many', async () => {
    const queue = createEventQueue<number>(3)
    for (let event = 1; event <= 10; event++) queue.push(event)
    const events = queue.read(new AbortController().signal)
    const read = [await events.next(), await events.next(), await events.next(), await events.next()]
    expect(read.map(({ value }) => value)).toEqual([{ lost: 7 }, 8, 9, 10])
  })

  it('ends at once for a reader that has already gone', async () => {
    const events = createEventQueue<number>(3).read(AbortSignal.abort())
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })
})
