import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { formatCodecReport, runCodecBench } from './codec.ts'
import { type RelayPart, runRelayBench } from './relay/index.ts'

const usage = `Measures Culvert against named references in the same run.

  npm run bench -- [--only=PART] [--quick]

  --only=PART   codec, relay, start or memory; default: all of them
  --quick       fewer and shorter rounds

docs/performance.md explains the figures.`

const relayParts: readonly RelayPart[] = ['start', 'memory', 'relay']

const { values } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false }, help: { type: 'boolean' } },
})
const known = values.only === undefined || values.only === 'codec' || relayParts.some((part) => part === values.only)
if (values.help === true || !known) {
  console.log(usage)
  process.exit(known ? 0 : 2)
}

const processors = cpus()
const load = loadavg()[0] ?? 0
console.log(
  `${processors[0]?.model ?? 'unknown CPU'}, ${processors.length} cores, ${(totalmem() / 1e9).toFixed(0)} GB · ` +
    `${process.platform} ${process.arch} · Node ${process.version} · load ${load.toFixed(2)} before the run\n`,
)
if (values.only === undefined || values.only === 'codec') console.log(`${formatCodecReport(await runCodecBench())}\n`)
const parts = relayParts.filter((part) => values.only === undefined || values.only === part)
if (parts.length > 0) {
  const figures = await runRelayBench({ parts, quick: values.quick })
  const missed = figures.filter((figure) => figure.isMet === false)
  const targets = figures.filter((figure) => figure.isMet !== undefined).length
  console.log(`${targets - missed.length} of ${targets} targets met`)
}
console.log(`${(process.uptime() / 60).toFixed(1)} minutes`)
