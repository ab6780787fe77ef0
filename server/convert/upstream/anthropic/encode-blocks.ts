import type { JsonObject } from '../../../canonical/json.ts'
import type {
  BinarySource,
  ContentBlock,
  DocumentBlock,
  ReasoningBlock,
  TextBlock,
  ToolResultBlock,
} from '../../../canonical/request.ts'
import type { AnthropicTurn } from '../../../wire/anthropic/upstream.ts'
import { isBlank, messagePath, type Turn, type TurnBlock } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'

export interface BlockContext {
  readonly cachePoints: boolean
  readonly log: RepairLog
}

const EMPTY = '(This message was empty.)'

/** The turns as Anthropic's messages. Turns must alternate, their tool calls be paired (see convert/history). */
export function encodeTurns(turns: readonly Turn[], context: BlockContext): readonly AnthropicTurn[] {
  return turns.map((turn) => {
    const content = turn.blocks.flatMap((item) => encodeBlock(item, turn.role, context))
    return { role: turn.role, content: content.length === 0 ? [{ type: 'text', text: EMPTY }] : content }
  })
}

/** A text of the system prompt or of a message. */
export function encodeText(block: TextBlock, context: BlockContext): JsonObject {
  return marked({ type: 'text', text: block.text }, block, context)
}

function encodeBlock({ block, from }: TurnBlock, role: Turn['role'], context: BlockContext): JsonObject[] {
  switch (block.type) {
    case 'text':
      return [encodeText(block, context)]
    case 'image':
      if (role === 'assistant') return [{ type: 'text', text: '(an image)' }]
      return [marked({ type: 'image', source: encodeSource(block.source) }, block, context)]
    case 'document':
      if (role === 'assistant') return [{ type: 'text', text: '(a document)' }]
      return [marked(encodeDocument(block), block, context)]
    case 'tool-use':
      return [marked({ type: 'tool_use', id: block.id, name: block.name, input: block.input }, block, context)]
    case 'tool-result':
      return [marked(encodeToolResult(block, context), block, context)]
    case 'reasoning':
      return encodeThinking(block)
    case 'foreign':
      if (block.dialect === 'anthropic') return [block.value]
      context.log.add('foreign-block', messagePath(from))
      return isBlank(block.text) ? [] : [{ type: 'text', text: block.text }]
  }
}

/** What has no seal of the service's own has been left out before. */
function encodeThinking(block: ReasoningBlock): JsonObject[] {
  if (block.redacted !== undefined) return [{ type: 'redacted_thinking', data: block.redacted.value }]
  if (block.signature === undefined) return []
  return [{ type: 'thinking', thinking: block.text, signature: block.signature.value }]
}

function encodeToolResult(block: ToolResultBlock, context: BlockContext): JsonObject {
  const content = block.content.flatMap((item) => {
    if (item.type === 'text') return isBlank(item.text) ? [] : [encodeText(item, context)]
    const media = item.type === 'image' ? { type: 'image', source: encodeSource(item.source) } : encodeDocument(item)
    return [marked(media, item, context)]
  })
  // The service refuses anything but text in the result of a call that failed.
  const isError = block.isError && block.content.every((item) => item.type === 'text')
  return {
    type: 'tool_result',
    tool_use_id: block.toolUseId,
    ...(content.length === 0 ? {} : { content }),
    ...(isError ? { is_error: true } : {}),
  }
}

function encodeSource(source: BinarySource): JsonObject {
  return source.type === 'url'
    ? { type: 'url', url: source.url }
    : { type: 'base64', media_type: source.mediaType, data: source.data }
}

function encodeDocument({ source, title, context }: DocumentBlock): JsonObject {
  return {
    type: 'document',
    source: documentSource(source),
    ...(title === undefined ? {} : { title }),
    ...(context === undefined ? {} : { context }),
  }
}

/** The service takes PDF as bytes and everything else as text. */
function documentSource(source: DocumentBlock['source']): JsonObject {
  if (source.type === 'text') return { type: 'text', media_type: 'text/plain', data: source.text }
  if (source.type === 'base64' && /^text\/|json|xml|yaml/u.test(source.mediaType)) {
    return { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString('utf8') }
  }
  return encodeSource(source)
}

function marked(
  wire: JsonObject,
  block: Extract<ContentBlock, { cacheBreakpoint?: boolean }> | { cacheBreakpoint?: boolean },
  context: BlockContext,
): JsonObject {
  const isMarked = context.cachePoints && block.cacheBreakpoint === true
  return isMarked ? { ...wire, cache_control: { type: 'ephemeral' } } : wire
}
