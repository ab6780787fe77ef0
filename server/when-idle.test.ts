import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { whenIdle } from './when-idle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('when-idle', () => {
  it('waits for an idle moment and acts once', () => {
    let active = 1
    const action = vi.fn<() => void>()
    whenIdle(2_000, () => active === 0, action)
    vi.advanceTimersByTime(10_000)
    expect(action).not.toHaveBeenCalled()
    active = 0
    vi.advanceTimersByTime(1_999)
    expect(action).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10_001)
    expect(action).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('can be called off', () => {
    const action = vi.fn<() => void>()
    whenIdle(2_000, () => true, action)()
    vi.advanceTimersByTime(10_000)
    expect(action).not.toHaveBeenCalled()
  })
})
