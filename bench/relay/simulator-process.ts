import { startSimulator } from '../../simulator/index.ts'

/**
 * The simulator with one signed-in account, as a process of its own, so that its work is not counted as anybody else's.
 * The account is as real ones are after a device login, but can't run out of credits.
 */
const simulator = await startSimulator({ seed: 1, pace: { accessTokenLifetimeMs: 86_400_000 } })
const account = simulator.issueAccount({ kind: 'builder-id', plan: 'power', credits: { used: 0, limit: 1e12 } })
const { clientId, clientSecret, refreshToken, accessToken } = account
process.stdout.write(
  `${JSON.stringify({
    url: simulator.url,
    environment: simulator.environment,
    account: { clientId, clientSecret, refreshToken, accessToken },
  })}\n`,
)
process.once('SIGTERM', () => void simulator.close().then(() => process.exit(0)))
