import { describe, expect, it } from 'vitest'
import { ReceivedLog, type Entry } from './received.ts'

function begin(log: ReceivedLog, bodyBytes = 10): Entry {
  return log.begin({ method: 'POST', path: '/q/', headers: {}, route: 'generate', accountId: 'a', bodyBytes })
}

describe('state/received', () => {
  it('keeps the newest thousand, and counts all', () => {
    const log = new ReceivedLog()
    for (let index = 0; index < 1_500; index += 1) log.end(begin(log), 'ok')
    expect(log.entries).toHaveLength(1_000)
    expect(log.entries.at(0)?.number).toBe(501)
    expect(log.counts).toEqual({ byRoute: { generate: 1_500 }, byOutcome: { ok: 1_500 }, byAccount: { a: 1_500 } })
  })

  it('drops the oldest bodies when they are too large together', () => {
    const log = new ReceivedLog()
    for (let index = 0; index < 5; index += 1) log.keepBody(begin(log, 20 * 1_048_576), { index })
    expect(log.entries.map((entry) => entry.body)).toEqual([
      undefined,
      undefined,
      { index: 2 },
      { index: 3 },
      { index: 4 },
    ])
  })

  it('counts only the first outcome, and nothing from before a clear', () => {
    const log = new ReceivedLog()
    const entry = begin(log)
    log.end(entry, 'ok')
    log.end(entry, 'aborted')
    const late = begin(log)
    log.clear()
    log.end(late, 'aborted')
    expect(log.counts.byOutcome).toEqual({})
    expect(log.clientAborts).toBe(0)
  })

  it('wakes who waits, and gives up after a while', async () => {
    const log = new ReceivedLog()
    const waiting = log.when((request) => request.outcome === 'ok', 10_000)
    const entry = begin(log)
    log.end(entry, 'ok')
    await expect(waiting).resolves.toBe(entry)
    await expect(log.when(() => false, 1)).rejects.toThrow('no such request')
  })
})
