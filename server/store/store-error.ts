import { StoreError } from './types.ts'

/**
 * Runs `work` and turns whatever it throws into a `StoreError` that says what failed and what to do about it.
 *
 * @param action what was being done, to complete the sentence "Culvert could not …"
 */
export async function attempt<Result>(action: string, work: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw storeError(action, error)
  }
}

/** The driver's error in words for a person. A `StoreError` passes unchanged. */
export function storeError(action: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = errorCode(error)
  const detail = error instanceof Error ? error.message : String(error)
  return new StoreError(`Culvert could not ${action}. ${advice(code, detail)}`, { cause: error })
}

/** Whether the error says that the file's content is broken, not merely that it can't be used now. */
export function isDamage(error: unknown): boolean {
  const code = errorCode(error)
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}

function advice(code: string, detail: string): string {
  for (const [prefix, sentence] of sentences) {
    if (code.startsWith(prefix)) return sentence
  }
  return `The database said: ${detail}.`
}

const sentences: readonly (readonly [string, string])[] = [
  [
    'SQLITE_BUSY',
    'Another program holds the database. Close it (a second Culvert, a backup tool, a database browser), then try again.',
  ],
  [
    'SQLITE_LOCKED',
    'Another program holds the database. Close it (a second Culvert, a backup tool, a database browser), then try again.',
  ],
  ['SQLITE_FULL', 'The disk is full. Free some space, then try again.'],
  ['SQLITE_READONLY', 'The database or its directory is write-protected. Make both writable for this user.'],
  ['SQLITE_CANTOPEN', "The file can't be opened. Check that its directory exists and is writable for this user."],
  ['SQLITE_IOERR', 'The disk reported an error on reading or writing. Check the disk and its free space.'],
  ['SQLITE_CORRUPT', 'The database is damaged. Stop Culvert and start it again; it will name the newest backup.'],
  ['SQLITE_NOTADB', 'The database is damaged. Stop Culvert and start it again; it will name the newest backup.'],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', 'An entry with the same id is already there.'],
  ['SQLITE_CONSTRAINT_UNIQUE', 'An entry with the same value is already there.'],
]

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
