import type { JsonObject } from './json.ts'

/**
 * Our own model of one completion request. Shaped like Anthropic's content blocks (the superset of what
 * clients send), but independent of any wire format: client dialects decode into it, upstream dialects
 * encode from it. Everything is read-only: repairs build new values.
 */
export interface CompletionRequest {
  /** The model name. As the client asked for it until `route` has replaced it with the backend's own id. */
  readonly model: string
  /** System prompt, in order. Client metadata blocks (billing headers) are already removed. */
  readonly system: readonly TextBlock[]
  readonly messages: readonly Message[]
  readonly tools: readonly Tool[]
  readonly toolChoice: ToolChoice
  readonly sampling: Sampling
  /** Absent: the client did not ask for reasoning. */
  readonly reasoning?: ReasoningRequest
  /** Absent: free text. */
  readonly outputFormat?: { readonly type: 'json-schema'; readonly name?: string; readonly schema: JsonObject }
  /** Whether the client wants a stream of events rather than one message. */
  readonly stream: boolean
  /**
   * The client's own identity for the conversation (session id, plus the agent's id for sub-agents), or absent
   * when it sent none. Never empty.
   */
  readonly conversationKey?: string
  /** Unknown client fields under their dialect's name; re-emitted only to an upstream of the same dialect. */
  readonly extras: Readonly<Partial<Record<Dialect, JsonObject>>>
}

/** The client dialects that Culvert speaks. */
export type Dialect = 'anthropic' | 'openai-chat' | 'openai-responses'

/** `system` messages may stand anywhere in a conversation, also last (newer Claude Code; clients.md §1.5). */
export interface Message {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: readonly ContentBlock[]
}

export type ContentBlock =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | ToolUseBlock
  | ToolResultBlock
  | ReasoningBlock
  | ForeignBlock

export interface TextBlock {
  readonly type: 'text'
  readonly text: string
  /** The client marked this as the end of a cacheable prefix. */
  readonly cacheBreakpoint?: boolean
}

export interface ImageBlock {
  readonly type: 'image'
  readonly source: BinarySource
  readonly cacheBreakpoint?: boolean
}

export interface DocumentBlock {
  readonly type: 'document'
  readonly source: BinarySource | { readonly type: 'text'; readonly text: string }
  readonly title?: string
  readonly context?: string
  readonly cacheBreakpoint?: boolean
}

/** `data` is base64 without line breaks; `mediaType` e.g. `image/png`, `application/pdf`. */
export type BinarySource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string }

export interface ToolUseBlock {
  readonly type: 'tool-use'
  readonly id: string
  readonly name: string
  readonly input: JsonObject
  readonly cacheBreakpoint?: boolean
}

export interface ToolResultBlock {
  readonly type: 'tool-result'
  readonly toolUseId: string
  readonly content: readonly (TextBlock | ImageBlock | DocumentBlock)[]
  readonly isError: boolean
  readonly cacheBreakpoint?: boolean
}

export interface ReasoningBlock {
  readonly type: 'reasoning'
  /** May be empty (a client may echo a block whose text was not displayed). */
  readonly text: string
  /** Absent: the block came without a signature, or with an empty one. */
  readonly signature?: Opaque
  /** Present: the reasoning's content is encrypted; `text` is empty. */
  readonly redacted?: Opaque
}

/**
 * A value that only the upstream which made it can read (a reasoning signature, redacted reasoning). `origin` tells
 * who made it, so that history repair can drop foreign ones before they turn into an error.
 */
export interface Opaque {
  readonly origin: OpaqueOrigin
  readonly value: string
}

/** `unknown`: it did not pass through Culvert (a conversation begun elsewhere). `model` is the upstream's model id. */
export type OpaqueOrigin = { readonly upstream: Upstream; readonly model: string } | { readonly upstream: 'unknown' }

/** The upstream dialects that Culvert speaks. */
export type Upstream = 'amazon-q' | 'gemini' | 'openai' | 'anthropic'

/**
 * A block that only its own dialect understands (server tool calls and their results). Re-emitted as `value` to an
 * upstream of the same dialect; everywhere else `text` stands for it (empty: drop it).
 */
export interface ForeignBlock {
  readonly type: 'foreign'
  readonly dialect: Dialect
  readonly value: JsonObject
  readonly text: string
}

export interface Tool {
  readonly name: string
  readonly description: string
  /** JSON Schema of the input, as the client wrote it. Absent for server tools. */
  readonly inputSchema?: JsonObject
  /** A tool that the provider would run itself (`web_search_20250305`, …): the whole wire object. */
  readonly server?: { readonly dialect: Dialect; readonly value: JsonObject }
  readonly extras?: JsonObject
}

export type ToolChoice =
  | { readonly type: 'auto'; readonly parallel?: boolean }
  | { readonly type: 'any'; readonly parallel?: boolean }
  | { readonly type: 'none' }
  | { readonly type: 'tool'; readonly name: string; readonly parallel?: boolean }

export interface Sampling {
  /** Tokens. */
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly stopSequences?: readonly string[]
}

export type Effort = 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/** `off`: the client said so explicitly. At most one of `effort` and `budgetTokens` need be present. */
export interface ReasoningRequest {
  readonly mode: 'off' | 'adaptive' | 'budget'
  readonly effort?: Effort
  readonly budgetTokens?: number
  /** Whether the client wants to see the reasoning's text. `omitted`: only the signature. */
  readonly display?: 'full' | 'summarized' | 'omitted'
}
