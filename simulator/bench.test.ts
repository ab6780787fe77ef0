import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator, type IssuedAccount, type Simulator } from './index.ts'
import { generate, message, textOf } from './test-client.ts'

let simulator: Simulator
let account: IssuedAccount

beforeAll(async () => {
  simulator = await startSimulator()
  account = simulator.issueAccount()
})

afterAll(() => simulator.close())

describe('bench', () => {
  it.each([
    [0, 10, 1],
    [7, 40, 3],
    [1_000, 13, 1_000],
    [5, 40, 100],
  ])('streams %i frames of %i characters, %i at a time', async (frames, bytes, chunk) => {
    const marker = `[[scenario:bench frames=${frames} bytes=${bytes} chunk=${chunk} novalidate]]`
    const got = await generate(simulator, account, message(marker))
    expect(got.events).toHaveLength(frames + 5)
    expect(textOf(got)).toHaveLength(frames * bytes)
    expect(got.events.at(-1)?.payload).toEqual({ stopReason: 'END_TURN' })
  })

  it('skips the validation only when told', async () => {
    const broken = { note: '[[scenario:bench frames=2 novalidate]]' }
    expect((await generate(simulator, account, broken)).status).toBe(200)
    expect(simulator.received.at(-1)).not.toHaveProperty('body')
    expect((await generate(simulator, account, { note: '[[scenario:bench frames=2]]' })).status).toBe(400)
    expect((await generate(simulator, account, message('[[scenario:bench frames=2]]'))).events).toHaveLength(7)
    simulator.script({ scenario: 'bench', parameters: { frames: 3, novalidate: true } })
    expect((await generate(simulator, account, {})).events).toHaveLength(8)
  })

  it('serves many streams from one timer, each to its end', async () => {
    const marker = '[[scenario:bench frames=4 chunk=1 intervalMs=20 novalidate]]'
    const all = await Promise.all(Array.from({ length: 50 }, () => generate(simulator, account, message(marker))))
    expect(all.every((got) => got.events.length === 9)).toBe(true)
    await expect.poll(() => simulator.openStreams.now).toBe(0)
  })

  it('stops for a client that leaves', async () => {
    const controller = new AbortController()
    const marker = '[[scenario:bench frames=1000000 intervalMs=5 novalidate]]'
    const request = generate(simulator, account, message(marker), { signal: controller.signal })
    await simulator.when((seen) => seen.outcome === 'open' && seen.frames === 1_000_000)
    expect(simulator.openStreams.now).toBe(1)
    controller.abort()
    await expect(request).rejects.toThrow(/abort/iu)
    await simulator.when((seen) => seen.outcome === 'aborted')
    await expect.poll(() => simulator.openStreams.now).toBe(0)
  })
})
