import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A running headless Culvert. */
export interface Program {
  readonly url: string
  readonly apiKey: string | undefined
  readonly adminToken: string
  /** Resolves with the exit code when the program ends. */
  readonly ended: Promise<number>
  /** Asks it to end. */
  stop(): void
  /** Calls the management API and returns the answer's JSON. Rejects on a status that is not 2xx. */
  admin(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>>
}

export interface ProgramOptions {
  /** `server/headless.ts` or its bundle. */
  readonly file: string
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** Starts the program and waits until it listens. Rejects when it ends before; what it says goes to the terminal. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const child = spawn(process.execPath, [options.file, '--print-json', ...options.args], {
    env: options.environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : 1))
  const line = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once('line', resolve)
  })
  const first = await Promise.race([line, ended])
  if (typeof first === 'number') throw new Error(`Culvert ended with code ${first} before it listened.`)
  const facts = JSON.parse(first) as { readonly url: string; readonly apiKey?: string; readonly adminToken?: string }
  const adminToken = facts.adminToken ?? options.environment['ADMIN_TOKEN'] ?? ''
  return {
    url: facts.url,
    apiKey: facts.apiKey ?? options.environment['API_KEY'],
    adminToken,
    ended,
    stop: () => void child.kill('SIGTERM'),
    admin: (method, path, body) => callAdmin(facts.url + path, method, adminToken, body),
  }
}

async function callAdmin(
  url: string,
  method: string,
  token: string,
  body: object | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`)
  return JSON.parse(text) as Readonly<Record<string, unknown>>
}
