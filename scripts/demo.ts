import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '../simulator/index.ts'
import type { Simulator } from '../simulator/index.ts'
import { scenarioNames } from '../simulator/scenarios/index.ts'
import { demoLines } from './demo/lines.ts'
import { startProgram } from './demo/program.ts'
import type { Program } from './demo/program.ts'

/**
 * Culvert against the simulator, with a demo account signed in through the simulated device login. Arguments:
 * `--program=FILE` (default server/headless.ts), `--no-auto-approve` to approve the login by hand; all others go to the
 * program.
 */
const own = /^--(?:program=|no-auto-approve$)/u
const given = process.argv.slice(2)
const file = given.find((argument) => argument.startsWith('--program='))?.slice('--program='.length)
const autoApprove = !given.includes('--no-auto-approve')

const dataDirectory = await mkdtemp(join(tmpdir(), 'culvert-demo-'))
const simulator = await startSimulator({ pace: { deviceIntervalMs: 1_000, frameDelayMs: 5 } })
try {
  const program = await startProgram({
    file: file ?? join(import.meta.dirname, '..', 'server', 'headless.ts'),
    args: ['--data-dir', dataDirectory, ...given.filter((argument) => !own.test(argument))],
    // A key of its own, so that the demo leaves the keychain alone.
    environment: { ...process.env, ...simulator.environment, MASTER_KEY: randomBytes(32).toString('base64') },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => program.stop())
  await signIn(program, simulator).catch(async (error: unknown) => {
    program.stop()
    await program.ended
    throw error
  })
  process.exitCode = await program.ended
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await simulator.close()
  await rm(dataDirectory, { recursive: true, force: true })
}

/** Signs the demo account in as a person would, through the management API, and says how to use it. */
async function signIn(program: Program, services: Simulator): Promise<void> {
  const login = await program.admin('POST', '/v2/auth/start', { label: 'Demo account' })
  if (autoApprove) {
    services.approve(String(login['userCode']))
    const claim = await program.admin('POST', `/v2/auth/claim/${String(login['authId'])}`)
    if (claim['status'] !== 'completed')
      throw new Error(`The demo account could not sign in: ${String(claim['error'])}`)
  }
  process.stdout.write(
    demoLines({
      url: program.url,
      simulatorUrl: services.url,
      apiKey: program.apiKey ?? 'any',
      adminToken: program.adminToken,
      scenarios: scenarioNames,
      ...(autoApprove ? {} : { approveAt: String(login['verificationUriComplete']) }),
    }),
  )
}
