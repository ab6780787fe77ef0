import { parseArgs } from 'node:util'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { JsonValue } from './canonical/json.ts'

/**
 * What the environment and the command line say (promises.md §1). Settings that they set win over stored ones and are
 * listed in `settingOverrides` by the setting's name.
 */
export interface Config {
  readonly dataDirectory: string
  readonly databasePath: string
  readonly consoleEnabled: boolean
  readonly printJson: boolean
  readonly masterKey?: string
  readonly adminToken?: string
  /** Accepted client keys from the environment. An empty list: it says that no key is asked for. */
  readonly clientKeys?: readonly string[]
  readonly endpoints: Endpoints
  readonly bootstrap?: BootstrapAccount
  readonly settingOverrides: Readonly<Record<string, JsonValue>>
  readonly logLevel?: string
  /** Which environment variable or argument each override came from. */
  readonly overrideSources: Readonly<Record<string, string>>
}

/** Service addresses that replace the real ones: tests, other partitions, self-hosted stand-ins. */
export interface Endpoints {
  readonly amazonQApi?: string
  readonly amazonQToken?: string
  readonly kiroAuth?: string
  readonly kiroRuntime?: string
  readonly geminiApi?: string
}

/** One account given by the environment, as the older projects took it. */
export interface BootstrapAccount {
  readonly refreshToken: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly profileArn?: string
}

/** The environment or the command line can't be used; the message names the variable and what it should be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const flag = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off', '']))
  .transform((text) => ['1', 'true', 'yes', 'on'].includes(text))
const url = z.string().regex(/^https?:\/\/[^\s]+$/u, 'expected an http or https URL')
const text = z.string().trim().min(1)

const environmentSchema = z.object({
  PORT: z.coerce.number().pipe(z.int().min(0).max(65_535)).optional(),
  HOST: text.optional(),
  DATA_DIR: text.optional(),
  DATABASE_PATH: text.optional(),
  DATABASE_URL: z.string().optional(),
  API_KEY: z.string().optional(),
  OPENAI_KEYS: z.string().optional(),
  ADMIN_TOKEN: text.optional(),
  ENABLE_CONSOLE: flag.optional(),
  MAX_ERROR_COUNT: z.coerce.number().pipe(z.int().min(0)).optional(),
  TOKEN_COUNT_MULTIPLIER: z.coerce.number().pipe(z.number().min(0.1).max(10)).optional(),
  MASTER_KEY: text.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).optional(),
  AMAZONQ_API_ENDPOINT: url.optional(),
  AMAZONQ_TOKEN_ENDPOINT: url.optional(),
  KIRO_AUTH_ENDPOINT: url.optional(),
  KIRO_RUNTIME_ENDPOINT: url.optional(),
  GEMINI_API_ENDPOINT: url.optional(),
  AMAZONQ_REFRESH_TOKEN: text.optional(),
  AMAZONQ_CLIENT_ID: text.optional(),
  AMAZONQ_CLIENT_SECRET: text.optional(),
  AMAZONQ_PROFILE_ARN: text.optional(),
})

type Environment = z.infer<typeof environmentSchema>

const settingVariables = [
  ['PORT', 'port'],
  ['HOST', 'host'],
  ['MAX_ERROR_COUNT', 'maxErrorCount'],
  ['TOKEN_COUNT_MULTIPLIER', 'tokenCountMultiplier'],
  ['LOG_LEVEL', 'logLevel'],
] as const

/** Reads environment and arguments. Throws `ConfigError` naming what is wrong. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, argv: readonly string[]): Config {
  const known = Object.keys(environmentSchema.shape)
  const given = Object.fromEntries(
    known.flatMap((name) => (isSet(name, environment[name]) ? [[name, environment[name]]] : [])),
  )
  const parsed = environmentSchema.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ConfigError(
      `The environment variable ${String(issue?.path[0])} can't be used: ${issue?.message ?? 'it is invalid'}.`,
    )
  }
  const values = parsed.data
  if (values.DATABASE_URL) {
    throw new ConfigError(
      'DATABASE_URL is set, but this version keeps its data in SQLite only. Unset it, or use DATABASE_PATH.',
    )
  }
  const args = readArguments(argv)
  const dataDirectory = resolve(
    args['data-dir'] ?? values.DATA_DIR ?? defaultDataDirectory(process.platform, environment),
  )
  const { overrides, sources } = settingsFrom(values, args)
  return {
    dataDirectory,
    databasePath: resolve(values.DATABASE_PATH ?? join(dataDirectory, 'culvert.sqlite3')),
    consoleEnabled: !args['no-console'] && (values.ENABLE_CONSOLE ?? true),
    printJson: args['print-json'] ?? false,
    endpoints: endpointsFrom(values),
    settingOverrides: overrides,
    overrideSources: sources,
    ...optional('masterKey', values.MASTER_KEY),
    ...optional('adminToken', values.ADMIN_TOKEN),
    ...optional('clientKeys', clientKeysFrom(values)),
    ...optional('bootstrap', bootstrapFrom(values)),
    ...optional('logLevel', values.LOG_LEVEL),
  }
}

/** Where the desktop app keeps its data too (Electron's `userData`), so that both see the same accounts. */
function defaultDataDirectory(platform: string, environment: Readonly<Record<string, string | undefined>>): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Culvert')
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Culvert')
  return join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'Culvert')
}

