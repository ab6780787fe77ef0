import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { ContentBlock, ForeignBlock, TextBlock, ToolResultBlock } from '../../../canonical/request.ts'
import { decodeFileData, decodeFileUrl, decodeImageUrl } from '../openai/media.ts'
import { invalidField, optionalString, requiredString } from '../request-fields.ts'

/**
 * Reads a message's `content`: a string or an array of parts. Empty texts are left out; parts of a type that we don't
 * know become foreign blocks without words. Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeContent(content: unknown, path: string): ContentBlock[] {
  if (content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw invalidField(path, 'a string or an array of content parts', content)
  return content.flatMap((part: unknown, index) => decodePart(part, `${path}.${index}`))
}

/** Reads the output of a tool call: a string or an array of parts (clients.md §2). Anything else is shown as JSON. */
export function decodeToolOutput(output: unknown, path: string): ToolResultBlock['content'] {
  if (output === undefined || output === null) return []
  if (typeof output !== 'string' && !Array.isArray(output)) return [{ type: 'text', text: JSON.stringify(output) }]
  return decodeContent(output, path).flatMap((block) => {
    if (block.type === 'text' || block.type === 'image' || block.type === 'document') return [block]
    return block.type === 'foreign' && block.text !== '' ? [{ type: 'text', text: block.text }] : []
  })
}

function decodePart(part: unknown, path: string): readonly ContentBlock[] {
  if (!isJsonObject(part)) throw invalidField(path, 'a content part, an object with a "type"', part)
  const { type } = part
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'summary_text':
    case 'reasoning_text':
      return textBlocks(stringOf(part, 'text', path), part)
    case 'refusal':
      return textBlocks(stringOf(part, 'refusal', path), part)
    case 'input_image':
    case 'computer_screenshot':
      return [decodeImage(part, path)]
    case 'input_file':
      return [decodeFile(part, path)]
    case 'input_audio':
      return [unavailable('audio', part)]
    default:
      if (typeof type !== 'string') throw invalidField(`${path}.type`, 'the type of a content part', type)
      return [{ type: 'foreign', dialect: 'openai-responses', value: part, text: '' }]
  }
}

function textBlocks(text: string, part: JsonObject): readonly TextBlock[] {
  if (text === '') return []
  const marked = part['prompt_cache_breakpoint'] !== undefined && part['prompt_cache_breakpoint'] !== null
  return [{ type: 'text', text, ...(marked ? { cacheBreakpoint: true } : {}) }]
}

function decodeImage(part: JsonObject, path: string): ContentBlock {
  const { image_url: image } = part
  if (isJsonObject(image))
    return decodeImageUrl(requiredString(image, 'url', `${path}.image_url`), `${path}.image_url.url`)
  const url = optionalString(part, 'image_url', path) ?? ''
  if (url !== '') return decodeImageUrl(url, `${path}.image_url`)
  if (typeof part['file_id'] === 'string') return unavailable('image', part)
  throw invalidField(`${path}.image_url`, 'a data URL or a link', image)
}

function decodeFile(part: JsonObject, path: string): ContentBlock {
  const filename = optionalString(part, 'filename', path)
  const data = optionalString(part, 'file_data', path) ?? ''
  if (data !== '') return decodeFileData(data, filename, `${path}.file_data`)
  const url = optionalString(part, 'file_url', path) ?? ''
  if (url !== '') return decodeFileUrl(url, filename, `${path}.file_url`)
  if (typeof part['file_id'] === 'string') return unavailable('file', part)
  throw invalidField(`${path}.file_data`, 'a data URL, or "file_url" in its place', part['file_data'])
}

/** Something whose bytes are not in the request, or that no upstream takes. The model is told, not misled. */
function unavailable(kind: 'audio' | 'image' | 'file', value: JsonObject): ForeignBlock {
  const reason = kind === 'audio' ? 'Sound can not be passed on.' : 'It was uploaded to another service.'
  return {
    type: 'foreign',
    dialect: 'openai-responses',
    value,
    text: `[An attached ${kind} is not available here. ${reason}]`,
  }
}

function stringOf(part: JsonObject, key: string, path: string): string {
  const value = part[key]
  if (typeof value === 'string') return value
  throw invalidField(`${path}.${key}`, 'a string', value)
}
