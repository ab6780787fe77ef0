import module from 'node:module'
import { join } from 'node:path'

/**
 * The entry under plain Node. It loads nothing but this before V8's compile cache is on: the cache is what makes the
 * program listen in a quarter of the time (docs/decisions/2026-11-20-start-up.md).
 */
async function start(): Promise<void> {
  module.enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'culvert'))
  const [command, ...rest] = process.argv.slice(2)
  if (command === 'lint') {
    const { lintCommand } = await import('./lint-command.ts')
    process.exitCode = await lintCommand(rest)
    return
  }
  const { serve } = await import('./serve.ts')
  await serve(process.argv.slice(2))
}

void start()
