import type { BinarySource, DocumentBlock, ImageBlock } from '../../../canonical/request.ts'
import { invalidRequest } from '../request-fields.ts'

/** An image's URL as OpenAI's dialects write it: a data URL or a link. Throws `ProxyError` of kind `invalid-request`. */
export function decodeImageUrl(url: string, path: string): ImageBlock {
  const source = sourceOf(url, path)
  if (source.type === 'base64' && !source.mediaType.startsWith('image/')) {
    throw invalidRequest(path, 'expected the data URL of an image, such as "data:image/png;base64,…"')
  }
  return { type: 'image', source }
}

/**
 * A file's content: a data URL, or bare base64 whose kind the file's name tells (a PDF when it tells none). A picture
 * becomes an image. Throws `ProxyError` of kind `invalid-request`.
 */
export function decodeFileData(data: string, filename: string | undefined, path: string): DocumentBlock | ImageBlock {
  const source: BinarySource = data.startsWith('data:')
    ? sourceOf(data, path)
    : { type: 'base64', mediaType: mediaTypeOf(filename), data: withoutSpace(data) }
  if (source.type === 'base64' && source.mediaType.startsWith('image/')) return { type: 'image', source }
  return { type: 'document', source, ...(filename ? { title: filename } : {}) }
}

/** A link to a file. Throws `ProxyError` of kind `invalid-request`. */
export function decodeFileUrl(url: string, filename: string | undefined, path: string): DocumentBlock | ImageBlock {
  const source = sourceOf(url, path)
  if (source.type === 'base64') return decodeFileData(url, filename, path)
  return { type: 'document', source, ...(filename ? { title: filename } : {}) }
}

const dataUrlHead = /^data:([^;,]*)((?:;[^;,]*)*),/u
/** Characters in which a data URL's head must end. */
const longestHead = 500

function sourceOf(url: string, path: string): BinarySource {
  if (/^https?:\/\//iu.test(url)) return { type: 'url', url }
  const head = dataUrlHead.exec(url.slice(0, longestHead))
  if (!head)
    throw invalidRequest(
      path,
      'expected a data URL such as "data:image/png;base64,…" or a link that begins with https://',
    )
  const mediaType = (head[1] ?? '').trim().toLowerCase()
  const content = url.slice(head[0].length)
  const data = /;\s*base64$/iu.test(head[2] ?? '') ? withoutSpace(content) : percentToBase64(content, path)
  if (data === '') throw invalidRequest(path, 'the data URL is empty')
  return { type: 'base64', mediaType: mediaType === '' ? 'text/plain' : mediaType, data }
}

function percentToBase64(content: string, path: string): string {
  try {
    return Buffer.from(decodeURIComponent(content), 'utf8').toString('base64')
  } catch {
    throw invalidRequest(path, 'the data URL is not valid percent-encoding; send it as base64')
  }
}

function withoutSpace(data: string): string {
  return /\s/u.test(data) ? data.replaceAll(/\s+/gu, '') : data
}

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['json', 'application/json'],
])

function mediaTypeOf(filename: string | undefined): string {
  const ending = filename?.split('.').at(-1)?.toLowerCase() ?? ''
  return mediaTypes.get(ending) ?? 'application/pdf'
}
