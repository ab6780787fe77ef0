import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'

const main = new URL('main.ts', import.meta.url).pathname

describe('main', () => {
  it('prints where it listens, serves, and stops when told', async () => {
    const child = spawn(process.execPath, [main, '--port', '0', '--print-json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { url, environment } = JSON.parse(line) as { url: string; environment: Record<string, string> }
    expect(environment['KIRO_RUNTIME_ENDPOINT']).toBe(`${url}/runtime`)
    expect((await fetch(url)).status).toBe(200)
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
  })

  it('refuses a port that is none', async () => {
    const child = spawn(process.execPath, [main, '--port', 'x'], { stdio: 'ignore' })
    expect(await once(child, 'exit')).toEqual([2, null])
  })
})
