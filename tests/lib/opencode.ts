import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const binary = join(import.meta.dirname, '..', 'clients', 'node_modules', '.bin', 'opencode')

/** Whether the real opencode is installed on this machine. */
export const opencodeInstalled = existsSync(binary)

/** A home directory and a project for one opencode user. */
export interface OpencodeUser {
  readonly project: string
  /** Runs one headless prompt to its end, with every permission given. */
  run(prompt: string, options?: OpencodeRun): Promise<OpencodeResult>
  remove(): Promise<void>
}

export interface OpencodeRun {
  /** Default `gpt-4o`. */
  readonly model?: 'gpt-4o' | 'claude-sonnet-4.5' | 'claude-sonnet-4.6'
  /** Gives the conversation a title, so that opencode makes no further call for one. */
  readonly titled?: boolean
  /** Goes on with the last conversation. */
  readonly resume?: boolean
  readonly arguments?: readonly string[]
  /** Milliseconds after which the run is ended; the result then says so. */
  readonly timeoutMs?: number
}

export interface OpencodeResult {
  readonly code: number | null
  readonly timedOut: boolean
  /** What the model said, in order. */
  readonly texts: readonly string[]
  /** Its calls that are over. */
  readonly calls: readonly { readonly tool: string; readonly status: string }[]
  /** Input tokens of each step, as opencode counts them. */
  readonly inputTokens: readonly number[]
  /** What opencode says went wrong. */
  readonly errors: readonly string[]
  readonly stderr: string
}

/** Sets up an opencode user whose only provider is a Culvert server, configured as the README says. */
export async function createOpencodeUser(server: {
  readonly url: string
  readonly apiKey: string
}): Promise<OpencodeUser> {
  const home = await mkdtemp(join(tmpdir(), 'culvert-opencode-'))
  const project = join(home, 'project')
  await mkdir(project)
  const configuration = await configurationFor(server)
  await writeFile(join(project, 'opencode.json'), JSON.stringify(configuration))
  return {
    project,
    run: (prompt, options = {}) => run(home, project, prompt, options),
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The README's own, with two models more and nothing that asks or reaches out. */
async function configurationFor(server: { readonly url: string; readonly apiKey: string }): Promise<object> {
  const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
  const block = /```json\n([\s\S]*?culvert[\s\S]*?)```/u.exec(readme)?.[1] ?? '{}'
  const { provider } = JSON.parse(
    block.replaceAll('ADDRESS', server.url).replaceAll('YOUR_CULVERT_KEY', server.apiKey),
  ) as Configuration
  const { models } = provider.culvert
  const like = models['claude-sonnet-4.5'] ?? {}
  const more = { 'gpt-4o': like, 'claude-sonnet-4.6': { ...like, reasoning: true } }
  return {
    provider: { culvert: { ...provider.culvert, models: { ...models, ...more } } },
    permission: { edit: 'allow', bash: 'allow', webfetch: 'deny' },
    share: 'disabled',
    autoupdate: false,
  }
}

interface Configuration {
  readonly provider: { readonly culvert: { readonly models: Readonly<Record<string, object>> } }
}

function run(home: string, project: string, prompt: string, options: OpencodeRun): Promise<OpencodeResult> {
  const asked = ['run', prompt, '--format', 'json', '--model', `culvert/${options.model ?? 'gpt-4o'}`]
  // Without a title given it asks the model for one.
  const conversation = options.resume === true ? ['--continue'] : options.titled === true ? ['--title', 'A test'] : []
  const child = spawn(binary, [...asked, ...conversation, ...(options.arguments ?? [])], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_STATE_HOME: join(home, 'state'),
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    },
  })
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
      resolve({ code, timedOut, ...read(stdout), stderr })
    })
  })
}

/** One line of `--format json`, as far as tests look at it. */
interface Line {
  readonly type: string
  readonly part?: {
    readonly text?: string
    readonly tool?: string
    readonly state?: { readonly status: string }
    readonly tokens?: { readonly input: number }
  }
  readonly error?: { readonly data?: { readonly message?: string } }
}

function read(stdout: string): Pick<OpencodeResult, 'texts' | 'calls' | 'inputTokens' | 'errors'> {
  const lines = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []))
  const of = (type: string) => lines.filter((line) => line.type === type)
  return {
    texts: of('text').map(({ part }) => part?.text ?? ''),
    calls: of('tool_use').map(({ part }) => ({ tool: part?.tool ?? '', status: part?.state?.status ?? '' })),
    inputTokens: of('step_finish').map(({ part }) => part?.tokens?.input ?? 0),
    errors: of('error').map(({ error }) => error?.data?.message ?? ''),
  }
}
