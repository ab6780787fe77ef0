import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject } from '../../canonical/json.ts'
import type { JsonObject } from '../../canonical/json.ts'

const MAX_FILE_BYTES = 262_144
const MAX_FILES = 500

/** The JSON object in a file, or undefined when there is none that can be read. */
export async function readJsonFile(path: string): Promise<JsonObject | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      return size > MAX_FILE_BYTES ? undefined : parseJsonObject(await file.readFile('utf8'))
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

export function parseJsonObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The JSON files of a directory; none when it is not there. */
export async function listJsonFiles(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory)
    return names
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .slice(0, MAX_FILES)
      .map((name) => join(directory, name))
  } catch {
    return []
  }
}

/** The first of the members that is a text and not empty. Programs spell the same member in camelCase and snake_case. */
export function textMember(value: JsonObject | undefined, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const member = value?.[name]
    if (typeof member === 'string' && member !== '') return member
  }
  return undefined
}

/** The first of the members that is a date (ISO 8601, or epoch seconds), as epoch milliseconds. */
export function timeMember(value: JsonObject | undefined, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const member = value?.[name]
    const time =
      typeof member === 'number' ? member * 1_000 : typeof member === 'string' ? Date.parse(member) : Number.NaN
    if (!Number.isNaN(time)) return time
  }
  return undefined
}
