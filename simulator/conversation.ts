import { findDirective, type Directive } from './directives.ts'
import { isObject, listOr, objectOr, textOr, type JsonObject } from './json.ts'

export interface SeenImage {
  readonly format: string
  readonly bytes: number
}

export interface SeenToolResult {
  readonly toolUseId: string
  readonly failed: boolean
  readonly text: string
}

export interface SeenToolUse {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
  readonly images: readonly SeenImage[]
  readonly toolResults: readonly SeenToolResult[]
  readonly toolUses: readonly SeenToolUse[]
}

export interface SeenTool {
  readonly name: string
  readonly description: string
  readonly schema: JsonObject
}

/** A generate request as a model would see it. Read loosely: what is wrong with it is the validation's business. */
export interface Conversation {
  readonly id: string
  readonly modelId: string | undefined
  /** Oldest first; the last one is the current message. */
  readonly turns: readonly Turn[]
  readonly tools: readonly SeenTool[]
  readonly fields: JsonObject
  /** Estimated input tokens: a quarter of the characters, 1,500 for an image. */
  readonly inputTokens: number
}

const tokensPerImage = 1_500

export function readConversation(body: unknown): Conversation {
  const root = objectOr(body)
  const state = objectOr(root['conversationState'])
  const current = objectOr(objectOr(state['currentMessage'])['userInputMessage'])
  const turns = listOr(state['history']).map(readEntry)
  turns.push(readUser(current))
  const declared = listOr(objectOr(current['userInputMessageContext'])['tools'])
  const tools = declared.flatMap(readTool)
  let characters = declared.length === 0 ? 0 : JSON.stringify(declared).length
  let images = 0
  for (const turn of turns) {
    characters += turn.text.length
    images += turn.images.length
    for (const result of turn.toolResults) characters += result.text.length
    for (const use of turn.toolUses) characters += use.name.length + (JSON.stringify(use.input) ?? '').length
  }
  return {
    id: textOr(state['conversationId']),
    modelId: typeof current['modelId'] === 'string' ? current['modelId'] : undefined,
    turns,
    tools,
    fields: objectOr(root['additionalModelRequestFields']),
    inputTokens: estimateTokens(characters) + images * tokensPerImage,
  }
}

/** The simulator's token count: a quarter of the characters, rounded up. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4)
}

/** The tool that is declared under one of the names, whatever their case. */
export function findTool(conversation: Conversation, ...names: readonly string[]): SeenTool | undefined {
  for (const name of names) {
    const found = conversation.tools.find((tool) => tool.name.toLowerCase() === name.toLowerCase())
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The marker that counts: in the newest user turn that is no tool result, else in the first one that has any. So a
 * choice made in the first message lasts for the conversation.
 */
export function conversationDirective(conversation: Conversation, kind: Directive['kind']): Directive | undefined {
  const asked = conversation.turns.filter((turn) => turn.role === 'user' && turn.toolResults.length === 0)
  const newest = findDirective(asked.at(-1)?.text ?? '', kind)
  if (newest !== undefined || kind === 'fault') return newest
  for (const turn of asked) {
    const found = findDirective(turn.text, kind)
    if (found !== undefined) return found
  }
  return undefined
}

function readEntry(entry: unknown): Turn {
  const { userInputMessage, assistantResponseMessage } = objectOr(entry)
  return isObject(userInputMessage) ? readUser(userInputMessage) : readAssistant(objectOr(assistantResponseMessage))
}

function readUser(message: JsonObject): Turn {
  const context = objectOr(message['userInputMessageContext'])
  return {
    role: 'user',
    text: textOr(message['content']),
    images: listOr(message['images']).map((image) => ({
      format: textOr(objectOr(image)['format']),
      bytes: base64Bytes(textOr(objectOr(objectOr(image)['source'])['bytes'])),
    })),
    toolResults: listOr(context['toolResults']).map(readResult),
    toolUses: [],
  }
}

function readAssistant(message: JsonObject): Turn {
  const toolUses = listOr(message['toolUses']).map((use) => {
    const { toolUseId, name, input } = objectOr(use)
    return { id: textOr(toolUseId), name: textOr(name), input }
  })
  return { role: 'assistant', text: textOr(message['content']), images: [], toolResults: [], toolUses }
}

function readResult(result: unknown): SeenToolResult {
  const { toolUseId, status, content } = objectOr(result)
  const text = listOr(content)
    .map((part) => {
      const { text: plain, json } = objectOr(part)
      return typeof plain === 'string' ? plain : JSON.stringify(json ?? '')
    })
    .join('\n')
  return { toolUseId: textOr(toolUseId), failed: status === 'error', text }
}

function readTool(entry: unknown): readonly SeenTool[] {
  const specification = objectOr(entry)['toolSpecification']
  if (!isObject(specification)) return []
  return [
    {
      name: textOr(specification['name']),
      description: textOr(specification['description']),
      schema: objectOr(objectOr(specification['inputSchema'])['json']),
    },
  ]
}

function base64Bytes(text: string): number {
  return Buffer.byteLength(text, 'base64')
}
