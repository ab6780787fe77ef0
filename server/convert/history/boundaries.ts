import type { RepairLog } from '../lint/repair-log.ts'
import { messagePath, type Turn } from './turns.ts'

const BEGINS_WITH_ASSISTANT = '(This conversation begins with a message of the assistant.)'
const CONTINUE_ANSWER =
  'Continue your previous message exactly where it ends. Do not repeat any of it and do not comment on this request.'
const EMPTY_MESSAGE = '(This message was empty.)'

/**
 * Makes the turns begin with a user turn. Changes `turns` in place; `turns` must alternate.
 */
export function startWithUser(turns: Turn[], log: RepairLog): void {
  const first = turns[0]
  if (first?.role !== 'assistant') return
  const from = first.blocks[0]?.from ?? 0
  log.add('first-message-user', messagePath(from))
  turns.unshift(userTurn(BEGINS_WITH_ASSISTANT, from))
}

/**
 * Makes the turns end with a user turn, the one to be answered. A trailing assistant turn (a prefilled answer) stays,
 * and a request to continue it follows. Changes `turns` in place; call it after `pairToolCalls`, which answers trailing
 * tool calls itself.
 */
export function endWithUser(turns: Turn[], log: RepairLog): void {
  const last = turns.at(-1)
  if (last === undefined) {
    // The caller refuses a request without messages; here every message was empty.
    turns.push(userTurn(EMPTY_MESSAGE, 0))
    return
  }
  if (last.role === 'user') return
  const from = last.blocks.at(-1)?.from ?? 0
  log.add('trailing-assistant', messagePath(from))
  turns.push(userTurn(CONTINUE_ANSWER, from))
}

function userTurn(text: string, from: number): Turn {
  return { role: 'user', blocks: [{ block: { type: 'text', text }, from }] }
}
