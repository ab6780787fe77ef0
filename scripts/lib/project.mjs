// What every script needs to know of the project. Plain JavaScript without dependencies, because it runs on the
// system's own Node (20 or newer) before anything is installed.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The first Node that runs TypeScript sources without a flag. */
const oldestUsable = [22, 18]

/**
 * The Node that runs the program: the pinned one, or the one running now where that is new enough.
 * Throws a sentence for the person when there is neither.
 */
export function projectNode() {
  const names = process.platform === 'win32' ? ['bin/node.exe', 'node.exe'] : ['bin/node']
  for (const name of names) {
    const path = join(root, 'node_modules', 'node', name)
    if (existsSync(path)) return path
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestUsable
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return process.execPath
  throw new Error(
    `Culvert runs on Node ${oldestUsable.join('.')} or newer; this is ${process.versions.node}, and the pinned Node is ` +
      'not in node_modules. Remove the folder node_modules and start again, or install a newer Node from https://nodejs.org.',
  )
}

/** The path of an installed command-line tool's script, to be run with `projectNode()`. */
export function toolScript(path) {
  return join(root, 'node_modules', ...path.split('/'))
}
