import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..', '..')

/** A Culvert process under test: the real headless entry, on a free port, with a data directory of its own. */
export interface CulvertProcess {
  readonly url: string
  readonly apiKey: string
  readonly adminToken: string
  readonly dataDirectory: string
  readonly pid: number
  /** Everything it printed so far, both streams. */
  output(): string
  /** Calls the management API; throws on a status that is not 2xx. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>
  /** SIGTERM, waits for the end, returns the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL, waits for the end. */
  kill(): Promise<void>
  /** Resolves when the process has ended and all its output is there. */
  readonly ended: Promise<unknown>
}

export interface CulvertOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Kept after the end when given; else a temporary one. */
  readonly dataDirectory?: string
  readonly arguments?: readonly string[]
}

/** The line of `--print-json`. */
interface ReadyLine {
  readonly url: string
  readonly adminToken?: string
  readonly apiKey?: string
}

const cleanups = new Set<() => Promise<void>>()

/** Starts Culvert and waits until it listens. Rejects with what it printed when it does not. */
export async function startCulvert(options: CulvertOptions = {}): Promise<CulvertProcess> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'culvert-test-')))
  const child = spawn(
    process.execPath,
    [
      join(root, 'server/headless.ts'),
      '--port',
      '0',
      '--data-dir',
      dataDirectory,
      '--print-json',
      ...(options.arguments ?? []),
    ],
    { env: cleanEnvironment(options.environment), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const ready: ReadyLine = await firstJsonLine(
    child,
    (line) => (printed += `${line}\n`),
    () => printed,
  )
  const adminToken = ready.adminToken ?? options.environment?.['ADMIN_TOKEN'] ?? ''
  const { url } = ready
  const ended = once(child, 'close')
  cleanups.add(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
    if (options.dataDirectory === undefined) await rm(dataDirectory, { recursive: true, force: true })
  })
  return {
    url,
    apiKey: ready.apiKey ?? '',
    adminToken,
    dataDirectory,
    pid: child.pid ?? 0,
    output: () => printed,
    admin: (method, path, body) => callAdmin(url, adminToken, method, path, body),
    async stop() {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    ended,
  }
}

/** Ends every process that a test left running. Call in `afterEach` or `afterAll`. */
export async function stopAllCulverts(): Promise<void> {
  const pending = [...cleanups]
  cleanups.clear()
  await Promise.all(pending.map((cleanup) => cleanup()))
}

async function callAdmin(url: string, token: string, method: string, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

/** The test's environment without anything that would configure Culvert by accident. */
function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(?:PATH|HOME|TMPDIR|LANG|TZ|NODE_.*|DBUS_.*|XDG_.*)$/u.test(name),
  )
  return { ...Object.fromEntries(kept), ...extra }
}

function firstJsonLine(child: ChildProcess, onLine: (line: string) => void, printed: () => string): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) return reject(new Error('no standard output'))
    let found = false
    createInterface({ input: child.stdout }).on('line', (line) => {
      onLine(line)
      if (found || !line.startsWith('{')) return
      found = true
      resolve(JSON.parse(line) as ReadyLine)
    })
    child.once('exit', (code) => {
      if (!found) reject(new Error(`Culvert ended with ${code} before it listened:\n${printed()}`))
    })
  })
}
