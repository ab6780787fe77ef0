import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/**
 * A desktop's keyring for tests: programs run in a private D-Bus session with gnome-keyring, in a home of their own. The
 * keyring is kept in that home, so that what one program stored the next one finds.
 */
export interface KeyringHome {
  readonly directory: string
  /**
   * Starts a program in a new session. With `unlocked` the keyring is open, as after a login; without it nobody can
   * open it, since no prompt can be shown. `kill` of what is returned reaches the program itself; the session ends
   * with it.
   */
  spawn(command: readonly [string, ...string[]], options?: KeyringRunOptions): ChildProcess
  /** The same for Node with a script in TypeScript, to its end. */
  runScript(script: string, options?: KeyringRunOptions): Promise<KeyringRunResult>
  /** Kills what still runs in it and removes it. */
  remove(): Promise<void>
}

export interface KeyringRunOptions {
  readonly unlocked?: boolean
  readonly env?: Readonly<Record<string, string>>
}

export interface KeyringRunResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Why no keyring session can be had on this machine, or undefined if one can. */
export function keyringSessionMissing(): string | undefined {
  for (const program of ['dbus-run-session', 'gnome-keyring-daemon']) {
    if (spawnSync(program, ['--help'], { stdio: 'ignore' }).error !== undefined) {
      return `${program} is not installed (Debian: apt-get install dbus gnome-keyring libsecret-1-0)`
    }
  }
  return undefined
}

/** A new home whose keyring has been made, so that sessions may be locked or unlocked. */
export async function createKeyringHome(): Promise<KeyringHome> {
  const directory = await mkdtemp(join(tmpdir(), 'culvert-keyring-'))
  const runtime = join(directory, 'run')
  await mkdir(runtime, { mode: 0o700 })

  let started = 0
  const running = new Set<ChildProcess>()

  const spawnIn: KeyringHome['spawn'] = (command, { unlocked = true, env = {} } = {}) => {
    const start = unlocked ? 'printf test | gnome-keyring-daemon --unlock' : 'gnome-keyring-daemon --start'
    started += 1
    const pidFile = join(directory, `program-${started}.pid`)
    const shell = `${start} --components=secrets >/dev/null 2>&1; echo $$ > ${pidFile}; exec "$@"`
    const session = spawn('dbus-run-session', ['--', 'sh', '-c', shell, 'sh', ...command], {
      env: { ...sessionEnvironment(directory, runtime), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(session)
    session.once('exit', () => running.delete(session))
    session.once('error', () => running.delete(session))
    const killSession = session.kill.bind(session)
    session.kill = (signal) => {
      const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0
      // Ending the session before its program would leave the program behind.
      return pid === 0 ? killSession(signal) : session.exitCode === null && process.kill(pid, signal ?? 'SIGTERM')
    }
    return session
  }

  const home: KeyringHome = {
    directory,
    spawn: spawnIn,
    async runScript(script, options) {
      const child = spawnIn([process.execPath, '--input-type=module-typescript', '-e', script], options)
      const ended = new Promise<number | null>((resolve, reject) => {
        child.on('error', reject)
        child.on('close', resolve)
      })
      const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), ended])
      return { code, stdout, stderr }
    },
    async remove() {
      await Promise.all(
        [...running].map((session) => {
          const ended = once(session, 'exit')
          session.kill('SIGKILL')
          return ended
        }),
      )
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return home
}

/** This process's environment without what would lead out of the session. */
function sessionEnvironment(directory: string, runtime: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:DBUS_|XDG_|GNOME_KEYRING|DISPLAY$|WAYLAND_DISPLAY$|VITEST|MASTER_KEY$|NODE_OPTIONS$)/u.test(name),
  )
  return { ...Object.fromEntries(kept), HOME: directory, XDG_RUNTIME_DIR: runtime }
}

function read(stream: NodeJS.ReadableStream | null): Promise<string> {
  return stream === null ? Promise.resolve('') : text(stream)
}
