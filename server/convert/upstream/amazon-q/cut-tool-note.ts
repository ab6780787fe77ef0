import type { CompletionRequest } from '../../../canonical/request.ts'

const NOTE_HEAD = 'The call of the tool "'
const NOTE_MIDDLE = '" was cut off by the service after '
const NOTE_TAIL =
  ' characters of its input. It was not run. Make the call again with less input, split into several smaller calls.]'

/**
 * The text that stands in the place of a tool call whose input never became whole. A half call must never reach a
 * client; the model reads this on the next turn.
 */
export function cutToolNote(toolName: string, characters: number): string {
  return `[${NOTE_HEAD}${toolName}${NOTE_MIDDLE}${characters}${NOTE_TAIL}`
}

/** How far back notes count: a call that was cut an hour ago says nothing about a loop now. */
const RECENT_MESSAGES = 12

/** How many of the latest messages hold such a note: the sign of a model that goes on trying the same call. */
export function countCutToolNotes(request: CompletionRequest): number {
  let count = 0
  for (const message of request.messages.slice(-RECENT_MESSAGES)) {
    if (message.role !== 'assistant') continue
    const hasNote = message.content.some(
      (block) => block.type === 'text' && block.text.includes(NOTE_MIDDLE) && block.text.includes(NOTE_TAIL),
    )
    if (hasNote) count += 1
  }
  return count
}
