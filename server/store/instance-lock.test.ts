import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireInstanceLock } from './instance-lock.ts'
import { StoreError } from './types.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'culvert-lock-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

describe('store/instance-lock', () => {
  it('lets one process in at a time, and the next one after a kill -9', async () => {
    const path = join(directory, 'culvert.lock')
    const script = `import { acquireInstanceLock } from ${JSON.stringify(join(import.meta.dirname, 'instance-lock.ts'))}
      globalThis.lock = acquireInstanceLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(() => acquireInstanceLock(path)).toThrow(StoreError)
    child.kill('SIGKILL')
    await once(child, 'exit')
    acquireInstanceLock(path).release()
    acquireInstanceLock(path).release()
  })
})
