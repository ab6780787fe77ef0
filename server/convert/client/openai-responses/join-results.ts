import type { Message, ToolResultBlock } from '../../../canonical/request.ts'

/**
 * The same messages with at most as many results of one id as there are calls of it. A script of Codex can report
 * several times on its one call (`notify`, clients.md §2); what comes later joins the first report.
 */
export function joinRepeatedResults(messages: readonly Message[]): readonly Message[] {
  const surplus = surplusResults(messages)
  if (surplus.size === 0) return messages
  const joined = new Map<ToolResultBlock, ToolResultBlock>()
  for (const [later, first] of surplus) {
    const soFar = joined.get(first) ?? first
    joined.set(first, { ...soFar, content: [...soFar.content, ...later.content] })
  }
  const rewritten = messages.map(({ role, content }): Message => {
    const kept = content.filter((block) => block.type !== 'tool-result' || !surplus.has(block))
    return { role, content: kept.map((block) => (block.type === 'tool-result' ? (joined.get(block) ?? block) : block)) }
  })
  return rewritten.filter((message) => message.content.length > 0)
}

/** Every result beyond the number of its calls, with the first result of the same id. */
function surplusResults(messages: readonly Message[]): ReadonlyMap<ToolResultBlock, ToolResultBlock> {
  const calls = new Map<string, number>()
  const results = new Map<string, ToolResultBlock[]>()
  for (const { content } of messages) {
    for (const block of content) {
      if (block.type === 'tool-use') calls.set(block.id, (calls.get(block.id) ?? 0) + 1)
      if (block.type !== 'tool-result') continue
      const known = results.get(block.toolUseId)
      if (known === undefined) results.set(block.toolUseId, [block])
      else known.push(block)
    }
  }
  const surplus = new Map<ToolResultBlock, ToolResultBlock>()
  for (const [id, [first, ...others]] of results) {
    if (first === undefined) continue
    for (const later of others.slice(Math.max(1, calls.get(id) ?? 0) - 1)) surplus.set(later, first)
  }
  return surplus
}
