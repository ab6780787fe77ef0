import { isArray, isObject, listOr, type JsonObject, textOr } from '../../json.ts'
import { Refused } from './faults.ts'
import type { AnthropicModel } from './models.ts'
import type { AnthropicState } from './state.ts'

export interface ReadMessage {
  readonly role: 'user' | 'assistant'
  readonly blocks: readonly JsonObject[]
}

const places: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image', 'document', 'tool_result', 'search_result', 'web_search_tool_result'],
  assistant: ['text', 'tool_use', 'thinking', 'redacted_thinking', 'server_tool_use', 'web_search_tool_result'],
}

/** Reads and judges `messages`; throws `Refused` in the service's words. */
export function readMessages(body: JsonObject, model: AnthropicModel, state: AnthropicState): readonly ReadMessage[] {
  const list = body['messages']
  if (!isArray(list) || list.length === 0) throw new Refused('messages: at least one message is required')
  const messages = list.map((message, index) => readMessage(message, index))
  if (messages[0]?.role !== 'user') throw new Refused('messages: first message must use the "user" role')
  for (const [index, message] of messages.entries()) {
    for (const [place, block] of message.blocks.entries()) {
      checkBlock(block, `messages.${index}.content.${place}`, message.role, model, state)
    }
    checkPairs(messages, index)
  }
  checkEnd(messages, model)
  return messages
}

function readMessage(message: unknown, index: number): ReadMessage {
  if (!isObject(message)) throw new Refused(`messages.${index}: Input should be an object`)
  const { role, content, ...others } = message
  if (role !== 'user' && role !== 'assistant') {
    throw new Refused(`messages.${index}.role: Input should be 'user' or 'assistant'`)
  }
  const [extra] = Object.keys(others)
  if (extra !== undefined) throw new Refused(`messages.${index}.${extra}: Extra inputs are not permitted`)
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  if (!isArray(blocks) || blocks.length === 0) {
    throw new Refused(`messages.${index}: all messages must have non-empty content`)
  }
  return {
    role,
    blocks: blocks.map((block) => {
      if (isObject(block)) return block
      throw new Refused(`messages.${index}.content: Input should be a valid dictionary`)
    }),
  }
}

function checkBlock(
  block: JsonObject,
  path: string,
  role: 'user' | 'assistant',
  model: AnthropicModel,
  state: AnthropicState,
): void {
  const type = textOr(block['type'])
  if (places[role]?.includes(type) !== true) {
    throw new Refused(`${path}: Input tag '${type}' found does not fit a message of role ${role}`)
  }
  switch (type) {
    case 'text':
      if (textOr(block['text']).trim() === '') {
        throw new Refused('messages: text content blocks must contain non-whitespace text')
      }
      return
    case 'tool_use':
      if (!/^[a-zA-Z0-9_-]+$/u.test(textOr(block['id']))) {
        throw new Refused(`${path}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`)
      }
      if (!isObject(block['input'])) throw new Refused(`${path}.tool_use.input: Input should be a valid dictionary`)
      return
    case 'tool_result':
      checkResult(block, path)
      return
    case 'thinking':
      if (!state.isSigned(model.id, textOr(block['thinking']), textOr(block['signature']))) {
        throw new Refused(`${path}: Invalid \`signature\` in \`thinking\` block`)
      }
      return
    case 'redacted_thinking':
      if (!state.isSigned(model.id, 'redacted', textOr(block['data']))) {
        throw new Refused(`${path}: Invalid \`data\` in \`redacted_thinking\` block`)
      }
      return
    case 'image':
    case 'document':
      if (!isObject(block['source'])) throw new Refused(`${path}.${type}.source: Field required`)
      return
    default:
  }
}

function checkResult(block: JsonObject, path: string): void {
  const { content } = block
  if (content === undefined || typeof content === 'string') return
  if (!isArray(content)) throw new Refused(`${path}.tool_result.content: Input should be a valid list`)
  for (const item of content) {
    const type = isObject(item) ? textOr(item['type']) : ''
    if (!['text', 'image', 'document', 'search_result', 'tool_reference'].includes(type)) {
      throw new Refused(`${path}.tool_result.content: Input tag '${type}' does not match any of the expected tags`)
    }
    if (isObject(item) && type === 'text' && textOr(item['text']) === '') {
      throw new Refused('messages: text content blocks must be non-empty')
    }
    if (block['is_error'] === true && type !== 'text') {
      throw new Refused(`${path}: all content must be type "text" if "is_error" is true`)
    }
  }
}

/** Every call is answered at the beginning of the next message, and nothing else is answered. */
function checkPairs(messages: readonly ReadMessage[], index: number): void {
  const message = messages[index]
  if (message === undefined) return
  const before = messages[index - 1]
  const called = before?.role === 'assistant' ? idsOf(before, 'tool_use', 'id') : []
  if (message.role === 'user') {
    const answered = idsOf(message, 'tool_result', 'tool_use_id')
    const unknown = answered.find((id) => !called.includes(id))
    if (unknown !== undefined) {
      throw new Refused(
        `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unknown}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      )
    }
    if (new Set(answered).size < answered.length) {
      throw new Refused(`messages.${index}: each tool_use must have a single result`)
    }
    const last = message.blocks.findLastIndex((block) => block['type'] === 'tool_result')
    if (last >= answered.length) {
      throw new Refused(`messages.${index}: \`tool_result\` blocks must come first in the message`)
    }
  }
  const answers = message.role === 'user' ? idsOf(message, 'tool_result', 'tool_use_id') : []
  const open = called.filter((id) => !answers.includes(id))
  if (open.length > 0) throw unanswered(index - 1, open)
  const own = idsOf(message, 'tool_use', 'id')
  if (new Set(own).size < own.length) throw new Refused('messages: `tool_use` ids must be unique')
  if (index === messages.length - 1 && own.length > 0) throw unanswered(index, own)
}

function unanswered(index: number, ids: readonly string[]): Refused {
  return new Refused(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  )
}

function checkEnd(messages: readonly ReadMessage[], model: AnthropicModel): void {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return
  if (last.blocks.some((block) => block['type'] === 'server_tool_use')) return
  if (model.thinking !== 'budget') {
    throw new Refused(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  const text = textOr(last.blocks.at(-1)?.['text'])
  if (text !== text.trimEnd()) {
    throw new Refused('messages: final assistant content cannot end with trailing whitespace')
  }
}

function idsOf(message: ReadMessage, type: string, member: string): readonly string[] {
  return listOr(message.blocks)
    .filter(isObject)
    .filter((block) => block['type'] === type)
    .map((block) => textOr(block[member]))
}
