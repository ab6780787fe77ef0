import type { ImageBlock } from '../../../canonical/request.ts'
import type { AmazonQImage, AmazonQImageFormat } from '../../../wire/amazon-q/request.ts'
import type { Turn } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'

/** Images in one request (amazon-q.md §2.4: 10 a message; AWS's own clients keep them out of older turns). */
const MAX_IMAGES = 10
/** Characters of base64 (amazon-q.md §2.5 images). */
const MAX_IMAGE_LENGTH = 10_000_000

const FORMATS: ReadonlyMap<string, AmazonQImageFormat> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpeg'],
  ['image/jpg', 'jpeg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
])

/** Decides for each image of a request, in order, whether it is sent. */
export interface ImageEncoder {
  /** The image for the message, or the note that stands in its place. */
  encode(block: ImageBlock, where: string): { readonly image: AmazonQImage } | { readonly note: string }
}

/** Images are counted over the whole conversation: the newest are kept, which are those that the model is asked about. */
export function createImageEncoder(turns: readonly Turn[], accepted: boolean, log: RepairLog): ImageEncoder {
  let toSkip = accepted ? countSendable(turns) - MAX_IMAGES : 0
  return {
    encode(block, where) {
      if (!accepted) {
        log.add('image-not-accepted', where)
        return { note: '(An image was here. This model takes no images.)' }
      }
      const image = sendable(block)
      if (image === undefined) {
        log.add('unsupported-image', where, kindOf(block))
        return { note: `(An image was here that could not be passed on: ${kindOf(block)}.)` }
      }
      if (toSkip > 0) {
        toSkip -= 1
        log.add('too-many-images', where)
        return { note: '(An older image was here. Only the newest images are passed on.)' }
      }
      return { image }
    },
  }
}

function sendable(block: ImageBlock): AmazonQImage | undefined {
  const { source } = block
  if (source.type === 'url') return undefined
  const format = FORMATS.get(source.mediaType.toLowerCase())
  if (format === undefined || source.data === '' || source.data.length > MAX_IMAGE_LENGTH) return undefined
  return { format, source: { bytes: source.data } }
}

function kindOf(block: ImageBlock): string {
  if (block.source.type === 'url') return 'it is a link'
  if (block.source.data === '') return 'it is empty'
  if (block.source.data.length > MAX_IMAGE_LENGTH) return 'it is too large'
  return `its format is ${block.source.mediaType.slice(0, 100)}`
}

function countSendable(turns: readonly Turn[]): number {
  let count = 0
  for (const turn of turns) {
    for (const { block } of turn.blocks) {
      if (block.type === 'image' && sendable(block) !== undefined) count += 1
      if (block.type !== 'tool-result') continue
      for (const part of block.content) if (part.type === 'image' && sendable(part) !== undefined) count += 1
    }
  }
  return count
}
