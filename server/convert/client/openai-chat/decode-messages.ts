import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { ContentBlock, Message, TextBlock } from '../../../canonical/request.ts'
import { invalidField, requiredString } from '../request-fields.ts'
import { decodeAssistantContent } from './decode-assistant.ts'
import { decodeParts, decodeTexts } from './decode-parts.ts'
import { createFunctionCallIds, type FunctionCallIds } from './function-call-ids.ts'

export interface DecodedChat {
  readonly system: readonly TextBlock[]
  readonly messages: readonly Message[]
}

/**
 * Reads `messages` in one pass. The system and developer messages at the beginning are the system prompt; later ones
 * stay where they are. Neighbouring results of tools, and what the user says right after them, become one message.
 * Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeChatMessages(messages: readonly unknown[]): DecodedChat {
  const system: TextBlock[] = []
  const decoded: Message[] = []
  const calls = createFunctionCallIds()
  let openResults: ContentBlock[] | undefined
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`
    if (!isJsonObject(message)) throw invalidField(path, 'an object with "role" and "content"', message)
    const { role, content, isResult } = decodeMessage(message, path, calls)
    const isLast = index === messages.length - 1
    if (role === 'system' && decoded.length === 0 && !isLast) {
      for (const block of content) if (block.type === 'text') system.push(block)
      continue
    }
    if (role === 'user' && openResults !== undefined) {
      openResults.push(...content)
      if (!isResult) openResults = undefined
      continue
    }
    const blocks = [...content]
    openResults = isResult ? blocks : undefined
    decoded.push({ role, content: blocks })
  }
  return { system, messages: decoded }
}

interface DecodedMessage extends Message {
  readonly isResult?: boolean
}

function decodeMessage(message: JsonObject, path: string, calls: FunctionCallIds): DecodedMessage {
  const contentPath = `${path}.content`
  switch (message['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', content: decodeTexts(message['content'], contentPath) }
    case 'user':
      return { role: 'user', content: decodeParts(message['content'], contentPath) }
    case 'assistant':
      return { role: 'assistant', content: decodeAssistantContent(message, path, calls) }
    case 'tool':
      return result(requiredString(message, 'tool_call_id', path, 'the id of a tool call'), message, contentPath)
    case 'function':
      return result(calls.answer(requiredString(message, 'name', path, 'the name of a function')), message, contentPath)
    default:
      throw invalidField(
        `${path}.role`,
        '"system", "developer", "user", "assistant", "tool" or "function"',
        message['role'],
      )
  }
}

/** A result may be empty, and `null` where a function returned nothing. */
function result(toolUseId: string, message: JsonObject, contentPath: string): DecodedMessage {
  const content = decodeParts(message['content'] ?? '', contentPath)
  return { role: 'user', isResult: true, content: [{ type: 'tool-result', toolUseId, content, isError: false }] }
}
