// Mends the lock files, the project's and that of tests/clients, where npm writes them incompletely. Run it after each
// change of dependencies.
// - Optional platform packages that the registry in use did not have: without their entries `npm ci` refuses the file.
// - `gypfile: false`, by which a package with prebuilt binaries says that it must not be compiled: `npm ci` reads it
//   from the lock file only, and would ask every user for Python and a compiler.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
for (const folder of ['', 'tests/clients/']) mend(folder)

function mend(folder) {
  const path = `${root}${folder}package-lock.json`
  const lock = JSON.parse(readFileSync(path, 'utf8'))
  const mended = [...completePlatforms(lock.packages), ...markPrebuilt(folder, lock.packages)]
  lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')))
  if (mended.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  const file = `${folder}package-lock.json`
  console.log(mended.length === 0 ? `${file} was complete.` : `Added to ${file}:\n${mended.join('\n')}`)
}

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
function markPrebuilt(folder, packages) {
  const marked = []
  for (const [place, entry] of Object.entries(packages)) {
    const manifest = `${root}${folder}${place}/package.json`
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
    /(android|darwin|freebsd|linux|openharmony|win32|windows)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-baseline)?(?:-(\w+))?$/.exec(
      name,
    )
  if (match === null) return undefined
  const [, system, cpu, abi] = match
  const os = system === 'windows' ? 'win32' : system
  const libc =
    os !== 'linux' ? undefined : abi?.startsWith('gnu') ? 'glibc' : abi?.startsWith('musl') ? 'musl' : undefined
  return { cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }), os: [os] }
}
