import type { Usage } from '../../../canonical/event.ts'
import type { CompletionMessage } from '../../../canonical/message.ts'
import type { WireOutputItem, WireOutputText, WireResponse } from '../../../wire/openai-responses/answer.ts'
import { encodeCall, prefixOf, targetOf } from './encode-call.ts'
import { encodeResponse, endOf, itemId, type ResponseContext, responseId } from './encode-response.ts'
import { encodeEncryptedContent } from './encrypted-content.ts'

/** A whole answer as the body of a request without `stream`: what a client would have put together from the stream. */
export function encodeResponseMessage(
  message: CompletionMessage,
  usage: Usage,
  context: ResponseContext,
): WireResponse {
  const output: WireOutputItem[] = []
  for (const block of message.content) {
    const item = encodeItem(block, output.length, context)
    if (item !== undefined) output.push(item)
  }
  const response = encodeResponse(context, output, usage, endOf(message.finish.reason))
  if (context.facts.remember !== undefined) context.remember(responseId(context), JSON.stringify(response))
  return response
}

/** A text as the one part of a message. */
export function outputText(text: string): WireOutputText {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

/** An item that would say nothing is left out. */
function encodeItem(
  block: CompletionMessage['content'][number],
  index: number,
  context: ResponseContext,
): WireOutputItem | undefined {
  switch (block.type) {
    case 'text': {
      if (block.text === '') return undefined
      const id = itemId(context, 'msg', index)
      return { type: 'message', id, status: 'completed', role: 'assistant', content: [outputText(block.text)] }
    }
    case 'reasoning': {
      const text = context.showsReasoning ? block.text : ''
      const encrypted = encodeEncryptedContent(block, context.showsReasoning)
      if (text === '' && encrypted === null) return undefined
      return reasoningItem(itemId(context, 'rs', index), text, encrypted)
    }
    case 'foreign':
      return undefined
    case 'tool-use': {
      const target = targetOf(block.name, context.facts.tools)
      return encodeCall(target, itemId(context, prefixOf(target), index), block.id, JSON.stringify(block.input))
    }
  }
}

/** Reasoning with its text as the one part of the summary. */
export function reasoningItem(id: string, text: string, encrypted: string | null): WireOutputItem {
  const summary = text === '' ? [] : [{ type: 'summary_text' as const, text }]
  return { type: 'reasoning', id, summary, encrypted_content: encrypted }
}
