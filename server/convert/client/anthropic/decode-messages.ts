import type { ContentBlock, Effort, Message, TextBlock } from '../../../canonical/request.ts'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import { invalidField, optionalObject, optionalString } from '../request-fields.ts'
import { decodeBlock, textBlock } from './decode-block.ts'
import { effortOf } from './decode-reasoning.ts'
import { withoutBillingHeader } from './system-metadata.ts'

export interface DecodedMessages {
  readonly messages: readonly Message[]
  /** The last effort that a message carried (`output_config` at message level, clients.md §1.5). */
  readonly effort: Effort | undefined
}

/** Reads `messages` in one pass. Throws `ProxyError` of kind `invalid-request`. */
export function decodeMessages(messages: readonly unknown[]): DecodedMessages {
  let effort: Effort | undefined
  const decoded = messages.map((message, index): Message => {
    const path = `messages.${index}`
    if (!isJsonObject(message)) throw invalidField(path, 'an object with "role" and "content"', message)
    const { role } = message
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      throw invalidField(`${path}.role`, '"user", "assistant" or "system"', role)
    }
    effort = messageEffort(message, path) ?? effort
    // A system message may hold nothing but settings for the turn.
    if (role === 'system' && (message['content'] ?? null) === null) return { role, content: [] }
    return { role, content: decodeContent(message['content'], path, role) }
  })
  return { messages: decoded, effort }
}

/** Reads `system`: a string or an array of text blocks. Metadata and empty texts are left out. */
export function decodeSystem(system: unknown): readonly TextBlock[] {
  if (system === undefined || system === null) return []
  if (typeof system !== 'string' && !Array.isArray(system)) {
    throw invalidField('system', 'a string or an array of text blocks', system)
  }
  const blocks = typeof system === 'string' ? [textBlock(system, false)] : systemBlocks(system)
  return blocks
    .map((block) => ({ ...block, text: withoutBillingHeader(block.text) }))
    .filter((block) => block.text !== '')
}

function systemBlocks(system: readonly unknown[]): TextBlock[] {
  return system.map((value, index): TextBlock => {
    const blocks: ContentBlock[] = []
    decodeBlock(value, `system.${index}`, 'system', blocks)
    const [block] = blocks
    if (block?.type === 'text') return block
    return textBlock(block?.type === 'foreign' ? block.text : '', false)
  })
}

function decodeContent(content: unknown, path: string, role: Message['role']): readonly ContentBlock[] {
  if (typeof content === 'string') return content === '' ? [] : [textBlock(content, false)]
  if (!Array.isArray(content)) {
    throw invalidField(`${path}.content`, 'a string or an array of content blocks', content)
  }
  const blocks: ContentBlock[] = []
  for (const [index, block] of content.entries()) decodeBlock(block, `${path}.content.${index}`, role, blocks)
  return blocks
}

function messageEffort(message: JsonObject, path: string): Effort | undefined {
  const config = optionalObject(message, 'output_config', path)
  return config && effortOf(optionalString(config, 'effort', `${path}.output_config`))
}
