import type { ToolResultBlock } from '../../canonical/request.ts'
import type { RepairLog } from '../lint/repair-log.ts'
import { isValidToolUseId, toolUseIdOf } from './tool-use-ids.ts'
import { messagePath, type Turn, type TurnBlock } from './turns.ts'

/** One tool call of the history, with the id that the upstream sees and the result that answers it. */
export interface ToolCall {
  readonly id: string
  /** Index of the client's message that holds the call. */
  readonly from: number
  /** The assistant turn that holds the call, and its place among the calls of that turn. */
  readonly turn: Turn
  readonly position: number
  result: ResultItem | undefined
  /** The user turn in which the result arrived. */
  answeredIn: Turn | undefined
}

type ResultItem = TurnBlock & { readonly block: ToolResultBlock }

export interface MatchedToolCalls {
  /** The calls of each assistant turn that has any, in order. */
  readonly callsOf: ReadonlyMap<Turn, readonly ToolCall[]>
  /** Which call a result answers, or that its call has an answer already. Absent: no such call. */
  readonly fateOf: ReadonlyMap<TurnBlock, ToolCall | 'duplicate'>
}

// Keeps a hostile history of one id a hundred thousand times from costing quadratic time.
const SAME_ID_LIMIT = 32

/**
 * Finds for every tool result the call that it answers: of the calls with its id the open ones of the latest turn first,
 * in their order. `undefined`: the conversation has neither calls nor results.
 */
export function matchToolCalls(turns: readonly Turn[], log: RepairLog): MatchedToolCalls | undefined {
  const callsOf = new Map<Turn, ToolCall[]>()
  const fateOf = new Map<TurnBlock, ToolCall | 'duplicate'>()
  const byOriginalId = new Map<string, ToolCall[]>()
  const takenIds = new Set<string>()
  let orphans = 0
  for (const turn of turns) {
    for (const item of turn.blocks) {
      if (turn.role === 'assistant' && item.block.type === 'tool-use') {
        const calls = callsOf.get(turn) ?? []
        const id = newId(item, byOriginalId.get(item.block.id), takenIds, log)
        const call: ToolCall = {
          id,
          from: item.from,
          turn,
          position: calls.length,
          result: undefined,
          answeredIn: undefined,
        }
        calls.push(call)
        callsOf.set(turn, calls)
        byOriginalId.set(item.block.id, [...(byOriginalId.get(item.block.id) ?? []).slice(-SAME_ID_LIMIT), call])
      } else if (turn.role === 'user' && isResult(item)) {
        const calls = byOriginalId.get(item.block.toolUseId)
        const call = calls === undefined ? undefined : openCall(calls)
        if (call !== undefined) {
          call.result = item
          call.answeredIn = turn
          fateOf.set(item, call)
        } else if (calls === undefined) {
          orphans += 1
          log.add('tool-result-orphan', messagePath(item.from))
        } else {
          fateOf.set(item, 'duplicate')
          log.add('tool-result-duplicate', messagePath(item.from))
        }
      }
    }
  }
  return callsOf.size === 0 && fateOf.size === 0 && orphans === 0 ? undefined : { callsOf, fateOf }
}

function isResult(item: TurnBlock): item is ResultItem {
  return item.block.type === 'tool-result'
}

function newId(item: TurnBlock, same: readonly ToolCall[] | undefined, takenIds: Set<string>, log: RepairLog): string {
  const original = item.block.type === 'tool-use' ? item.block.id : ''
  if (!isValidToolUseId(original)) log.add('tool-use-id-form', messagePath(item.from))
  if (same !== undefined) log.add('tool-use-id-duplicate', messagePath(item.from))
  let repeat = same === undefined ? 0 : takenIds.size
  let id = toolUseIdOf(original, repeat)
  while (takenIds.has(id)) {
    repeat += 1
    id = toolUseIdOf(original, repeat)
  }
  takenIds.add(id)
  return id
}

/** Of calls with the same id, which one an arriving result answers. Several in one turn are answered in order. */
function openCall(calls: readonly ToolCall[]): ToolCall | undefined {
  let found: ToolCall | undefined
  for (let index = calls.length - 1; index >= 0; index -= 1) {
    const call = calls[index]
    if (call === undefined || call.result !== undefined) continue
    if (found !== undefined && call.turn !== found.turn) break
    found = call
  }
  return found
}
