import type { AnthropicState } from './state.ts'
import type { Answer, AnswerBlock } from './scenarios.ts'
import type { ReadRequest } from './validate.ts'

/** Characters of one delta. */
const FRAGMENT = 7

/** The server-sent events of an answer, as the text of the whole stream. */
export function eventsOf(answer: Answer, request: ReadRequest, state: AnthropicState): string {
  const lines: string[] = []
  const send = (type: string, rest: object): void => {
    lines.push(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`)
  }
  const cached = Math.floor(request.inputTokens / 2)
  const usage = {
    input_tokens: request.inputTokens - cached,
    cache_creation_input_tokens: 3,
    cache_read_input_tokens: cached,
    service_tier: 'standard',
  }
  send('message_start', {
    message: {
      id: state.messageId(),
      type: 'message',
      role: 'assistant',
      model: request.model.id,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 1 },
    },
  })
  send('ping', {})
  let outputTokens = 1
  for (const [index, block] of answer.blocks.entries()) {
    const isLast = index === answer.blocks.length - 1
    const { start, deltas } = partsOf(block)
    send('content_block_start', { index, content_block: start })
    for (const delta of deltas) send('content_block_delta', { index, delta })
    outputTokens += deltas.length
    if (isLast && answer.end === 'cut') return lines.join('')
    if (isLast && answer.end === 'error') {
      send('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })
      return lines.join('')
    }
    send('content_block_stop', { index })
  }
  send('message_delta', {
    delta: { stop_reason: answer.stopReason, stop_sequence: answer.stopSequence ?? null },
    usage: { ...usage, output_tokens: outputTokens },
  })
  send('message_stop', {})
  return lines.join('')
}

function partsOf(block: AnswerBlock): { readonly start: object; readonly deltas: readonly object[] } {
  switch (block.type) {
    case 'text':
      return {
        start: { type: 'text', text: '' },
        deltas: fragments(block.text).map((text) => ({ type: 'text_delta', text })),
      }
    case 'thinking':
      return {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [
          ...fragments(block.text).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block.signature },
        ],
      }
    case 'redacted':
      return { start: { type: 'redacted_thinking', data: block.data }, deltas: [] }
    case 'own':
      return block.input === undefined
        ? { start: block.value, deltas: [] }
        : {
            start: { ...block.value, input: {} },
            deltas: fragments(JSON.stringify(block.input)).map((json) => ({
              type: 'input_json_delta',
              partial_json: json,
            })),
          }
    case 'tool':
      return {
        start: { type: 'tool_use', id: block.id, name: block.name, input: {} },
        deltas: ['', ...fragments(block.json)].map((json) => ({ type: 'input_json_delta', partial_json: json })),
      }
  }
}

function fragments(text: string): readonly string[] {
  const characters = Array.from(text)
  const parts: string[] = []
  for (let at = 0; at < characters.length; at += FRAGMENT) parts.push(characters.slice(at, at + FRAGMENT).join(''))
  return parts
}
