import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Replaces the file's content, for this user only. After a kill or a power cut at any moment the file holds either the
 * old content or the new, and the new once the promise has resolved. Only one write of a path at a time.
 */
export async function writeFileDurably(path: string, content: string): Promise<void> {
  // A fixed name: a kill leaves at most this one behind, and the next write takes it over.
  const temporary = `${path}.new`
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await replace(temporary, path)
  await syncDirectory(dirname(path))
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
