import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { DocumentBlock, ImageBlock, TextBlock } from '../../../canonical/request.ts'
import { decodeFileData, decodeImageUrl } from '../openai/media.ts'
import { invalidField, invalidRequest, optionalString, requiredString } from '../request-fields.ts'

type Part = TextBlock | ImageBlock | DocumentBlock

/**
 * A user's or a tool's content: a string or parts. Empty texts are left out. Throws `ProxyError` of kind
 * `invalid-request` for what can't be passed on, so that nothing that the person attached is lost unseen.
 */
export function decodeParts(content: unknown, path: string): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw invalidField(path, 'a string or an array of content parts', content)
  return content.flatMap((part: unknown, index) => decodePart(part, `${path}.${index}`))
}

/** Content that can only be text: of system, developer and assistant messages. */
export function decodeTexts(content: unknown, path: string): TextBlock[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw invalidField(path, 'a string or an array of text parts', content)
  return content.flatMap((part: unknown, index) => {
    const partPath = `${path}.${index}`
    if (!isJsonObject(part)) throw invalidField(partPath, 'a content part, an object with a "type"', part)
    switch (part['type']) {
      case 'text':
        return textOf(part, 'text', partPath)
      case 'refusal':
        return textOf(part, 'refusal', partPath)
      default:
        throw invalidField(`${partPath}.type`, '"text"', part['type'])
    }
  })
}

function decodePart(part: unknown, path: string): Part[] {
  if (!isJsonObject(part)) throw invalidField(path, 'a content part, an object with a "type"', part)
  switch (part['type']) {
    case 'text':
      return textOf(part, 'text', path)
    case 'image_url':
      return [imageOf(part['image_url'], `${path}.image_url`)]
    case 'file':
      return [fileOf(part['file'], `${path}.file`)]
    case 'input_audio':
      throw invalidRequest(`${path}.type`, 'sound can not be passed on, since no account here takes any; send its text')
    default:
      throw invalidField(`${path}.type`, '"text", "image_url" or "file"', part['type'])
  }
}

function textOf(part: JsonObject, key: string, path: string): TextBlock[] {
  const text = part[key]
  if (typeof text !== 'string') throw invalidField(`${path}.${key}`, 'a string', text)
  return text === '' ? [] : [{ type: 'text', text }]
}

/** `detail` is a hint that no upstream of ours knows. A bare string in place of the object is what some clients send. */
function imageOf(image: unknown, path: string): ImageBlock {
  if (typeof image === 'string') return decodeImageUrl(image, path)
  if (!isJsonObject(image)) throw invalidField(path, 'an object with "url"', image)
  return decodeImageUrl(requiredString(image, 'url', path, 'a data URL or a link'), `${path}.url`)
}

function fileOf(file: unknown, path: string): DocumentBlock | ImageBlock {
  if (!isJsonObject(file)) throw invalidField(path, 'an object with "file_data"', file)
  const data = optionalString(file, 'file_data', path) ?? ''
  if (data !== '') return decodeFileData(data, optionalString(file, 'filename', path), `${path}.file_data`)
  if (typeof file['file_id'] === 'string') {
    throw invalidRequest(`${path}.file_id`, 'Culvert stores no files; send the content itself as "file_data"')
  }
  throw invalidField(`${path}.file_data`, 'the data URL of a file', file['file_data'])
}
