import type { JsonObject } from '../../../canonical/json.ts'
import type { ContentBlock, Message, ReasoningBlock, TextBlock, Tool } from '../../../canonical/request.ts'
import { invalidField, optionalString } from '../request-fields.ts'
import { decodeCall, decodeCallOutput } from './decode-calls.ts'
import { decodeContent } from './decode-content.ts'
import { decodeTools } from './decode-tools.ts'
import { decodeEncryptedContent } from './encrypted-content.ts'
import { foreignItem } from './foreign-item.ts'
import { joinRepeatedResults } from './join-results.ts'
import type { ToolTable } from './tool-table.ts'

/** One item of the conversation and where the client wrote it. */
export interface PlacedItem {
  readonly item: JsonObject
  readonly path: string
}

export interface DecodedInput {
  /** What developer and system messages before the first word of the conversation say. */
  readonly system: readonly TextBlock[]
  readonly messages: readonly Message[]
}

/**
 * Appends the tools that stand inside the input: those of `additional_tools` items, by which newer Codex models get all
 * of theirs, and those that tool searches found (clients.md §2). Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeInputTools(items: readonly PlacedItem[], table: ToolTable, into: Tool[]): void {
  for (const { item, path } of items) {
    const { type, tools } = item
    if (type !== 'additional_tools' && type !== 'tool_search_output') continue
    if (!Array.isArray(tools)) throw invalidField(`${path}.tools`, 'an array of tools', tools)
    const before = new Set(into.map((tool) => tool.name))
    const found: Tool[] = []
    decodeTools(tools, `${path}.tools`, table, found)
    // The same search may be made twice.
    into.push(...found.filter((tool) => !before.has(tool.name)))
  }
}

/**
 * The conversation as messages: what the assistant said, thought and called in one go is one message, as are the
 * neighbouring parts of the user. Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeInput(items: readonly PlacedItem[], table: ToolTable): DecodedInput {
  const system: TextBlock[] = []
  const messages: Open[] = []
  for (const { item, path } of items) decodeItem(item, path, table, system, messages)
  return { system, messages: joinRepeatedResults(messages) }
}

interface Open extends Message {
  readonly content: ContentBlock[]
}

function decodeItem(item: JsonObject, path: string, table: ToolTable, system: TextBlock[], messages: Open[]): void {
  const type = item['type'] ?? 'message'
  if (typeof type !== 'string') throw invalidField(`${path}.type`, 'the type of an item', type)
  if (type === 'message') {
    decodeMessage(item, path, system, messages)
    return
  }
  if (type === 'reasoning') {
    append(messages, 'assistant', [decodeReasoning(item, path)])
    return
  }
  if (type === 'additional_tools') return
  const output = decodeCallOutput(type, item, path, table)
  if (output !== undefined) {
    append(messages, 'user', [output])
    return
  }
  append(messages, 'assistant', [decodeCall(type, item, path, table) ?? foreignItem(type, item)])
}

function decodeMessage(item: JsonObject, path: string, system: TextBlock[], messages: Open[]): void {
  const { role } = item
  const blocks = decodeContent(item['content'], `${path}.content`)
  if (role === 'user' || role === 'assistant') {
    append(messages, role, blocks)
    return
  }
  if (role !== 'system' && role !== 'developer') {
    throw invalidField(`${path}.role`, '"user", "assistant", "system" or "developer"', role)
  }
  const texts = blocks.filter((block) => block.type === 'text')
  if (messages.length === 0) system.push(...texts)
  else if (texts.length > 0) messages.push({ role: 'system', content: texts })
  append(
    messages,
    'user',
    blocks.filter((block) => block.type !== 'text'),
  )
}

/** Summary and content are texts of the same thought; which of them is there depends on who made it. */
function decodeReasoning(item: JsonObject, path: string): ReasoningBlock {
  const parts = [item['summary'], item['content']].map((texts, index) => {
    if (texts === undefined) return ''
    const blocks = decodeContent(texts, `${path}.${index === 0 ? 'summary' : 'content'}`)
    return blocks.map((block) => (block.type === 'text' ? block.text : '')).join('\n\n')
  })
  const text = parts.find((part) => part !== '') ?? ''
  const encrypted = optionalString(item, 'encrypted_content', path) ?? ''
  return encrypted === '' ? { type: 'reasoning', text } : decodeEncryptedContent(encrypted, text)
}

function append(messages: Open[], role: 'user' | 'assistant', blocks: readonly ContentBlock[]): void {
  if (blocks.length === 0) return
  const last = messages.at(-1)
  if (last?.role === role) last.content.push(...blocks)
  else messages.push({ role, content: [...blocks] })
}
