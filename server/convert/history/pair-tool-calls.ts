import type { ToolResultBlock, ToolUseBlock } from '../../canonical/request.ts'
import type { RepairLog } from '../lint/repair-log.ts'
import { isBlank, messagePath, type Turn, type TurnBlock } from './turns.ts'
import { matchToolCalls, type MatchedToolCalls, type ToolCall } from './match-tool-calls.ts'

const NOT_FINISHED = 'The tool call was not finished: it was cancelled or its result was lost.'
const SHOWN_EARLIER = '(A tool result that arrived here is shown with its call.)'

/**
 * Makes every tool call be answered, once, in the next user turn and in the order of the calls, and every tool result
 * answer a call (amazon-q.md §2.5 rules 2 to 4). Ids are brought into the upstream's form, calls and results alike.
 * Changes the list of turns in place; the turns must alternate and begin with a user turn.
 */
export function pairToolCalls(turns: Turn[], log: RepairLog): void {
  const matched = matchToolCalls(turns, log)
  if (matched === undefined) return
  for (let index = 0; index < turns.length; index += 1) {
    const turn = turns[index]
    if (turn === undefined) continue
    if (turn.role === 'user') {
      settleUserTurn(turns, index, matched, log)
      continue
    }
    const calls = matched.callsOf.get(turn)
    if (calls === undefined) continue
    renameCalls(turn, calls)
    // The next turn holds the results; after the last message there is none yet.
    if (turns[index + 1] === undefined) turns.push({ role: 'user', blocks: [] })
  }
}

function renameCalls(turn: Turn, calls: readonly ToolCall[]): void {
  let next = 0
  for (const [position, { block, from }] of turn.blocks.entries()) {
    if (block.type !== 'tool-use') continue
    const call = calls[next]
    next += 1
    if (call !== undefined && call.id !== block.id) turn.blocks[position] = { block: withId(block, call.id), from }
  }
}

/** Replaces the results of a user turn by exactly those that the calls before it need, in their order. */
function settleUserTurn(turns: Turn[], index: number, matched: MatchedToolCalls, log: RepairLog): void {
  const turn = turns[index]
  if (turn === undefined) return
  const before = turns[index - 1]
  const calls = (before === undefined ? undefined : matched.callsOf.get(before)) ?? []
  const settled: TurnBlock[] = []
  for (const call of calls) settled.push(answerOf(call, turn, log))
  let order = -1
  let inOrder = true
  for (const item of turn.blocks) {
    if (item.block.type !== 'tool-result') {
      settled.push(item)
      continue
    }
    const fate = matched.fateOf.get(item)
    if (fate === undefined) settled.push({ block: asText(item.block), from: item.from })
    if (fate === undefined || fate === 'duplicate') continue
    if (fate.turn !== before) continue
    if (fate.position < order) inOrder = false
    order = Math.max(order, fate.position)
  }
  if (!inOrder) log.add('tool-result-order', messagePath(turn.blocks[0]?.from ?? 0))
  if (settled.length === 0) {
    settled.push({ block: { type: 'text', text: SHOWN_EARLIER }, from: turn.blocks[0]?.from ?? 0 })
  }
  turns[index] = { role: 'user', blocks: settled }
}

function answerOf(call: ToolCall, turn: Turn, log: RepairLog): TurnBlock {
  if (call.result === undefined) {
    log.add('tool-result-missing', messagePath(call.from))
    const block: ToolResultBlock = {
      type: 'tool-result',
      toolUseId: call.id,
      content: [{ type: 'text', text: NOT_FINISHED }],
      isError: true,
    }
    return { block, from: call.from }
  }
  const { block, from } = call.result
  if (call.answeredIn !== turn) log.add('tool-result-moved', messagePath(from))
  return { block: block.toolUseId === call.id ? block : { ...block, toolUseId: call.id }, from }
}

function withId(block: ToolUseBlock, id: string): ToolUseBlock {
  return { ...block, id }
}

/** What a result without a call says, as text. Its pictures and documents are only named. */
function asText(block: ToolResultBlock): { readonly type: 'text'; readonly text: string } {
  const parts = block.content.map((item) => {
    if (item.type === 'text') return item.text
    return item.type === 'image' ? '(an image)' : '(a document)'
  })
  const text = parts.join('\n')
  const head = block.isError ? '(Error of a tool call' : '(Result of a tool call'
  return {
    type: 'text',
    text: `${head} that is no longer part of this conversation)\n${isBlank(text) ? '(empty)' : text}`,
  }
}
