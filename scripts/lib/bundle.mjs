import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './project.mjs'

/** The program as one file, which starts three times as fast as from source (docs/decisions/2026-11-20-start-up.md). */
export const bundledProgram = join(root, 'dist', 'headless.cjs')

/** Packages with binaries of their own, which they look for beside their files. */
const external = ['better-sqlite3', 'keytar', '@napi-rs/*']

const commonJs = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: { js: `const bundleUrl = require('node:url').pathToFileURL(__filename).href` },
  define: {
    'import.meta.url': 'bundleUrl',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
  },
  // `import()` becomes `require()`, which does without Node's slower loader for modules.
  supported: { 'dynamic-import': false },
}

/**
 * The entry switches the compile cache on before it loads the rest; the rest must therefore be files of their own.
 */
const loadedByEntry = ['serve', 'lint-command']
const keepApart = {
  name: 'keep-apart',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^\\./(?:${loadedByEntry.join('|')})\\.ts$`) }, ({ path }) => ({
      path: path.replace(/\.ts$/u, '.cjs'),
      external: true,
    }))
  },
}

/** Builds the bundle when a source or the lock file changed since the last time. Throws when it can't be built. */
export async function ensureBundle() {
  const stamp = join(root, 'dist', '.built-from')
  const wanted = fingerprint()
  if (existsSync(bundledProgram) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const { build } = await import('esbuild')
  const common = { bundle: true, platform: 'node', target: 'node22', logLevel: 'silent', absWorkingDir: root, external }
  const outdir = join(root, 'dist')
  await Promise.all([
    build({ ...common, ...commonJs, entryPoints: ['server/headless.ts'], outdir, plugins: [keepApart] }),
    build({ ...common, ...commonJs, entryPoints: loadedByEntry.map((name) => `server/${name}.ts`), outdir }),
    build({
      ...common,
      entryPoints: ['server/tokens/tokenizer-worker.ts'],
      outdir,
      outExtension: { '.js': '.mjs' },
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
