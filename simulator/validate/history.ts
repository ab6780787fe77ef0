import type { Endpoint } from '../state/received.ts'
import type { CheckedMessage } from './messages.ts'
import { demand } from './violation.ts'

/**
 * The history rules of amazon-q.md §2.5, over all messages with the current one last.
 *
 * @throws Violation
 */
export function checkHistory(
  messages: readonly CheckedMessage[],
  declared: ReadonlySet<string>,
  endpoint: Endpoint,
): void {
  const answered = new Set<string>()
  let open: ReadonlySet<string> = new Set()
  for (const [index, message] of messages.entries()) {
    const where = index === messages.length - 1 ? 'currentMessage' : `history.${index}`
    // Rule 1: the first and the last message are the user's, and the roles alternate.
    demand(message.role === (index % 2 === 0 ? 'user' : 'assistant'), `${where}: user and assistant don't alternate`)
    if (message.role === 'assistant') {
      open = new Set(message.toolUseIds)
      demand(open.size === message.toolUseIds.length, `${where}: the same toolUseId twice`)
      // Rule 5: a tool that history uses must be declared, whatever its case.
      for (const name of message.toolNames)
        demand(declared.has(name.toLowerCase()), `${where}: tool ${name} not declared`)
    } else {
      checkResults(message.toolUseIds, open, answered, where, endpoint)
      open = new Set()
    }
  }
}

function checkResults(
  ids: readonly string[],
  open: ReadonlySet<string>,
  answered: Set<string>,
  where: string,
  endpoint: Endpoint,
): void {
  for (const id of ids) {
    // Rules 3 and 4: a result belongs to a tool use of the message before, and each is answered once.
    demand(!answered.has(id), `${where}: tool use ${id} answered twice`)
    demand(open.has(id), `${where}: tool result ${id} without its tool use in the message before`)
    answered.add(id)
  }
  for (const id of open) {
    // Rule 2: the Kiro host names the fault, the others don't.
    demand(
      answered.has(id),
      `${where}: tool use ${id} not answered in the next message`,
      endpoint === 'E4' ? 'tool-use-result-mismatch' : 'improperly-formed',
    )
  }
}
