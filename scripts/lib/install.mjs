import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { collect } from './run.mjs'

/**
 * Installs what a folder's lock file names, unless that was done already. A stamp in node_modules says for which lock
 * file; times of files would lie after a checkout. Quiet but for one line. Throws a sentence for the person when npm fails.
 */
export async function ensureInstalled(folder, what) {
  const lock = readFileSync(join(folder, 'package-lock.json'))
  const wanted = createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex')
  const stamp = join(folder, 'node_modules', '.culvert-installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write(`Installing ${what} …\n`)
  const { code, output } = await npm(['ci', '--loglevel=error', '--no-audit', '--no-fund'], folder)
  if (code !== 0) throw new Error(installFailure(what, folder, output))
  writeFileSync(stamp, wanted)
}

/** Runs the npm that runs this script, or the one on the path. */
function npm(args, folder) {
  const running = process.env.npm_execpath
  if (running !== undefined && basename(running) === 'npm-cli.js') {
    return collect(process.execPath, [running, ...args], { cwd: folder })
  }
  // On Windows npm is a batch file, which only a shell can run.
  return collect('npm', args, { cwd: folder, shell: process.platform === 'win32' })
}

function installFailure(what, folder, output) {
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH/u.test(output)
  const advice = offline
    ? 'The npm registry can not be reached. Check the network (or the proxy settings: npm config get proxy), then try again.'
    : `npm's own words are above. To try by hand: cd ${folder} && npm ci`
  return `${output.trim()}\n\nInstalling ${what} failed. ${advice}`
}
