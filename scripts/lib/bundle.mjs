import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './project.mjs'

const folder = join(root, 'dist')

/** The program in few files, which starts in half the time (docs/decisions/2026-11-20-start-up.md). */
export const bundledProgram = join(folder, 'headless.mjs')

/** Packages with binaries of their own, which they look for beside their files. */
const external = ['better-sqlite3', 'keytar', '@napi-rs/*']

/** Packages written for CommonJS call `require` for Node's modules. */
const banner = `import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);`

/** Files of an older build are kept for a day, because a program that still runs may load parts of it late. */
const keepMs = 86_400_000

/** Builds the bundle when a source or the lock file changed since the last time. Throws when it can't be built. */
export async function ensureBundle() {
  const stamp = join(folder, '.built-from')
  const wanted = fingerprint()
  if (existsSync(bundledProgram) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const { build } = await import('esbuild')
  await build({
    absWorkingDir: root,
    entryPoints: ['server/headless.ts', 'server/tokens/tokenizer-worker.ts'],
    entryNames: '[name]',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported late stays apart, so that a start reads and compiles only what it needs.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // An `import()` of a CommonJS package would lose its named exports; most packages have both forms.
    mainFields: ['module', 'main'],
    external,
    banner: { js: banner },
    logLevel: 'silent',
  })
  removeOld()
  writeFileSync(stamp, wanted)
}

/** Names, sizes and times of all sources: cheap, and any edit or checkout changes it. */
function fingerprint() {
  const parts = [describe('package-lock.json')]
  for (const entry of readdirSync(join(root, 'server'), { recursive: true })) {
    const path = join('server', String(entry))
    if (path.endsWith('.ts') && !path.endsWith('.test.ts')) parts.push(describe(path))
  }
  return parts.join('\n')
}

function describe(path) {
  const { size, mtimeMs } = statSync(join(root, path))
  return `${path} ${size} ${mtimeMs}`
}

function removeOld() {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (Date.now() - statSync(path).mtimeMs > keepMs) rmSync(path, { recursive: true })
  }
}
