import type { Usage } from '../../../canonical/event.ts'
import type { CompletionMessage } from '../../../canonical/message.ts'
import type { WireContentBlock, WireMessage } from '../../../wire/anthropic/answer.ts'
import { encodeUsage, stopReason } from './answer-fields.ts'
import type { MessagesEncodeContext } from './encode-stream.ts'
import { encodeOpaque } from '../opaque-text.ts'

/** A whole answer as the body of a request without `stream`: what a client would have put together from the stream. */
export function encodeMessage(
  message: CompletionMessage,
  usage: Usage,
  context: Pick<MessagesEncodeContext, 'messageId' | 'model' | 'reasoningDisplay'>,
): WireMessage {
  const showsReasoning = context.reasoningDisplay !== 'omitted'
  return {
    id: context.messageId,
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: message.content.map((block) => encodeBlock(block, showsReasoning)),
    stop_reason: stopReason(message.finish.reason),
    stop_sequence: message.finish.stopSequence ?? null,
    usage: encodeUsage(usage),
  }
}

function encodeBlock(block: CompletionMessage['content'][number], showsReasoning: boolean): WireContentBlock {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text }
    case 'foreign':
      return block.dialect === 'anthropic' ? block.value : { type: 'text', text: block.text }
    case 'tool-use':
      return { type: 'tool_use', id: block.id, name: block.name, input: block.input }
    case 'reasoning':
      if (block.redacted) return { type: 'redacted_thinking', data: encodeOpaque(block.redacted) }
      return {
        type: 'thinking',
        thinking: showsReasoning ? block.text : '',
        signature: block.signature ? encodeOpaque(block.signature) : '',
      }
  }
}
