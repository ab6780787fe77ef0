import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './project.mjs'

/** The program as one file, which starts three times as fast as from source (docs/decisions/2026-11-20-start-up.md). */
export const bundledProgram = join(root, 'dist', 'headless.cjs')

/** Packages with binaries of their own, which they look for beside their files. */
const external = ['better-sqlite3', 'keytar', '@napi-rs/*']

/** Builds the bundle when a source or the lock file changed since the last time. Throws when it can't be built. */
export async function ensureBundle() {
  const stamp = join(root, 'dist', '.built-from')
  const wanted = fingerprint()
  if (existsSync(bundledProgram) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const { build } = await import('esbuild')
  const common = { bundle: true, platform: 'node', target: 'node22', external, logLevel: 'silent', absWorkingDir: root }
  await Promise.all([
    build({
      ...common,
      entryPoints: ['server/headless.ts'],
      outfile: bundledProgram,
      format: 'cjs',
      banner: { js: `const bundleUrl = require('node:url').pathToFileURL(__filename).href` },
      define: {
        'import.meta.url': 'bundleUrl',
        'import.meta.dirname': '__dirname',
        'import.meta.filename': '__filename',
      },
    }),
    build({
      ...common,
      entryPoints: ['server/tokens/tokenizer-worker.ts'],
      outfile: join(root, 'dist', 'tokenizer-worker.mjs'),
      format: 'esm',
    }),
  ])
  mkdirSync(join(root, 'dist'), { recursive: true })
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
