import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const binary = join(import.meta.dirname, '..', 'clients', 'node_modules', '.bin', 'codex')

/** Whether the real Codex is installed on this machine. */
export const codexInstalled = existsSync(binary)

/** A home directory and a project for one Codex user. */
export interface CodexUser {
  readonly project: string
  /** Runs one headless prompt to its end, with every permission given. */
  run(prompt: string, options?: CodexRun): Promise<CodexResult>
  remove(): Promise<void>
}

export interface CodexRun {
  /** Codex decides by the name which tools it offers (clients.md §2). Default `gpt-5.5`. */
  readonly model?: string
  readonly arguments?: readonly string[]
  /** Goes on with the last conversation. */
  readonly resume?: boolean
  /** Milliseconds after which the run is ended; the result then says so. */
  readonly timeoutMs?: number
}

export interface CodexResult {
  readonly code: number | null
  readonly timedOut: boolean
  /** The items that were finished, in order. */
  readonly items: readonly CodexItem[]
  /** The last thing that the model said. */
  readonly text: string
  /** What went wrong with the turn; empty when nothing did. */
  readonly failure: string
  readonly usage: Readonly<Record<string, number>>
  readonly stderr: string
}

export interface CodexItem {
  readonly type: string
  readonly [field: string]: unknown
}

/**
 * Sets up a Codex user whose model provider is a Culvert server, as the README says. `provider`: more lines of the
 * provider's configuration.
 */
export async function createCodexUser(
  server: { readonly url: string; readonly apiKey: string },
  provider: readonly string[] = [],
): Promise<CodexUser> {
  const home = await mkdtemp(join(tmpdir(), 'culvert-codex-'))
  const project = join(home, 'project')
  await mkdir(project)
  await mkdir(join(home, '.codex'))
  const configuration = (await fromReadme()).replace('ADDRESS', server.url)
  await writeFile(join(home, '.codex', 'config.toml'), [configuration, ...provider].join('\n'))
  return {
    project,
    run: (prompt, options = {}) => run(server.apiKey, home, project, prompt, options),
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The configuration that the README tells people to write. */
async function fromReadme(): Promise<string> {
  const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
  return /```toml\n([\s\S]*?)```/u.exec(readme)?.[1] ?? ''
}

function run(apiKey: string, home: string, project: string, prompt: string, options: CodexRun): Promise<CodexResult> {
  const command = options.resume === true ? ['exec', 'resume', '--last'] : ['exec']
  const flags = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--json']
  const child = spawn(
    binary,
    [...command, '-m', options.model ?? 'gpt-5.5', ...flags, ...(options.arguments ?? []), prompt],
    {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: home, CODEX_HOME: join(home, '.codex'), CULVERT_KEY: apiKey },
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
  }, options.timeoutMs ?? 90_000)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, timedOut, ...readEvents(stdout), stderr })
    })
  })
}

interface CodexEvent {
  readonly type: string
  readonly item?: CodexItem
  readonly error?: { readonly message?: string }
  readonly usage?: Readonly<Record<string, number>>
}

function readEvents(stdout: string): Pick<CodexResult, 'items' | 'text' | 'failure' | 'usage'> {
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as CodexEvent)
  const items = events.flatMap(({ type, item }) => (type === 'item.completed' && item !== undefined ? [item] : []))
  const said = items.findLast((item) => item.type === 'agent_message')?.['text']
  return {
    items,
    text: typeof said === 'string' ? said : '',
    failure: events.findLast(({ type }) => type === 'turn.failed')?.error?.message ?? '',
    usage: events.findLast(({ type }) => type === 'turn.completed')?.usage ?? {},
  }
}
