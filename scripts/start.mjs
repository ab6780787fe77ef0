// npm start [-- --headless] [--demo] [--source] [further arguments for server/headless.ts]
import { join } from 'node:path'
import { bundledProgram, ensureBundle } from './lib/bundle.mjs'
import { findDesktop } from './lib/desktop.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { projectNode, root } from './lib/project.mjs'
import { inForeground } from './lib/run.mjs'

const own = new Set(['--headless', '--demo', '--source'])
const asked = new Set(process.argv.slice(2).filter((argument) => own.has(argument)))
const passedOn = process.argv.slice(2).filter((argument) => !own.has(argument))

try {
  await ensureInstalled(root, 'dependencies')
  process.exitCode = await start()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

async function start() {
  if (!asked.has('--headless')) {
    const desktop = findDesktop()
    if (desktop.binary !== undefined) return inForeground(desktop.binary, [root, ...passedOn])
    process.stderr.write(`${desktop.reason} Starting headless instead.\n`)
  }
  const program = await headlessProgram()
  const args = asked.has('--demo')
    ? [join(root, 'scripts', 'demo.ts'), `--program=${program}`, ...passedOn]
    : [program, ...passedOn]
  return inForeground(projectNode(), args)
}

/** The bundle where it can be built, else the sources, which start slower and do the same. */
async function headlessProgram() {
  const source = join(root, 'server', 'headless.ts')
  if (asked.has('--source')) return source
  try {
    await ensureBundle()
    return bundledProgram
  } catch (error) {
    process.stderr.write(`Starting from source, because the bundle could not be built: ${error.message}\n`)
    return source
  }
}
