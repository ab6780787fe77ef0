import { pino, type Logger } from 'pino'

/**
 * The program's own log: JSON lines on standard error, so that standard output stays for what a person or a script
 * reads. Members that could hold a secret are removed whatever logs them.
 */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      redact: { paths: secretPaths, censor: '[removed]' },
      serializers: { error: describeError },
    },
    process.stderr,
  )
}

const secretNames = [
  'authorization',
  'apiKey',
  'accessToken',
  'refreshToken',
  'clientSecret',
  'deviceCode',
  'masterKey',
  'adminToken',
  'password',
  'token',
  'body',
] as const
const secretPaths = [...secretNames.flatMap((name) => [name, `*.${name}`]), '["x-api-key"]', '*["x-api-key"]']

/** An error's own words and where it arose; what hangs on it besides (requests, headers, options) stays out. */
export function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: String(error).slice(0, 500) }
  const cause = error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}
  return { name: error.name, message: error.message.slice(0, 1_000), stack: error.stack?.slice(0, 4_000), ...cause }
}
