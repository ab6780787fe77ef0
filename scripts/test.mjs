// npm test [-- --only=types,lint,imports,format,unused,unit,integration,e2e]
import { join } from 'node:path'
import { ensureInstalled } from './lib/install.mjs'
import { root } from './lib/project.mjs'
import { steps } from './test/steps.mjs'
import { ensureSystemPackages } from './test/system-packages.mjs'

const say = (text) => process.stdout.write(`${text}\n`)
const total = { passed: 0, failed: [], skipped: [] }

try {
  const chosen = chooseSteps(process.argv.slice(2))
  const runs = new Set(chosen.map(({ name }) => name))
  await ensureInstalled(root, 'dependencies')
  if (runs.has('unit') || runs.has('integration') || runs.has('e2e')) await ensureSystemPackages(say)
  if (runs.has('e2e')) await ensureInstalled(join(root, 'tests', 'clients'), 'coding clients for the end-to-end tests')
  for (const step of chosen) await runStep(step)
} catch (error) {
  total.failed.push('the tests could not be prepared')
  say(error.message)
}

const list = (title, names) => (names.length === 0 ? '' : `\n${title}:\n${names.map((name) => `  ${name}`).join('\n')}`)
say(
  list(
    'Skipped',
    total.skipped.map(({ name, reason }) => `${name}: ${reason}`),
  ) + list('Failed', total.failed),
)
say(`${total.passed} passed, ${total.failed.length} failed, ${total.skipped.length} skipped`)
process.exitCode = total.failed.length === 0 ? 0 : 1

async function runStep({ title, run }) {
  const started = performance.now()
  const { passed, failed, skipped, output } = await run()
  total.passed += passed
  total.failed.push(...failed)
  total.skipped.push(...skipped)
  if (output !== '') say(`\n${output.trimEnd()}\n`)
  const isOne = passed + failed.length + skipped.length === 1
  const counts = isOne ? '' : `: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`
  say(
    `${failed.length === 0 ? 'ok    ' : 'FAILED'} ${title}${counts} (${((performance.now() - started) / 1_000).toFixed(1)} s)`,
  )
}

function chooseSteps(args) {
  const only = args
    .find((argument) => argument.startsWith('--only='))
    ?.slice('--only='.length)
    .split(',')
  const names = steps.map(({ name }) => name)
  const unknown = [
    ...args.filter((argument) => !argument.startsWith('--only=')),
    ...(only ?? []).filter((name) => !names.includes(name)),
  ]
  if (unknown.length > 0)
    throw new Error(`Unknown: ${unknown.join(', ')}. Use --only= with a comma list of ${names.join(', ')}.`)
  return only === undefined ? steps : steps.filter(({ name }) => only.includes(name))
}
