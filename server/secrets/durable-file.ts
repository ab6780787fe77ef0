import { rmSync, writeFileSync } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Replaces the file's content, for this user only. After a kill or a power cut at any moment the file holds either the
 * old content or the new, and the new once the promise has resolved. Only one write of a path at a time.
 */
export async function writeFileDurably(path: string, content: string): Promise<void> {
  stageWrite(path, content)
  await commitWrite(path)
}

/**
 * The first half of a durable write, done when it returns: from here on a kill of the process loses nothing, because the
 * next start finishes the write (`finishInterruptedWrite`). Writing without waiting is the point: what is being saved may
 * be a token that exists nowhere else.
 */
export function stageWrite(path: string, content: string): void {
  const staged = stagedPath(path)
  rmSync(staged, { force: true })
  writeFileSync(staged, content, { flag: 'wx', mode: 0o600 })
}

/** The second half: when it resolves, the new content survives a power cut too. */
export async function commitWrite(path: string): Promise<void> {
  const staged = stagedPath(path)
  const file = await open(staged, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await replace(staged, path)
  await syncDirectory(dirname(path))
}

/**
 * Finishes a write that a kill interrupted after `stageWrite`, if what it left is whole; else throws it away. To be
 * called before the file is read.
 */
export async function finishInterruptedWrite(path: string, isWhole: (content: string) => boolean): Promise<void> {
  const staged = stagedPath(path)
  let content: string
  try {
    content = await readFile(staged, 'utf8')
  } catch {
    return
  }
  if (isWhole(content)) await commitWrite(path)
  else await rm(staged, { force: true })
}

/** A fixed name: a kill leaves at most this one behind, and the next write takes it over. */
function stagedPath(path: string): string {
  return `${path}.new`
}

/** Windows refuses to replace a file while a virus scanner looks at it, which takes a moment. */
async function replace(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to)
      return
    } catch (error) {
      if (process.platform !== 'win32' || attempt === 10) throw error
      await delay(attempt * 10)
    }
  }
}

/** Makes the renaming itself survive a power cut. Windows has no such call and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
