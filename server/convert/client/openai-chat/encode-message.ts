import type { Usage } from '../../../canonical/event.ts'
import type { CompletionMessage } from '../../../canonical/message.ts'
import type { WireChatCompletion, WireChatMessage, WireToolCall } from '../../../wire/openai-chat/answer.ts'
import { type ChatEncodeContext, encodeChatUsage, finishReason } from './answer-fields.ts'

/** A whole answer as the body of a request without `stream`: what a client would have put together from the stream. */
export function encodeChatMessage(
  message: CompletionMessage,
  usage: Usage,
  context: ChatEncodeContext,
): WireChatCompletion {
  const encoded = encodeContent(message, context.usesFunctions)
  const hasCalls = encoded.tool_calls !== undefined || encoded.function_call !== undefined
  return {
    id: context.completionId,
    object: 'chat.completion',
    created: context.created,
    model: context.model,
    choices: [
      {
        index: 0,
        message: encoded,
        logprobs: null,
        finish_reason: finishReason(message.finish.reason, hasCalls, context.usesFunctions),
      },
    ],
    usage: encodeChatUsage(usage),
  }
}

function encodeContent(message: CompletionMessage, usesFunctions: boolean): WireChatMessage {
  let text = ''
  let reasoning = ''
  const calls: WireToolCall[] = []
  for (const block of message.content) {
    if (block.type === 'text') text += block.text
    else if (block.type === 'reasoning') reasoning += block.text
    else if (block.type === 'tool-use') {
      const called = { name: block.name, arguments: JSON.stringify(block.input) }
      calls.push({ id: block.id, type: 'function', function: called })
    }
  }
  const [first] = calls
  return {
    role: 'assistant',
    content: text === '' && first !== undefined ? null : text,
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(first === undefined ? {} : usesFunctions ? { function_call: first.function } : { tool_calls: calls }),
  }
}
