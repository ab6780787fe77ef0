import type { ToolResultBlock } from '../../../canonical/request.ts'
import type { AmazonQImage, AmazonQToolResult } from '../../../wire/amazon-q/request.ts'
import { isBlank, messagePath, type Turn } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { encodeDocument } from '../document-text.ts'
import type { ImageEncoder } from './encode-images.ts'

export interface EncodedUserTurn {
  readonly content: string
  readonly toolResults: readonly AmazonQToolResult[]
  readonly images: readonly AmazonQImage[]
}

const NO_TEXT = '(This message has no text.)'
const EMPTY_RESULT = '(The tool returned no output.)'

/** One user turn: its texts joined, its images and its tool results apart (amazon-q.md §2.4 userInputMessage). */
export function encodeUserTurn(turn: Turn, images: ImageEncoder, log: RepairLog): EncodedUserTurn {
  const texts: string[] = []
  const toolResults: AmazonQToolResult[] = []
  const sent: AmazonQImage[] = []
  for (const { block, from } of turn.blocks) {
    const where = messagePath(from)
    switch (block.type) {
      case 'text':
        texts.push(block.text)
        break
      case 'image': {
        const encoded = images.encode(block, where)
        if ('image' in encoded) sent.push(encoded.image)
        else texts.push(encoded.note)
        break
      }
      case 'document':
        texts.push(encodeDocument(block, where, log))
        break
      case 'tool-result':
        toolResults.push(encodeToolResult(block, where, images, sent, log))
        break
      case 'foreign':
        log.add('foreign-block', where)
        if (!isBlank(block.text)) texts.push(block.text)
        break
      case 'tool-use':
      case 'reasoning':
        // Only an assistant calls tools and reasons; a client's decoder refuses these here.
        log.add('foreign-block', where, block.type)
        break
    }
  }
  const content = texts.join('\n\n')
  if (!isBlank(content) || toolResults.length > 0) return { content, toolResults, images: sent }
  if (sent.length === 0) log.add('empty-content', messagePath(turn.blocks[0]?.from ?? 0))
  return { content: NO_TEXT, toolResults, images: sent }
}

function encodeToolResult(
  block: ToolResultBlock,
  where: string,
  images: ImageEncoder,
  sent: AmazonQImage[],
  log: RepairLog,
): AmazonQToolResult {
  const content: { text: string }[] = []
  for (const part of block.content) {
    if (part.type === 'text') {
      if (!isBlank(part.text)) content.push({ text: part.text })
    } else if (part.type === 'document') {
      content.push({ text: encodeDocument(part, where, log) })
    } else {
      const encoded = images.encode(part, where)
      if ('image' in encoded) {
        sent.push(encoded.image)
        content.push({ text: `(This result includes an image. It is image ${sent.length} attached to this message.)` })
      } else {
        content.push({ text: encoded.note })
      }
    }
  }
  if (content.length === 0) {
    log.add('empty-tool-result', where)
    content.push({ text: EMPTY_RESULT })
  }
  return { toolUseId: block.toolUseId, status: block.isError ? 'error' : 'success', content }
}
