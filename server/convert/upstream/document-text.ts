import type { DocumentBlock } from '../../canonical/request.ts'
import type { RepairLog } from '../lint/repair-log.ts'

/**
 * A document as text: the service has no member for documents (amazon-q.md §2.6). Text documents are inlined; a note
 * stands in the place of any other, which is a repair.
 */
export function encodeDocument(block: DocumentBlock, where: string, log: RepairLog): string {
  const { source } = block
  const text = source.type === 'text' ? source.text : inlineText(source)
  if (text !== undefined) return inlined(block, text)
  const kind = source.type === 'base64' ? mediaTypeOf(source.mediaType) : 'a link'
  log.add('unsupported-document', where, kind)
  const name = block.title === undefined ? 'A document' : `The document "${block.title}"`
  const size = source.type === 'base64' ? `, about ${Math.ceil((source.data.length * 3) / 4 / 1024)} KB` : ''
  return (
    `(${name} (${kind}${size}) was attached here. It could not be passed on: this service takes no such documents. ` +
    'Say so if the answer depends on it, and ask for its text.)'
  )
}

type EncodedSource = Exclude<DocumentBlock['source'], { readonly type: 'text' }>

function inlineText(source: EncodedSource): string | undefined {
  if (source.type === 'url') return undefined
  const mediaType = mediaTypeOf(source.mediaType)
  if (!mediaType.startsWith('text/') && mediaType !== 'application/json') return undefined
  return Buffer.from(source.data, 'base64').toString('utf8')
}

function inlined(block: DocumentBlock, text: string): string {
  const title = block.title === undefined ? '' : ` title="${block.title.replaceAll('"', "'")}"`
  const context = block.context === undefined ? '' : `${block.context}\n`
  return `<document${title}>\n${context}${text}\n</document>`
}

function mediaTypeOf(value: string): string {
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase().slice(0, 100)
}
