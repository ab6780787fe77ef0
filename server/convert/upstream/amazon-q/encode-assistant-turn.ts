import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { ReasoningBlock, ToolUseBlock } from '../../../canonical/request.ts'
import type {
  AmazonQAssistantMessage,
  AmazonQReasoningContent,
  AmazonQToolUse,
} from '../../../wire/amazon-q/request.ts'
import { isBlank, messagePath, type Turn } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { encodeDocument } from '../document-text.ts'
import type { ToolNames } from './tool-names.ts'

// The service wants some content beside tool calls, and a word here would be repeated by the model (amazon-q.md §3.4).
const ONLY_TOOL_CALLS = ' '
const NOTHING_SAID = '(No text.)'

/** One assistant turn (amazon-q.md §2.4 assistantResponseMessage). Reasoning must have been filtered before. */
export function encodeAssistantTurn(turn: Turn, names: ToolNames, log: RepairLog): AmazonQAssistantMessage {
  const texts: string[] = []
  const toolUses: AmazonQToolUse[] = []
  let reasoning: AmazonQReasoningContent | undefined
  for (const { block, from } of turn.blocks) {
    const where = messagePath(from)
    switch (block.type) {
      case 'text':
        texts.push(block.text)
        break
      case 'tool-use':
        toolUses.push(encodeToolUse(block, where, names, log))
        break
      case 'reasoning': {
        const encoded = encodeReasoningBlock(block)
        if (encoded === undefined) texts.push(asTags(block.text))
        // Merged messages may bring two; the service takes one, and a signature belongs to its own text.
        else if (reasoning === undefined) reasoning = encoded
        else log.add('reasoning-dropped', where)
        break
      }
      case 'document':
        texts.push(encodeDocument(block, where, log))
        break
      case 'foreign':
        log.add('foreign-block', where)
        if (!isBlank(block.text)) texts.push(block.text)
        break
      case 'image':
      case 'tool-result':
        log.add('foreign-block', where, block.type)
        break
    }
  }
  const content = texts.join('\n\n')
  const filler = toolUses.length > 0 ? ONLY_TOOL_CALLS : NOTHING_SAID
  return {
    content: isBlank(content) ? filler : content,
    ...(toolUses.length === 0 ? {} : { toolUses }),
    ...(reasoning === undefined ? {} : { reasoningContent: reasoning }),
  }
}

function encodeReasoningBlock(block: ReasoningBlock): AmazonQReasoningContent | undefined {
  if (block.redacted !== undefined) return { redactedContent: block.redacted.value }
  if (block.signature === undefined) return undefined
  return { reasoningText: { text: block.text, signature: block.signature.value } }
}

function asTags(text: string): string {
  return `<thinking>${text}</thinking>`
}

function encodeToolUse(block: ToolUseBlock, where: string, names: ToolNames, log: RepairLog): AmazonQToolUse {
  const raw = unparsedInput(block.input)
  if (raw !== undefined) log.add('tool-input-unparsed', where)
  return {
    toolUseId: block.id,
    name: names.find(block.name) ?? block.name,
    input: raw === undefined ? block.input : parsedOrRaw(raw),
  }
}

/** Claude Code's mark for input that was no JSON: `{"__unparsedToolInput":{"raw":"…","len":N}}` (clients.md §1.5). */
function unparsedInput(input: JsonObject): string | undefined {
  const mark = input.__unparsedToolInput
  return isJsonObject(mark) && typeof mark.raw === 'string' ? mark.raw : undefined
}

function parsedOrRaw(raw: string): JsonObject {
  try {
    const value: unknown = JSON.parse(raw)
    if (isJsonObject(value)) return value
  } catch {
    // As the client said: it is no JSON.
  }
  return { raw }
}
