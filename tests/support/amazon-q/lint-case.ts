import type { CompletionRequest, ContentBlock, Message, Tool } from '../../../server/canonical/request.ts'
import type { AmazonQEncodeContext } from '../../../server/convert/upstream/amazon-q/encode-request.ts'
import { encodeAmazonQRequest } from '../../../server/convert/upstream/amazon-q/encode-request.ts'
import type { AmazonQRequestBody } from '../../../server/wire/amazon-q/request.ts'
import { checkAmazonQBody } from './check-request.ts'

/** One request that breaks a rule, and what must become of it. */
export interface LintCase {
  readonly request: Partial<CompletionRequest>
  readonly context?: Partial<AmazonQEncodeContext>
  /** Where the repair must be recorded. */
  readonly where: string
  /** Further checks on what is sent. */
  readonly body?: (body: AmazonQRequestBody) => void
}

/** A request with one question and no tools, changed as told. */
export function requestWith(change: Partial<CompletionRequest>): CompletionRequest {
  return {
    model: 'claude-sonnet-4.5',
    system: [],
    messages: [user(text('Hello'))],
    tools: [],
    toolChoice: { type: 'auto' },
    sampling: {},
    stream: true,
    extras: {},
    ...change,
  }
}

/** Encodes with the context of a Kiro account. */
export function encode(request: Partial<CompletionRequest>, context: Partial<AmazonQEncodeContext> = {}) {
  return encodeAmazonQRequest(requestWith(request), {
    conversationId: '5b0c1a52-8f3d-4a51-9a57-0c6d6f5f1e11',
    origin: 'AI_EDITOR',
    cachePoints: false,
    includeAgentTaskType: false,
    ...context,
  })
}

/** What becomes of a case's request, with what the independent checker says of it. */
export function runCase({ request, context }: LintCase) {
  const { body, repairs } = encode(request, context)
  return { body, repairs, faults: checkAmazonQBody(body) }
}

export function text(value: string): ContentBlock {
  return { type: 'text', text: value }
}

export function call(id: string, name = 'Bash'): ContentBlock {
  return { type: 'tool-use', id, name, input: {} }
}

export function result(toolUseId: string, value = 'done'): ContentBlock {
  const content = value === '' ? [] : [{ type: 'text' as const, text: value }]
  return { type: 'tool-result', toolUseId, content, isError: false }
}

export function image(data = 'QUJD', mediaType = 'image/png'): ContentBlock & { readonly type: 'image' } {
  return { type: 'image', source: { type: 'base64', mediaType, data } }
}

export function user(...content: ContentBlock[]): Message {
  return { role: 'user', content }
}

export function assistant(...content: ContentBlock[]): Message {
  return { role: 'assistant', content }
}

export function tool(name: string, change: Partial<Tool> = {}): Tool {
  return { name, description: 'Runs a command.', inputSchema: { type: 'object', properties: {} }, ...change }
}

/** The contents of all messages of a body, in order. */
export function contents(body: AmazonQRequestBody): string[] {
  const { history = [], currentMessage } = body.conversationState
  return [...history, currentMessage].map((entry) =>
    'userInputMessage' in entry ? entry.userInputMessage.content : entry.assistantResponseMessage.content,
  )
}

/** The tool results of the message that is to be answered. */
export function currentResults(body: AmazonQRequestBody) {
  return body.conversationState.currentMessage.userInputMessage.userInputMessageContext?.toolResults ?? []
}

/** The declared tools. */
export function declared(body: AmazonQRequestBody) {
  const { userInputMessageContext } = body.conversationState.currentMessage.userInputMessage
  return (userInputMessageContext?.tools ?? []).map((entry) => entry.toolSpecification)
}
