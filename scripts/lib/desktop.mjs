import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './project.mjs'

/**
 * Electron's binary, as `{ binary }`, or `{ reason }`: the sentence that says why the desktop app can't be started here.
 */
export function findDesktop(environment = process.env, platform = process.platform) {
  if (!existsSync(join(root, 'main', 'index.ts'))) return { reason: 'This version has no desktop app yet.' }
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  const binary = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8').trim()) : undefined
  if (binary === undefined || !existsSync(binary)) return { reason: "Electron's binary is not installed." }
  const hasDisplay = platform !== 'linux' || environment.DISPLAY || environment.WAYLAND_DISPLAY
  return hasDisplay ? { binary } : { reason: 'There is no display.' }
}
