import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { collect } from '../lib/run.mjs'

/** What tests use of the system: Debian's package, and the programs that show that it is there. */
const needed = [
  { name: 'chromium', programs: ['chromium', 'chromium-browser', 'google-chrome'] },
  { name: 'gnome-keyring', programs: ['gnome-keyring-daemon'] },
  { name: 'dbus', programs: ['dbus-daemon'] },
  { name: 'libsecret-1-0', programs: [] },
]

/**
 * Installs what is missing, on Debian as root; elsewhere names it. Never fails: tests that lack something skip
 * themselves and say why.
 */
export async function ensureSystemPackages(say) {
  if (process.platform !== 'linux') return
  const isDebian = existsSync('/etc/debian_version')
  const missing = isDebian
    ? await missingPackages()
    : needed.filter(({ programs }) => programs.length > 0 && !onPath(programs)).map(({ name }) => name)
  if (missing.length === 0) return
  const names = missing.join(' ')
  if (!isDebian || process.getuid() !== 0) {
    const how = isDebian ? `sudo apt-get install ${names}` : `Debian's names: ${names}`
    say(`Missing system packages, whose tests will be skipped: ${names} (${how})`)
    return
  }
  say(`Installing system packages ${names} …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await collect('apt-get', ['update', '-q'], { env, timeout: 300_000 })
  const { code, output } = await collect('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing], {
    env,
    timeout: 600_000,
  })
  if (code !== 0) say(`${output.trim()}\nThe system packages could not be installed; their tests will be skipped.`)
}

async function missingPackages() {
  const missing = []
  for (const { name } of needed) {
    const { code, output } = await collect('dpkg-query', ['-W', '-f=${Status}', name])
    if (code !== 0 || !output.includes('install ok installed')) missing.push(name)
  }
  return missing
}

function onPath(programs) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return programs.some((program) => folders.some((folder) => existsSync(join(folder, program))))
}
