import { shortHash } from './short-hash.ts'

const VALID_ID = /^[a-zA-Z0-9_-]{1,64}$/u
const MAX_LENGTH = 64

/** Whether an upstream that follows AWS's form takes the id as it is (amazon-q.md §2.4). */
export function isValidToolUseId(id: string): boolean {
  return VALID_ID.test(id)
}

/**
 * An id of 1 to 64 letters, digits, `_` and `-` for any id, the same one every time: a valid id is kept, another one
 * gets its forbidden characters replaced and a hash of the original appended, so that different ids stay different.
 * `repeat` above 0 marks the later uses of an id that a conversation holds more than once.
 */
export function toolUseIdOf(original: string, repeat: number): string {
  if (repeat === 0 && isValidToolUseId(original)) return original
  const mark = shortHash(repeat === 0 ? original : `${original}\u0000${repeat}`)
  const readable = original.replaceAll(/[^a-zA-Z0-9_-]/gu, '_').slice(0, MAX_LENGTH - mark.length - 1)
  return readable === '' ? `call_${mark}` : `${readable}_${mark}`
}
