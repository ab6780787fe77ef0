import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const start = join(import.meta.dirname, '..', '..', 'scripts', 'start.mjs')
const running = new Set<ChildProcess>()
const folders: string[] = []

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
})

describe('npm start', () => {
  it('starts headless where there is no desktop app, passes arguments on, and ends with it', async () => {
    const folder = await temporaryFolder()
    const program = run(['--port', '0', '--print-json', '--data-dir', folder], folder)
    const line = await program.printed(/^\{.*\}$/mu)
    const facts = JSON.parse(line) as { readonly url: string; readonly port: number; readonly apiKey: string }
    expect(program.errors()).toMatch(/^[^\n]*Starting headless instead\.\n$/u)
    expect(facts.apiKey).toMatch(/^culvert_/u)
    const health = await fetch(`${facts.url}/healthz`)
    expect(await health.json()).toEqual({ status: 'ok' })
    expect(await program.stop('SIGTERM')).toBe(0)
  })

  it('says what is wrong in words, and passes the exit code on', async () => {
    const folder = await temporaryFolder()
    const program = run(['--headless', '--port', 'eighty', '--data-dir', folder], folder)
    expect(await program.ended).toBe(1)
    expect(program.errors()).toMatch(/port/iu)
    expect(program.errors()).not.toMatch(/\n\s+at /u)
  })
})

describe('npm run demo', () => {
  it('signs an account in, answers a completion, and leaves nothing behind', async () => {
    const folder = await temporaryFolder()
    const program = run(['--headless', '--demo', '--port', '0'], folder)
    const text = await program.printed(/Ctrl-C ends the demo/u)
    expect(text).toContain('A demo account is signed in.')
    const [, url] = /ANTHROPIC_BASE_URL=(\S+)/u.exec(text) ?? []
    const [, key] = /ANTHROPIC_AUTH_TOKEN=(\S+)/u.exec(text) ?? []
    const answer = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': String(key), 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'claude-sonnet-4.5',
        max_tokens: 500,
        messages: [{ role: 'user', content: '[[scenario:text]] Hello' }],
      }),
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      role: 'assistant',
      content: [{ type: 'text' }],
      stop_reason: 'end_turn',
    })
    expect(await program.stop('SIGINT')).toBe(0)
    expect(await readdir(folder)).toEqual([])
  })

  it('can leave the login to the person', async () => {
    const folder = await temporaryFolder()
    const program = run(['--headless', '--demo', '--no-auto-approve', '--port', '0'], folder)
    const text = await program.printed(/Ctrl-C ends the demo/u)
    const [page] = /http:\S+\/oidc\/\S+user_code=\S+/u.exec(text) ?? []
    expect(await (await fetch(String(page))).text()).toContain('Allow access?')
    expect(await program.stop('SIGTERM')).toBe(0)
  })
})

/** Runs start.mjs with `folder` as the place for temporary files. */
function run(args: readonly string[], folder: string) {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TMPDIR: folder,
    MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  }
  const child = spawn(process.execPath, [start, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return {
    ended,
    errors: () => errors,
    /** All that was printed, once it matches. */
    async printed(pattern: RegExp): Promise<string> {
      while (!pattern.test(output)) {
        const more = await Promise.race([once(child.stdout, 'data'), ended])
        if (!Array.isArray(more)) throw new Error(`It ended with ${more}:\n${output}${errors}`)
      }
      return output
    },
    stop(signal: NodeJS.Signals): Promise<number | null> {
      child.kill(signal)
      return ended
    },
  }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'culvert-start-'))
  folders.push(folder)
  return folder
}
