import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'

/** A Node process of its own that says with a line of JSON that it is ready. */
export interface Child {
  readonly pid: number
  /** What its first line of JSON said. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Milliseconds from the start of the process to that line. */
  readonly readyMs: number
  /** CPU milliseconds so far, all threads, to the microsecond. */
  cpuMs(): number
  /** Resident set in bytes. */
  residentBytes(): number
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>
}

export interface ChildOptions {
  /** What Node runs, with its arguments. */
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts Node with nothing of this process's environment that could configure what is measured. */
export async function startChild({ command, environment = {} }: ChildOptions): Promise<Child> {
  const startedAt = performance.now()
  const process_ = spawn(process.execPath, command, {
    env: { ...kept('PATH', 'HOME', 'TMPDIR', 'LANG'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = (): void => void process_.kill('SIGKILL')
  process.once('exit', kill)
  const { ready, readyAt } = await firstLine(process_, command.join(' '))
  const pid = process_.pid ?? 0
  const ended = once(process_, 'exit')
  return {
    pid,
    ready,
    readyMs: readyAt - startedAt,
    cpuMs: () => cpuMsOf(pid),
    residentBytes: () => residentBytesOf(pid),
    async stop() {
      process_.kill('SIGTERM')
      await ended
      process.off('exit', kill)
    },
  }
}

function firstLine(
  child: ChildProcess,
  name: string,
): Promise<{ readonly ready: Record<string, unknown>; readonly readyAt: number }> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null || child.stderr === null) return reject(new Error('no pipes'))
    let printed = ''
    child.stderr.on('data', (chunk: Buffer) => {
      if (printed.length < 10_000) printed += chunk.toString()
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) resolve({ ready: JSON.parse(line), readyAt: performance.now() })
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready:\n${printed}`)))
  })
}

/** Time on a CPU of every thread that lives now (`schedstat` counts nanoseconds; `stat` only ticks of 10 ms). */
function cpuMsOf(pid: number): number {
  let nanoseconds = 0
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ', 1)[0])
  }
  return nanoseconds / 1e6
}

function residentBytesOf(pid: number): number {
  const kilobytes = /^Rss:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

function kept(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}
