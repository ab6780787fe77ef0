import type { CompletionRequest } from '../../../canonical/request.ts'
import type {
  AmazonQAssistantEntry,
  AmazonQConversationState,
  AmazonQHistoryEntry,
  AmazonQTool,
  AmazonQUserEntry,
} from '../../../wire/amazon-q/request.ts'
import { isBlank, messagePath, type Turn } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { encodeAssistantTurn } from './encode-assistant-turn.ts'
import type { AmazonQEncodeContext } from './encode-context.ts'
import { createImageEncoder, type ImageEncoder } from './encode-images.ts'
import type { EncodedTools } from './encode-tools.ts'
import { encodeUserTurn, type EncodedUserTurn } from './encode-user-turn.ts'
import type { SizeGuard } from './size-guard.ts'

export interface ConversationInput {
  readonly request: CompletionRequest
  readonly context: AmazonQEncodeContext
  /** Alternating, the first and the last one the user's. */
  readonly turns: readonly Turn[]
  readonly tools: EncodedTools
  /** What asks an older model to reason; stands before the system text. */
  readonly systemTags: string
  /** For the end of the current message; may be empty. */
  readonly instructions: string
  readonly size: SizeGuard
  readonly log: RepairLog
}

const ACKNOWLEDGEMENT = 'Understood. I will work by these instructions.'

/** The conversation as history and current message (amazon-q.md §2.3), the system text as the first pair (§2.7). */
export function encodeConversation(input: ConversationInput): AmazonQConversationState {
  const { context, turns, size } = input
  const history: AmazonQHistoryEntry[] = []
  const systemText = systemTextOf(input)
  if (systemText !== '') {
    size.add(systemText, 'system')
    history.push(historyUser({ content: systemText, toolResults: [], images: [] }, input))
    history.push({ assistantResponseMessage: { content: ACKNOWLEDGEMENT } })
  }
  const images = createImageEncoder(turns, context.modelInfo?.acceptsImages !== false, input.log)
  for (const turn of turns.slice(0, -1)) history.push(encodeTurn(turn, images, input))
  // The caller's turns end with the user's; the fallback only satisfies the type.
  const last = turns.at(-1) ?? { role: 'user', blocks: [] }
  const currentMessage = encodeCurrent(last, images, input)
  if (context.cachePoints && context.modelInfo?.supportsPromptCaching === true) markCachePoints(history)
  return {
    conversationId: context.conversationId,
    ...(context.includeAgentTaskType ? { agentTaskType: 'vibe' } : {}),
    chatTriggerType: 'MANUAL',
    ...(history.length === 0 ? {} : { history }),
    currentMessage,
  }
}

function systemTextOf(input: ConversationInput): string {
  const texts = input.request.system.map((block) => block.text)
  return [input.systemTags, ...texts, input.tools.longDescriptions].filter((text) => !isBlank(text)).join('\n\n')
}

function encodeTurn(turn: Turn, images: ImageEncoder, input: ConversationInput): AmazonQHistoryEntry {
  if (turn.role === 'user') return historyUser(encodeMeasuredUser(turn, images, input), input)
  const message = encodeAssistantTurn(turn, input.tools.names, input.log)
  const where = placeOf(turn)
  input.size.add(message.content, where)
  for (const use of message.toolUses ?? []) input.size.add(use.input, where)
  const { reasoningContent } = message
  if (reasoningContent !== undefined) input.size.add(JSON.stringify(reasoningContent), where)
  return { assistantResponseMessage: message }
}

function encodeMeasuredUser(turn: Turn, images: ImageEncoder, input: ConversationInput): EncodedUserTurn {
  const encoded = encodeUserTurn(turn, images, input.log)
  const where = placeOf(turn)
  input.size.add(encoded.content, where)
  for (const result of encoded.toolResults) {
    for (const part of result.content) input.size.add(part.text, where)
  }
  for (const image of encoded.images) input.size.addImage(image.source.bytes.length, where)
  return encoded
}

function placeOf(turn: Turn): string {
  return messagePath(turn.blocks[0]?.from ?? 0)
}

function historyUser(encoded: EncodedUserTurn, input: ConversationInput): AmazonQUserEntry {
  const { request, context } = input
  // The editor names the model on every message, the command line only on the current one (amazon-q.md §2.4).
  const modelId = context.origin === 'AI_EDITOR' ? request.model : undefined
  return userEntry(encoded, modelId, [], input)
}

function encodeCurrent(turn: Turn, images: ImageEncoder, input: ConversationInput): AmazonQUserEntry {
  const encoded = encodeMeasuredUser(turn, images, input)
  const { tools } = input.tools
  for (const [index, tool] of tools.entries()) {
    const { description, inputSchema } = tool.toolSpecification
    input.size.add(description, `tools.${index}`)
    input.size.add(inputSchema.json, `tools.${index}.input_schema`)
  }
  const content = isBlank(encoded.content) ? input.instructions : withInstructions(encoded.content, input.instructions)
  return userEntry({ ...encoded, content }, input.request.model, tools, input)
}

function withInstructions(content: string, instructions: string): string {
  return instructions === '' ? content : `${content}\n\n${instructions}`
}

function userEntry(
  encoded: EncodedUserTurn,
  modelId: string | undefined,
  tools: readonly AmazonQTool[],
  input: ConversationInput,
): AmazonQUserEntry {
  const { content, toolResults, images } = encoded
  const hasContext = toolResults.length > 0 || tools.length > 0
  return {
    userInputMessage: {
      content,
      ...(modelId === undefined ? {} : { modelId }),
      origin: input.context.origin,
      ...(images.length === 0 ? {} : { images }),
      ...(hasContext
        ? {
            userInputMessageContext: {
              ...(toolResults.length === 0 ? {} : { toolResults }),
              ...(tools.length === 0 ? {} : { tools }),
            },
          }
        : {}),
    },
  }
}

/**
 * Marks the end of the stable prefix and of what the next turn will resend: the first user and the last assistant
 * message (field-notes.md, "Cache saving"). Never inside `tools`, which some hosts refuse.
 */
function markCachePoints(history: AmazonQHistoryEntry[]): void {
  const first = history[0]
  if (first !== undefined && 'userInputMessage' in first) {
    history[0] = { userInputMessage: { ...first.userInputMessage, cachePoint: { type: 'default' } } }
  }
  const lastIndex = history.findLastIndex((entry) => 'assistantResponseMessage' in entry)
  const last: AmazonQHistoryEntry | undefined = history[lastIndex]
  if (last !== undefined && 'assistantResponseMessage' in last) history[lastIndex] = withCachePoint(last)
}

function withCachePoint(entry: AmazonQAssistantEntry): AmazonQAssistantEntry {
  return { assistantResponseMessage: { ...entry.assistantResponseMessage, cachePoint: { type: 'default' } } }
}
