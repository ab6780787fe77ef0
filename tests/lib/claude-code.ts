import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const binary = join(import.meta.dirname, '..', 'clients', 'node_modules', '.bin', 'claude')

/** Whether the real Claude Code is installed on this machine. */
export const claudeCodeInstalled = existsSync(binary)

/** A home directory and a project for one Claude Code user. */
export interface ClaudeCodeUser {
  readonly project: string
  /** Runs one headless prompt to its end. */
  run(prompt: string, options?: ClaudeCodeRun): Promise<ClaudeCodeResult>
  remove(): Promise<void>
}

export interface ClaudeCodeRun {
  readonly arguments?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Milliseconds after which the run is ended; the result then says so. */
  readonly timeoutMs?: number
}

export interface ClaudeCodeResult {
  readonly code: number | null
  readonly timedOut: boolean
  /** The events of `--output-format stream-json`. */
  readonly events: readonly Record<string, unknown>[]
  /** The text of the `result` event. */
  readonly result: string
  readonly stderr: string
}

/** Sets up a Claude Code user whose base URL is a Culvert server. */
export async function createClaudeCodeUser(server: {
  readonly url: string
  readonly apiKey: string
}): Promise<ClaudeCodeUser> {
  const home = await mkdtemp(join(tmpdir(), 'culvert-claude-'))
  const project = join(home, 'project')
  await mkdir(project)
  return {
    project,
    run: (prompt, options = {}) => run(server, home, project, prompt, options),
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  }
}

function run(
  server: { readonly url: string; readonly apiKey: string },
  home: string,
  project: string,
  prompt: string,
  options: ClaudeCodeRun,
): Promise<ClaudeCodeResult> {
  const child = spawn(
    binary,
    ['-p', prompt, '--output-format', 'stream-json', '--verbose', ...(options.arguments ?? [])],
    {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        CLAUDE_CONFIG_DIR: join(home, '.claude'),
        ANTHROPIC_BASE_URL: server.url,
        ANTHROPIC_AUTH_TOKEN: server.apiKey,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_TELEMETRY: '1',
        DISABLE_AUTOUPDATER: '1',
        DISABLE_ERROR_REPORTING: '1',
        IS_SANDBOX: '1',
        ...options.environment,
      },
    },
  )
  let stdout = ''
  let stderr = ''
  let timedOut = false
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGKILL')
  }, options.timeoutMs ?? 120_000)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      const events = stdout.split('\n').flatMap(parseLine)
      const last = events.findLast((event) => event['type'] === 'result')
      resolve({ code, timedOut, events, result: typeof last?.['result'] === 'string' ? last['result'] : '', stderr })
    })
  })
}

function parseLine(line: string): Record<string, unknown>[] {
  return line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []
}
