import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { ContentBlock, ReasoningBlock, TextBlock, ToolResultBlock } from '../../../canonical/request.ts'
import {
  invalidField,
  invalidRequest,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredString,
} from '../request-fields.ts'
import { decodeDocument, decodeImage } from './decode-media.ts'
import { foreignBlock } from './foreign-block.ts'
import { decodeOpaque } from '../opaque-text.ts'

/** Where a block stands: in a message of that role, or inside a tool result. */
export type BlockPlace = 'user' | 'assistant' | 'system' | 'tool-result'

/**
 * Reads one content block and appends what it becomes to `into`: one block as a rule, none for an empty tool reference,
 * more for a document with pictures. Blocks of a type that we don't know become foreign ones; known blocks with fields
 * of the wrong type, or where they can't stand, throw `ProxyError` of kind `invalid-request`.
 */
export function decodeBlock(block: unknown, path: string, place: BlockPlace, into: ContentBlock[]): void {
  if (!isJsonObject(block)) throw invalidField(path, 'a content block, an object with a "type"', block)
  const { type } = block
  switch (type) {
    case 'text':
      into.push(textBlock(stringOf(block, 'text', path), hasBreakpoint(block, path)))
      return
    case 'tool_use':
      mustStandIn('assistant', type, path, place)
      into.push(
        marked(
          {
            type: 'tool-use',
            id: requiredString(block, 'id', path),
            name: requiredString(block, 'name', path),
            input: optionalObject(block, 'input', path) ?? {},
          },
          hasBreakpoint(block, path),
        ),
      )
      return
    case 'tool_result':
      mustStandIn('user', type, path, place)
      into.push(marked(decodeToolResult(block, path), hasBreakpoint(block, path)))
      return
    case 'thinking':
      mustStandIn('assistant', type, path, place)
      into.push(decodeThinking(block, path))
      return
    case 'redacted_thinking':
      mustStandIn('assistant', type, path, place)
      into.push({ type: 'reasoning', text: '', redacted: decodeOpaque(requiredString(block, 'data', path)) })
      return
    case 'image':
      into.push(marked(decodeImage(block, path), hasBreakpoint(block, path)))
      return
    case 'document':
      into.push(...decodeDocument(block, path, hasBreakpoint(block, path)))
      return
    default:
      if (typeof type !== 'string') throw invalidField(`${path}.type`, 'the name of a block type', type)
      into.push(foreignBlock(type, block))
  }
}

/** A canonical text block. */
export function textBlock(text: string, cacheBreakpoint: boolean): TextBlock {
  return cacheBreakpoint ? { type: 'text', text, cacheBreakpoint } : { type: 'text', text }
}

function decodeToolResult(block: JsonObject, path: string): ToolResultBlock {
  return {
    type: 'tool-result',
    toolUseId: requiredString(block, 'tool_use_id', path),
    content: decodeResultContent(block['content'], path),
    isError: optionalBoolean(block, 'is_error', path) ?? false,
  }
}

function decodeResultContent(content: unknown, path: string): ToolResultBlock['content'] {
  if (content === undefined || content === null || content === '') return []
  if (typeof content === 'string') return [textBlock(content, false)]
  if (!Array.isArray(content)) {
    throw invalidField(`${path}.content`, 'a string or an array of content blocks', content)
  }
  const blocks: ContentBlock[] = []
  for (const [index, item] of content.entries()) decodeBlock(item, `${path}.content.${index}`, 'tool-result', blocks)
  return blocks.flatMap((item) => {
    if (item.type === 'text' || item.type === 'image' || item.type === 'document') return [item]
    return item.type === 'foreign' && item.text !== '' ? [textBlock(item.text, false)] : []
  })
}

/** Text and signature may both be empty: clients echo blocks whose text was not displayed (clients.md §1.5). */
function decodeThinking(block: JsonObject, path: string): ReasoningBlock {
  const text = optionalString(block, 'thinking', path) ?? ''
  const signature = optionalString(block, 'signature', path) ?? ''
  return signature === ''
    ? { type: 'reasoning', text }
    : { type: 'reasoning', text, signature: decodeOpaque(signature) }
}

function mustStandIn(role: 'user' | 'assistant', type: string, path: string, place: BlockPlace): void {
  if (place === role) return
  const found = place === 'tool-result' ? 'inside a tool_result' : `in a message of role "${place}"`
  throw invalidRequest(`${path}.type`, `a ${type} block belongs in a message of role "${role}", but it stands ${found}`)
}

function hasBreakpoint(block: JsonObject, path: string): boolean {
  return block['cache_control'] !== undefined && optionalObject(block, 'cache_control', path) !== undefined
}

function marked<Block extends ContentBlock>(block: Block, cacheBreakpoint: boolean): Block {
  return cacheBreakpoint ? { ...block, cacheBreakpoint } : block
}

function stringOf(block: JsonObject, key: string, path: string): string {
  const value = block[key]
  if (typeof value === 'string') return value
  throw invalidField(`${path}.${key}`, 'a string', value)
}
