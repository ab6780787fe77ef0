import type { ContentBlock, Message } from '../../canonical/request.ts'
import type { RepairLog } from '../lint/repair-log.ts'

/** A block together with the index of the client's message that it came from, so that repairs can name the place. */
export interface TurnBlock {
  readonly block: ContentBlock
  readonly from: number
}

/** One turn of a conversation in which user and assistant alternate strictly. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly blocks: TurnBlock[]
}

/** The path of a message in the client's request. */
export function messagePath(index: number): string {
  return `messages.${index}`
}

/**
 * Turns the client's messages into alternating turns: empty blocks are left out, system messages are folded into the
 * user turn where they stand, neighbours of the same role are merged. The result may begin or end with either role and
 * may be empty.
 */
export function toTurns(messages: readonly Message[], log: RepairLog): Turn[] {
  const turns: Turn[] = []
  let lastRole: Message['role'] | undefined
  for (const [index, message] of messages.entries()) {
    const blocks = usableBlocks(message, index, log)
    if (blocks.length === 0) continue
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const open = turns.at(-1)
    if (open?.role === role) {
      // Folding a system message is how this kind of upstream hears it at all; only real neighbours are a repair.
      if (message.role === lastRole && lastRole !== 'system') log.add('alternation', messagePath(index))
      open.blocks.push(...blocks)
    } else {
      turns.push({ role, blocks })
    }
    lastRole = message.role
  }
  return turns
}

function usableBlocks(message: Message, index: number, log: RepairLog): TurnBlock[] {
  const blocks: TurnBlock[] = []
  if (message.content.length === 0) log.add('empty-content', messagePath(index))
  for (const [position, block] of message.content.entries()) {
    if (block.type === 'text') {
      if (isBlank(block.text)) {
        const rule = block.text === '' ? 'empty-content' : 'whitespace-content'
        log.add(rule, `${messagePath(index)}.content.${position}`)
        continue
      }
      if (message.role === 'system') {
        blocks.push({ block: { ...block, text: asReminder(block.text) }, from: index })
        continue
      }
    }
    blocks.push({ block, from: index })
  }
  return blocks
}

// The tag is what Claude Code itself uses for such notes in user messages (clients.md §1.3), so models know it.
const REMINDER_OPEN = '<system-reminder>'
const REMINDER_CLOSE = '</system-reminder>'

/** A text of the system inside a user turn, marked so that the model does not take it for the person's words. */
export function asReminder(text: string): string {
  return text.startsWith(REMINDER_OPEN) ? text : `${REMINDER_OPEN}\n${text}\n${REMINDER_CLOSE}`
}

/** Whether a text has nothing but white space; stops at the first other character. */
export function isBlank(text: string): boolean {
  return !/\S/u.test(text)
}
