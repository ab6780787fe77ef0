import { parseArgs } from 'node:util'
import { startSimulator } from './index.ts'

const usage = `Stands in for Amazon Q, Kiro and their sign-in on this computer.

  node simulator/main.ts [--port N] [--host H] [--seed N] [--print-json]

  --port N       default 8799; 0 picks a free one
  --host H       default 127.0.0.1
  --seed N       the same ids, codes and tokens on every run
  --print-json   one line of JSON instead of text: {"url", "environment"}
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8799' },
    host: { type: 'string', default: '127.0.0.1' },
    seed: { type: 'string' },
    'print-json': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(usage)
} else {
  const port = wholeNumber('port', values.port)
  const seed = values.seed === undefined ? {} : { seed: wholeNumber('seed', values.seed) }
  const simulator = await startSimulator({ port, host: values.host, ...seed })
  const { url, environment } = simulator
  if (values['print-json']) {
    console.log(JSON.stringify({ url, environment }))
  } else {
    console.log(`The simulator listens on ${url}. Point Culvert at it with:\n`)
    for (const [name, value] of Object.entries(environment)) console.log(`  ${name}=${value}`)
    console.log('\nStop it with Ctrl+C.')
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close())
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`--${name} must be a whole number, not "${text}".`)
  process.exit(2)
}
