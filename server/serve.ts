import module from 'node:module'
import { ProxyError } from './canonical/error.ts'
import { ConfigError, readConfig } from './config.ts'
import { createServer, type CulvertServer, ListenError } from './create-server.ts'
import { type Foundation, layFoundation } from './foundation.ts'
import { createLog } from './log.ts'
import { SecretsUnreadableError } from './secrets/secret-store.ts'
import { startLines } from './start-lines.ts'
import { StoreError } from './store/types.ts'

/** Runs the server until a signal stops it. What a person can mend is said in words and ends with exit code 1. */
export async function serve(argv: readonly string[]): Promise<void> {
  try {
    await start(argv)
  } catch (error) {
    if (!isForPerson(error)) throw error
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}

async function start(argv: readonly string[]): Promise<void> {
  // Whatever Culvert writes is for this user only.
  process.umask(0o077)
  const config = readConfig(process.env, argv)
  const log = createLog(config.logLevel ?? 'warn')
  const foundation = await layFoundation({ config, log, now: Date.now })
  let server: CulvertServer
  try {
    server = await createServer(foundation)
  } catch (error) {
    await foundation.close()
    throw error
  }
  stopOnSignal(server)
  announce(foundation, server)
  await server.ready
  // Written now because a killed process never writes it.
  setTimeout(() => module.flushCompileCache(), 2_000).unref()
}

function announce(foundation: Foundation, server: CulvertServer): void {
  const { config, keys, adminToken, secrets } = foundation
  const apiKey = keys.localKey()
  if (config.printJson) {
    const line = {
      url: server.url,
      port: server.port,
      ...(adminToken.source === 'environment' ? {} : { adminToken: adminToken.value }),
      ...(apiKey === undefined ? {} : { apiKey }),
    }
    process.stdout.write(`${JSON.stringify(line)}\n`)
    return
  }
  // A service's log is read by others: there, keys are shown only at the start that made them.
  const mayShow = process.stdout.isTTY
  process.stdout.write(
    startLines({
      url: server.url,
      secrets: secrets.description.sentence,
      apiKey: mayShow || keys.firstKey !== undefined ? apiKey : undefined,
      adminToken: adminToken.source === 'stored' && (mayShow || adminToken.fresh) ? adminToken.value : undefined,
    }),
  )
}

function stopOnSignal(server: CulvertServer): void {
  let stopping = false
  const stop = () => {
    // A second signal means: now.
    if (stopping) process.exit(1)
    stopping = true
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** Errors whose message is written for the person who starts the program. */
function isForPerson(error: unknown): boolean {
  return [ConfigError, ListenError, SecretsUnreadableError, StoreError, ProxyError].some(
    (kind) => error instanceof kind,
  )
}
