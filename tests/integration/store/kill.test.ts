import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../server/store/open-store.ts'

const storeDirectory = join(import.meta.dirname, '../../../server/store')
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'culvert-kill-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

/** Writes without end, and says after each round what has been acknowledged: its number, the time, and how long the slowest took. */
const script = (path: string): string => `
  import { openStore } from ${JSON.stringify(join(storeDirectory, 'open-store.ts'))}
  import { createRequestLog } from ${JSON.stringify(join(storeDirectory, 'request-log.ts'))}
  import { sampleAccount, sampleKey, sampleLogin, sampleRequest } from ${JSON.stringify(join(storeDirectory, 'store-samples.ts'))}
  const store = await openStore({ path: ${JSON.stringify(path)} })
  const log = createRequestLog({ store })
  let slowest = 0
  for (let round = (await store.accounts.list()).length; ; round += 1) {
    const began = Date.now()
    const account = sampleAccount({ label: 'new' })
    for (let index = 0; index < 5; index += 1) log.record(sampleRequest({ time: Date.now(), conversationId: String(round) }))
    await store.accounts.insert(account)
    await store.accounts.update(account.id, { label: 'account ' + round })
    await store.keys.insert(sampleKey({ name: 'key ' + round }))
    await store.logins.put(sampleLogin({ label: 'login ' + round }))
    await store.settings.set(new Map([['setting ' + round, round]]))
    slowest = Math.max(slowest, Date.now() - began)
    console.log(round + ' ' + Date.now() + ' ' + slowest)
  }`

describe('the store after kill -9', () => {
  it('has all that was acknowledged, and lacks at most the last second of the log', async () => {
    const path = join(directory, 'culvert.sqlite3')
    const acknowledged = new Set<number>()
    for (const killAfterMs of [900, 1500, 400]) {
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script(path)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let started = 0
      let acknowledgedAt = 0
      let slowestMs = 0
      for await (const line of createInterface({ input: child.stdout })) {
        const [round = 0, time = 0, slowest = 0] = line.split(' ').map(Number)
        if (started === 0) started = time
        slowestMs = slowest
        acknowledged.add(round)
        acknowledgedAt = time
        if (time - started > killAfterMs) child.kill('SIGKILL')
      }
      if (child.signalCode === null) await once(child, 'exit')

      const store = await openStore({ path })
      const labels = new Set((await store.accounts.list()).map((account) => account.label))
      const keys = new Set((await store.keys.list()).map((key) => key.name))
      const logins = new Set((await store.logins.list()).map((login) => login.label))
      const settings = await store.settings.all()
      for (const round of acknowledged) {
        expect(labels).toContain(`account ${round}`)
        expect(keys).toContain(`key ${round}`)
        expect(logins).toContain(`login ${round}`)
        expect(settings.get(`setting ${round}`)).toBe(round)
      }
      const [newest] = (await store.requests.page({ limit: 1 })).records
      const lostMs = acknowledgedAt - (newest?.time ?? started)
      // A machine too busy to run a timer in time can't keep to the second.
      expect(lostMs).toBeLessThan(1000 + slowestMs)
      const { requests } = await store.requests.stats(0)
      let kept = 0
      for (let before: string | null | undefined; before !== null;) {
        const page = await store.requests.page({ limit: 500, ...(before === undefined ? {} : { before }) })
        kept += page.records.length
        before = page.cursor
      }
      expect(kept).toBe(requests)
      await store.close()
    }
  })
})