/** `OPENAI_KEYS=""` means something of its own; every other empty variable counts as unset. */
function isSet(name: string, value: string | undefined): boolean {
  return value !== undefined && (value !== '' || name === 'OPENAI_KEYS')
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        'data-dir': { type: 'string' },
        'no-console': { type: 'boolean' },
        'print-json': { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new ConfigError(
      `${error instanceof Error ? error.message : String(error)} Known: --port N, --host H, --data-dir DIR, --no-console, --print-json.`,
    )
  }
}

function settingsFrom(values: Environment, args: ReturnType<typeof readArguments>) {
  const overrides: Record<string, JsonValue> = {}
  const sources: Record<string, string> = {}
  for (const [variable, setting] of settingVariables) {
    const value = values[variable]
    if (value === undefined) continue
    overrides[setting] = value
    sources[setting] = variable
  }
  if (args.port !== undefined) {
    const port = Number(args.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new ConfigError(`--port takes a number from 0 to 65535, not "${args.port}".`)
    overrides['port'] = port
    sources['port'] = '--port'
  }
  if (args.host !== undefined) {
    overrides['host'] = args.host
    sources['host'] = '--host'
  }
  return { overrides, sources }
}

function endpointsFrom(values: Environment): Endpoints {
  return {
    ...optional('amazonQApi', withoutSlash(values.AMAZONQ_API_ENDPOINT)),
    ...optional('amazonQToken', withoutSlash(values.AMAZONQ_TOKEN_ENDPOINT)),
    ...optional('kiroAuth', withoutSlash(values.KIRO_AUTH_ENDPOINT)),
    ...optional('kiroRuntime', withoutSlash(values.KIRO_RUNTIME_ENDPOINT)),
    ...optional('geminiApi', withoutSlash(values.GEMINI_API_ENDPOINT)),
  }
}

function withoutSlash(address: string | undefined): string | undefined {
  return address?.replace(/\/+$/u, '')
}

function clientKeysFrom(values: Environment): readonly string[] | undefined {
  if (values.API_KEY === undefined && values.OPENAI_KEYS === undefined) return undefined
  const list = (values.OPENAI_KEYS ?? '').split(',').map((key) => key.trim())
  return [...(values.API_KEY === undefined ? [] : [values.API_KEY.trim()]), ...list].filter((key) => key !== '')
}

function bootstrapFrom(values: Environment): BootstrapAccount | undefined {
  if (values.AMAZONQ_REFRESH_TOKEN === undefined) return undefined
  return {
    refreshToken: values.AMAZONQ_REFRESH_TOKEN,
    ...optional('clientId', values.AMAZONQ_CLIENT_ID),
    ...optional('clientSecret', values.AMAZONQ_CLIENT_SECRET),
    ...optional('profileArn', values.AMAZONQ_PROFILE_ARN),
  }
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value })
}
