// Mends package-lock.json where npm writes it incompletely. Run it after each change of dependencies.
// - Optional platform packages that the registry in use did not have: without their entries `npm ci` refuses the file.
// - `gypfile: false`, by which a package with prebuilt binaries says that it must not be compiled: `npm ci` reads it
//   from the lock file only, and would ask every user for Python and a compiler.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const path = `${root}package-lock.json`
const lock = JSON.parse(readFileSync(path, 'utf8'))
const mended = [...completePlatforms(lock.packages), ...markPrebuilt(lock.packages)]
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')))
if (mended.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(mended.length === 0 ? 'The lock file was complete.' : `Added to the lock file:\n${mended.join('\n')}`)

/** Adds what is missing to `packages` (the lock file's own map) and returns the names added. */
function completePlatforms(packages) {
  const added = []
  for (const [owner, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const place = `node_modules/${name}`
      if (packages[place] !== undefined || packages[`${owner}/${place}`] !== undefined) continue
      const platform = platformOf(name)
      if (platform === undefined) continue
      packages[place] = { version, ...platform, ...(entry.dev === true ? { dev: true } : {}), optional: true }
      added.push(`${name}@${version}`)
    }
  }
  return added
}

/** Copies `gypfile: false` from the installed packages' manifests and returns the places marked. */
function markPrebuilt(packages) {
  const marked = []
  for (const [place, entry] of Object.entries(packages)) {
    const manifest = `${root}${place}/package.json`
    if (place === '' || entry.gypfile === false || !existsSync(manifest)) continue
    if (JSON.parse(readFileSync(manifest, 'utf8')).gypfile !== false) continue
    entry.gypfile = false
    marked.push(place)
  }
  return marked
}

/** `os`, `cpu` and `libc` by the naming habit of native packages; undefined when the name is of no such form. */
function platformOf(name) {
  const match =
    /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-(\w+))?$/.exec(name)
  if (match === null) return undefined
  const [, os, cpu, abi] = match
  const libc =
    os !== 'linux' ? undefined : abi?.startsWith('gnu') ? 'glibc' : abi?.startsWith('musl') ? 'musl' : undefined
  return { cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }), os: [os] }
}
