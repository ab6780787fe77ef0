// node scripts/run.mjs FILE.ts [arguments]: runs a TypeScript file on the project's Node, installing what is missing.
// node scripts/run.mjs format [paths]: formats the sources.
import { ensureInstalled } from './lib/install.mjs'
import { projectNode, root, toolScript } from './lib/project.mjs'
import { inForeground } from './lib/run.mjs'

const [name = '', ...rest] = process.argv.slice(2)
try {
  await ensureInstalled(root, 'dependencies')
  const file = name === 'format' ? toolScript('oxfmt/bin/oxfmt') : name
  process.exitCode = await inForeground(projectNode(), [file, ...rest], { cwd: name === 'format' ? root : undefined })
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
