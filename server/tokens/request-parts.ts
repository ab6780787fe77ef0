import type { CompletionRequest, ContentBlock, DocumentBlock, Message, Tool } from '../canonical/request.ts'
import { documentTokens, imageTokens } from './binary-tokens.ts'

/** A request as the token counter sees it. */
export interface RequestParts {
  /** One text a block or tool, in the request's order; the same block of a resent history is the same text again. */
  readonly texts: readonly string[]
  /** Tokens of everything that is not text: images, documents, the frame around messages and tools. */
  readonly fixed: number
}

const messageOverhead = 4
const toolOverhead = 8
const toolCallOverhead = 12
/** Anthropic's published figure for the instructions that any tool brings along. */
const toolPromptTokens = 346

/** Takes a request apart. Costs one JSON.stringify of the tools and tool inputs; texts are not copied. */
export function partsOf(request: CompletionRequest): RequestParts {
  const parts = new PartCollector()
  for (const block of request.system) parts.text(block.text)
  for (const message of request.messages) addMessage(parts, message)
  for (const tool of request.tools) parts.text(toolText(tool), toolOverhead)
  if (request.tools.length > 0) parts.fixed += toolPromptTokens
  if (request.outputFormat !== undefined) parts.text(jsonText(request.outputFormat.schema), toolOverhead)
  return parts
}

class PartCollector implements RequestParts {
  readonly texts: string[] = []
  fixed = 0

  text(text: string, overhead = 0): void {
    if (text !== '') this.texts.push(text)
    this.fixed += overhead
  }
}

function addMessage(parts: PartCollector, message: Message): void {
  parts.fixed += messageOverhead
  for (const block of message.content) addBlock(parts, block)
}

function addBlock(parts: PartCollector, block: ContentBlock): void {
  switch (block.type) {
    case 'text':
    case 'reasoning':
    case 'foreign':
      parts.text(block.text)
      break
    case 'image':
      parts.fixed += imageTokens(block.source)
      break
    case 'document':
      addDocument(parts, block)
      break
    case 'tool-use':
      parts.text(`${block.name} ${jsonText(block.input)}`, toolCallOverhead)
      break
    case 'tool-result':
      parts.fixed += toolCallOverhead
      for (const inner of block.content) addBlock(parts, inner)
      break
  }
}

function addDocument(parts: PartCollector, block: DocumentBlock): void {
  parts.text(block.title ?? '')
  parts.text(block.context ?? '')
  if (block.source.type === 'text') parts.text(block.source.text)
  else parts.fixed += documentTokens(block.source)
}

function toolText(tool: Tool): string {
  const schema = tool.inputSchema ?? tool.server?.value
  return `${tool.name} ${tool.description} ${schema === undefined ? '' : jsonText(schema)}`
}

/** A value as JSON; nothing where it is nested so deeply that it can't be written (nor be sent to anyone). */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return ''
  }
}
