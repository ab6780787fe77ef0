import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SimulatorEnvironment } from '../../simulator/index.ts'
import { type Child, startChild } from './child.ts'

const here = import.meta.dirname
const root = join(here, '..', '..')

/** Where a load is sent, and how its events are recognised in the answer. */
export interface Target {
  readonly name: 'direct' | 'bare' | 'culvert'
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Stands once in every event that carries text. */
  readonly eventMark: string
}

/** A target that is a process of ours. */
export interface Relay extends Target {
  readonly process: Child
}

export interface Simulator {
  readonly process: Child
  readonly target: Target
  readonly environment: SimulatorEnvironment
  readonly account: Readonly<Record<'clientId' | 'clientSecret' | 'refreshToken' | 'accessToken', string>>
}

export async function startSimulatorProcess(): Promise<Simulator> {
  const child = await startChild({ command: [join(here, 'simulator-process.ts')] })
  const { environment, account } = child.ready as unknown as Pick<Simulator, 'environment' | 'account'>
  const target: Target = {
    name: 'direct',
    origin: String(child.ready['url']),
    path: '/q/generateAssistantResponse',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${account.accessToken}` },
    eventMark: 'assistantResponseEvent',
  }
  return { process: child, target, environment, account }
}

const messages = { path: '/v1/messages', eventMark: '"type":"text_delta"' } as const

/** The reference: the least that can turn one stream into the other. */
export async function startBareRelay(simulator: Simulator): Promise<Relay> {
  const { AMAZONQ_API_ENDPOINT } = simulator.environment
  const child = await startChild({
    command: [join(here, 'bare-relay.ts'), AMAZONQ_API_ENDPOINT, simulator.account.accessToken],
  })
  return {
    name: 'bare',
    ...messages,
    origin: `http://127.0.0.1:${String(child.ready['port'])}`,
    headers: { 'content-type': 'application/json' },
    process: child,
  }
}

/** A form in which Culvert can be run. */
export interface Entry {
  readonly name: 'source' | 'bundle'
  readonly path: string
}

const source: Entry = { name: 'source', path: join(root, 'server', 'headless.ts') }

/** The source, and the bundle, which is built where it is stale. */
export async function prepareEntries(): Promise<readonly Entry[]> {
  const builder = JSON.stringify(new URL('../../scripts/lib/bundle.mjs', import.meta.url).href)
  const program = `
    const { bundledProgram, ensureBundle } = await import(${builder})
    await ensureBundle()
    console.log(JSON.stringify({ bundledProgram }))`
  const child = await startChild({ command: ['--input-type=module', '-e', program] })
  return [source, { name: 'bundle', path: String(child.ready['bundledProgram']) }]
}

export interface CulvertOptions {
  readonly dataDirectory: string
  /** Default: the source. */
  readonly entry?: string
  /** Arguments of Node itself, for profiles. */
  readonly nodeArguments?: readonly string[]
}

/** The whole product: the headless entry with a database, sealed secrets, keys, the linter and the request log. */
export async function startCulvert(simulator: Simulator, options: CulvertOptions): Promise<Relay> {
  const entry = options.entry ?? source.path
  const child = await startChild({
    command: [
      ...(options.nodeArguments ?? []),
      entry,
      '--port',
      '0',
      '--data-dir',
      options.dataDirectory,
      '--print-json',
    ],
    environment: { ...simulator.environment, MASTER_KEY: 'YmVuY2htYXJrcyBuZWVkIG5vIHNlY3JldHMgYXQgYWxsIQ==' },
  })
  return {
    name: 'culvert',
    ...messages,
    origin: String(child.ready['url']),
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'user-agent': 'claude-cli/2.1.329 (external, cli)',
      'x-api-key': String(child.ready['apiKey']),
    },
    process: child,
  }
}

/** Adds the simulator's account through the management API, as a person's script would. */
export async function addAccount(culvert: Relay, simulator: Simulator): Promise<void> {
  const response = await fetch(`${culvert.origin}/v2/accounts`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${String(culvert.process.ready['adminToken'])}`,
    },
    body: JSON.stringify({ label: 'bench', type: 'amazonq', ...simulator.account }),
  })
  if (!response.ok) throw new Error(`Culvert took no account: ${response.status} ${await response.text()}`)
}

/** A directory for Culvert's data that is gone when `use` is done. */
export async function withDataDirectory<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'culvert-bench-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}
