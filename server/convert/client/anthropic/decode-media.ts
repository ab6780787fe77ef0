import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import type { BinarySource, ContentBlock, DocumentBlock, ForeignBlock, ImageBlock } from '../../../canonical/request.ts'
import { invalidField, optionalString, requiredString } from '../request-fields.ts'
import { unavailableMedia } from './foreign-block.ts'

/** Reads an `image` block. A source that only its provider can resolve (`file`) becomes a foreign block that says so. */
export function decodeImage(block: JsonObject, path: string): ImageBlock | ForeignBlock {
  const source = sourceOf(block, path)
  const binary = decodeBinary(source, `${path}.source`)
  return binary ? { type: 'image', source: binary } : unavailableMedia('image', block, source)
}

/**
 * Reads a `document` block: base64, URL, plain text or nested content, whose texts are joined and whose pictures follow
 * the document as blocks of their own.
 */
export function decodeDocument(block: JsonObject, path: string, cacheBreakpoint: boolean): readonly ContentBlock[] {
  const source = sourceOf(block, path)
  const title = optionalString(block, 'title', path) ?? ''
  const context = optionalString(block, 'context', path) ?? ''
  const document = (from: DocumentBlock['source']): DocumentBlock => ({
    type: 'document',
    source: from,
    ...(title === '' ? {} : { title }),
    ...(context === '' ? {} : { context }),
    ...(cacheBreakpoint ? { cacheBreakpoint } : {}),
  })
  if (source['type'] === 'text') {
    return [document({ type: 'text', text: requiredString(source, 'data', `${path}.source`) })]
  }
  if (source['type'] === 'content') {
    const { text, images } = decodeNested(source['content'], `${path}.source.content`)
    return [document({ type: 'text', text }), ...images]
  }
  const binary = decodeBinary(source, `${path}.source`)
  return [binary ? document(binary) : unavailableMedia('document', block, source)]
}

function sourceOf(block: JsonObject, path: string): JsonObject {
  const { source } = block
  if (!isJsonObject(source)) throw invalidField(`${path}.source`, 'an object with a "type"', source)
  return source
}

function decodeBinary(source: JsonObject, path: string): BinarySource | undefined {
  switch (source['type']) {
    case 'base64':
      return {
        type: 'base64',
        mediaType: requiredString(source, 'media_type', path, 'a media type such as "image/png"'),
        data: withoutLineBreaks(requiredString(source, 'data', path, 'base64 data')),
      }
    case 'url':
      return { type: 'url', url: requiredString(source, 'url', path, 'a URL') }
    default:
      requiredString(source, 'type', path, 'the name of a source type')
      return undefined
  }
}

function decodeNested(
  content: unknown,
  path: string,
): { text: string; images: readonly (ImageBlock | ForeignBlock)[] } {
  if (typeof content === 'string') return { text: content, images: [] }
  if (!Array.isArray(content)) throw invalidField(path, 'a string or an array of content blocks', content)
  const texts: string[] = []
  const images: (ImageBlock | ForeignBlock)[] = []
  for (const [index, item] of content.entries()) {
    const itemPath = `${path}.${index}`
    if (!isJsonObject(item)) throw invalidField(itemPath, 'a content block, an object with a "type"', item)
    if (item['type'] === 'text') texts.push(requiredString(item, 'text', itemPath))
    else if (item['type'] === 'image') images.push(decodeImage(item, itemPath))
  }
  return { text: texts.join('\n'), images }
}

function withoutLineBreaks(data: string): string {
  return data.includes('\n') || data.includes('\r') ? data.replace(/[\r\n]+/gu, '') : data
}
