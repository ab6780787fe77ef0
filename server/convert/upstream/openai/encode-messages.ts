import type { JsonObject } from '../../../canonical/json.ts'
import type { ImageBlock, TextBlock } from '../../../canonical/request.ts'
import { isBlank, messagePath, type Turn, type TurnBlock } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { encodeDocument } from '../document-text.ts'
import type { Quirks } from './quirks.ts'

const EMPTY = '(This message was empty.)'

/** System prompt and turns as Chat Completions' messages. Turns must alternate, their tool calls be paired. */
export function encodeMessages(
  system: readonly TextBlock[],
  turns: readonly Turn[],
  quirks: Quirks,
  log: RepairLog,
): readonly JsonObject[] {
  const instructions = system.map(({ text }) => text).join('\n\n')
  return [
    ...(instructions === '' ? [] : [{ role: 'system', content: instructions }]),
    ...turns.flatMap((turn) =>
      turn.role === 'user' ? encodeUser(turn, quirks, log) : [encodeAssistant(turn, quirks, log)],
    ),
  ]
}

/** Tool results are messages of their own and come first; their pictures follow in the user's message. */
function encodeUser(turn: Turn, quirks: Quirks, log: RepairLog): JsonObject[] {
  const results: JsonObject[] = []
  const parts: JsonObject[] = []
  for (const item of turn.blocks) {
    if (item.block.type !== 'tool-result') {
      parts.push(...encodePart(item, quirks, log))
      continue
    }
    const { toolUseId, content, isError } = item.block
    const inner = content.flatMap((block) => encodePart({ block, from: item.from }, quirks, log))
    const words = textOf(inner)
    const pictures = inner.filter(({ type }) => type !== 'text')
    const note = pictures.length > 0 ? '(The pictures of this result follow.)' : '(empty)'
    const said = isBlank(words) ? note : words
    results.push({ role: 'tool', tool_call_id: toolUseId, content: isError ? `Error: ${said}` : said })
    parts.push(...pictures)
  }
  if (parts.length === 0) return results.length > 0 ? results : [{ role: 'user', content: EMPTY }]
  const onlyText = parts.every(({ type }) => type === 'text')
  return [...results, { role: 'user', content: onlyText ? textOf(parts) : parts }]
}

function encodeAssistant(turn: Turn, quirks: Quirks, log: RepairLog): JsonObject {
  const calls: JsonObject[] = []
  const parts: JsonObject[] = []
  let reasoning = ''
  for (const item of turn.blocks) {
    const { block } = item
    if (block.type === 'tool-use') {
      const called = { name: block.name, arguments: JSON.stringify(block.input) }
      calls.push({ id: block.id, type: 'function', function: called })
    } else if (block.type === 'reasoning') reasoning += block.text
    else parts.push(...encodePart(item, { ...quirks, images: false }, log))
  }
  const text = textOf(parts)
  return {
    role: 'assistant',
    content: text !== '' ? text : calls.length > 0 ? null : EMPTY,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
}

function encodePart({ block, from }: TurnBlock, quirks: Quirks, log: RepairLog): JsonObject[] {
  switch (block.type) {
    case 'text':
      return isBlank(block.text) ? [] : [textPart(block.text)]
    case 'image':
      if (quirks.images) return [imagePart(block)]
      log.add('image-not-accepted', messagePath(from))
      return [textPart('(A picture was attached here. The model does not take pictures.)')]
    case 'document':
      return [textPart(encodeDocument(block, messagePath(from), log))]
    case 'foreign':
      if (block.dialect === 'openai-chat') return [block.value]
      log.add('foreign-block', messagePath(from))
      return isBlank(block.text) ? [] : [textPart(block.text)]
    default:
      return []
  }
}

function imagePart({ source }: ImageBlock): JsonObject {
  const url = source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
  return { type: 'image_url', image_url: { url } }
}

function textPart(text: string): JsonObject {
  return { type: 'text', text }
}

function textOf(parts: readonly JsonObject[]): string {
  return parts.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : [])).join('\n\n')
}
