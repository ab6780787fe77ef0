import { ProxyError } from '../canonical/error.ts'
import type { CompletionEvent, CompletionStream } from '../canonical/event.ts'
import { isJsonObject, type JsonObject } from '../canonical/json.ts'
import type { CompletionMessage } from '../canonical/message.ts'

type Block = CompletionMessage['content'][number]

/**
 * The whole answer of a stream that keeps the contract in canonical/event.ts (see `createEventChecker`). Throws what
 * the stream throws, and `ProxyError` of kind `upstream-invalid` when it ends without a `finish` or a tool call's input
 * is not a JSON object.
 */
export async function collect(stream: CompletionStream): Promise<CompletionMessage> {
  const content: Block[] = []
  let finish: CompletionMessage['finish'] | undefined
  let text = ''
  let tool = { id: '', name: '' }

  function fold(event: CompletionEvent): void {
    switch (event.type) {
      case 'text-start':
      case 'reasoning-start':
        text = ''
        break
      case 'tool-start':
        text = ''
        tool = { id: event.id, name: event.name }
        break
      case 'text-delta':
      case 'reasoning-delta':
        text += event.text
        break
      case 'tool-delta':
        text += event.json
        break
      case 'text-end':
        content.push({ type: 'text', text })
        break
      case 'reasoning-end':
        content.push({
          type: 'reasoning',
          text,
          ...(event.signature === undefined ? {} : { signature: event.signature }),
          ...(event.redacted === undefined ? {} : { redacted: event.redacted }),
        })
        break
      case 'tool-end':
        content.push({ type: 'tool-use', ...tool, input: parseInput(text, tool.name) })
        break
      case 'foreign':
        content.push(event.block)
        break
      case 'finish': {
        const { type: _, ...rest } = event
        finish = rest
        break
      }
      case 'message-start':
      case 'usage':
        break
    }
  }

  for await (const events of stream) for (const event of events) fold(event)
  if (finish === undefined) {
    throw new ProxyError(
      'upstream-invalid',
      "The upstream's answer ended before it was complete. This is no fault of your request; try again.",
    )
  }
  return { content, finish }
}

function parseInput(json: string, name: string): JsonObject {
  if (json === '') return {}
  let cause: unknown
  try {
    const input: unknown = JSON.parse(json)
    if (isJsonObject(input)) return input
  } catch (error) {
    cause = error
  }
  throw new ProxyError(
    'upstream-invalid',
    `The upstream sent a call of the tool "${name.slice(0, 200)}" whose input is not a JSON object. This is no fault of your request; try again.`,
    { cause },
  )
}
