import type { JsonObject } from './json.ts'

/** The body of GenerateAssistantResponse (amazon-q.md §2.3, §2.4). Members that may be absent are left out, never null. */
export interface AmazonQRequestBody {
  readonly conversationState: AmazonQConversationState
  readonly profileArn?: string
  /** The outer name is camelCase, the names inside are snake_case (amazon-q.md §2.8). */
  readonly additionalModelRequestFields?: JsonObject
}

export interface AmazonQConversationState {
  readonly conversationId: string
  readonly agentTaskType?: 'vibe' | 'spectask'
  readonly chatTriggerType: 'MANUAL'
  /** Left out when empty. */
  readonly history?: readonly AmazonQHistoryEntry[]
  readonly currentMessage: AmazonQUserEntry
}

export type AmazonQHistoryEntry = AmazonQUserEntry | AmazonQAssistantEntry

export interface AmazonQUserEntry {
  readonly userInputMessage: AmazonQUserMessage
}

export interface AmazonQAssistantEntry {
  readonly assistantResponseMessage: AmazonQAssistantMessage
}

export type AmazonQOrigin = 'AI_EDITOR' | 'KIRO_CLI' | 'CLI'

export interface AmazonQCachePoint {
  readonly type: 'default'
}

export interface AmazonQUserMessage {
  readonly content: string
  readonly modelId?: string
  readonly origin: AmazonQOrigin
  readonly images?: readonly AmazonQImage[]
  readonly userInputMessageContext?: {
    readonly toolResults?: readonly AmazonQToolResult[]
    readonly tools?: readonly AmazonQTool[]
  }
  readonly cachePoint?: AmazonQCachePoint
}

export interface AmazonQAssistantMessage {
  readonly content: string
  readonly toolUses?: readonly AmazonQToolUse[]
  readonly reasoningContent?: AmazonQReasoningContent
  readonly cachePoint?: AmazonQCachePoint
}

export type AmazonQImageFormat = 'png' | 'jpeg' | 'gif' | 'webp'

export interface AmazonQImage {
  readonly format: AmazonQImageFormat
  /** Base64. */
  readonly source: { readonly bytes: string }
}

export interface AmazonQToolResult {
  readonly toolUseId: string
  readonly status: 'success' | 'error'
  readonly content: readonly { readonly text: string }[]
}

export interface AmazonQToolUse {
  readonly toolUseId: string
  readonly name: string
  readonly input: JsonObject
}

export type AmazonQReasoningContent =
  | { readonly reasoningText: { readonly text: string; readonly signature: string } }
  | { readonly redactedContent: string }

export interface AmazonQTool {
  readonly toolSpecification: {
    readonly name: string
    readonly description: string
    readonly inputSchema: { readonly json: JsonObject }
  }
}
