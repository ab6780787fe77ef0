import { EventStreamCodec } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'

/** One message of the answer's event stream (amazon-q.md §3.2), or bytes to send as they are. */
export type ScriptedFrame =
  | { readonly event: string; readonly payload: unknown }
  | { readonly exception: string; readonly payload: unknown }
  | { readonly errorCode: string; readonly errorMessage: string }
  | { readonly raw: Uint8Array }

/** AWS's own codec: the product's is under test and must not judge itself. */
const codec = new EventStreamCodec(toUtf8, fromUtf8)

const stringHeader = (value: string): { type: 'string'; value: string } => ({ type: 'string', value })

/** The bytes of one frame, both checksums included. */
export function encodeFrame(frame: ScriptedFrame): Uint8Array {
  if ('raw' in frame) return frame.raw
  if ('errorCode' in frame) {
    return codec.encode({
      headers: {
        ':message-type': stringHeader('error'),
        ':error-code': stringHeader(frame.errorCode),
        ':error-message': stringHeader(frame.errorMessage),
      },
      body: new Uint8Array(0),
    })
  }
  const body = Buffer.from(JSON.stringify(frame.payload), 'utf8')
  if ('exception' in frame) {
    return codec.encode({
      headers: {
        ':exception-type': stringHeader(frame.exception),
        ':content-type': stringHeader('application/json'),
        ':message-type': stringHeader('exception'),
      },
      body,
    })
  }
  return codec.encode({
    headers: {
      ':event-type': stringHeader(frame.event),
      ':content-type': stringHeader('application/json'),
      ':message-type': stringHeader('event'),
    },
    body,
  })
}

/** Characters of an answer that a tokenizer would count: text, reasoning and tool input. */
export function frameCharacters(frame: ScriptedFrame): number {
  if (!('event' in frame) || typeof frame.payload !== 'object' || frame.payload === null) return 0
  const payload = frame.payload as { readonly content?: unknown; readonly text?: unknown; readonly input?: unknown }
  let characters = 0
  for (const part of [payload.content, payload.text, payload.input]) {
    if (typeof part === 'string') characters += part.length
    else if (part !== undefined) characters += JSON.stringify(part).length
  }
  return characters
}

/** A fragment of the answer's text. */
export function textFrame(content: string, modelId?: string): ScriptedFrame {
  return { event: 'assistantResponseEvent', payload: modelId === undefined ? { content } : { content, modelId } }
}

/** The text in fragments of at most `size` characters, never cutting a character in two. */
export function fragments(text: string, size = 16): readonly string[] {
  const parts: string[] = []
  let part = ''
  for (const character of text) {
    if (part.length + character.length > size && part !== '') {
      parts.push(part)
      part = ''
    }
    part += character
  }
  if (part !== '') parts.push(part)
  return parts
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  /** The JSON text of the input. */
  readonly input: string
}

/** A whole tool use as the service streams it: name first, input in string fragments, `stop` last (amazon-q.md §3.3). */
export function* toolFrames(
  call: ToolCall,
  options: { readonly size?: number; readonly stop?: boolean } = {},
): Generator<ScriptedFrame> {
  const { id: toolUseId, name } = call
  yield { event: 'toolUseEvent', payload: { toolUseId, name } }
  for (const input of fragments(call.input, options.size ?? 24)) {
    yield { event: 'toolUseEvent', payload: { toolUseId, name, input } }
  }
  if (options.stop ?? true) yield { event: 'toolUseEvent', payload: { toolUseId, name, stop: true } }
}
