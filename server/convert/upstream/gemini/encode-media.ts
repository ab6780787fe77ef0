import type { BinarySource, DocumentBlock, ImageBlock } from '../../../canonical/request.ts'
import type { GeminiInlinePart, GeminiTextPart } from '../../../wire/gemini/request.ts'
import type { RepairLog } from '../../lint/repair-log.ts'

const IMAGE_TYPES: ReadonlySet<string> = new Set(
  'image/png image/jpeg image/gif image/webp image/heic image/heif'.split(' '),
)

/** An image as inline data, or a note in its place: links are not fetched (gemini.md §8.1). */
export function encodeImage(block: ImageBlock, where: string, log: RepairLog): GeminiInlinePart | GeminiTextPart {
  const { source } = block
  const type = source.type === 'url' ? '' : mediaTypeOf(source.mediaType)
  if (source.type === 'base64' && IMAGE_TYPES.has(type) && source.data !== '') {
    return { inlineData: { mimeType: type, data: source.data } }
  }
  const reason = source.type === 'url' ? 'it is a link' : source.data === '' ? 'it is empty' : `its format is ${type}`
  log.add('unsupported-image', where, reason)
  return { text: `(An image was here that could not be passed on: ${reason}.)` }
}

/** A document: a PDF as inline data, a text as text, a note in the place of any other (gemini.md §8.1). */
export function encodeDocument(
  block: DocumentBlock,
  where: string,
  log: RepairLog,
): readonly (GeminiInlinePart | GeminiTextPart)[] {
  const { source } = block
  const text = source.type === 'text' ? source.text : inlineText(source)
  if (text !== undefined) {
    const title = block.title === undefined ? '' : ` title="${block.title.replaceAll('"', "'")}"`
    return [{ text: `<document${title}>\n${contextOf(block)}${text}\n</document>` }]
  }
  if (source.type === 'base64' && mediaTypeOf(source.mediaType) === 'application/pdf' && source.data !== '') {
    const about = [block.title ?? '', block.context ?? ''].filter((part) => part !== '').join('\n')
    const inline = { inlineData: { mimeType: 'application/pdf', data: source.data } }
    return about === '' ? [inline] : [{ text: `(The document that follows: ${about})` }, inline]
  }
  const kind = source.type === 'base64' ? mediaTypeOf(source.mediaType) : 'a link'
  log.add('unsupported-document', where, kind)
  return [
    { text: `(A document (${kind}) was attached here. It could not be passed on; ask for its text if it matters.)` },
  ]
}

function contextOf({ context }: DocumentBlock): string {
  return context === undefined ? '' : `${context}\n`
}

function inlineText(source: BinarySource | { readonly type: 'text' }): string | undefined {
  if (source.type !== 'base64') return undefined
  const type = mediaTypeOf(source.mediaType)
  if (!type.startsWith('text/') && type !== 'application/json') return undefined
  return Buffer.from(source.data, 'base64').toString('utf8')
}

function mediaTypeOf(value: string): string {
  const type = (value.split(';', 1)[0] ?? '').trim().toLowerCase().slice(0, 100)
  return type === 'image/jpg' ? 'image/jpeg' : type
}
