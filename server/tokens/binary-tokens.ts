import type { BinarySource } from '../canonical/request.ts'
import { imageSize } from './image-size.ts'

/** Where the size can't be read: about the largest that an image can cost. */
const unknownImageTokens = 1_500
/** Images are scaled down to this edge and to this many tokens before the model sees them. */
const longestEdge = 1_568
const largestImageTokens = 1_600
const pixelsPerToken = 750

/** Typical PDFs have about 50 KB and 2,000 tokens a page (text and picture). */
const bytesPerDocumentToken = 25
const smallestDocumentTokens = 1_500
const largestDocumentTokens = 300_000

/** What an image costs by Anthropic's rule: width × height ÷ 750 after scaling, in tokens. */
export function imageTokens(source: BinarySource): number {
  const size = source.type === 'base64' ? imageSize(source.data) : undefined
  if (size === undefined) return unknownImageTokens
  const scale = Math.min(1, longestEdge / Math.max(size.width, size.height))
  return Math.min(largestImageTokens, Math.ceil((size.width * size.height * scale * scale) / pixelsPerToken))
}

/** A guess at what a PDF costs, from its length alone, in tokens. */
export function documentTokens(source: BinarySource): number {
  if (source.type !== 'base64') return smallestDocumentTokens
  const bytes = source.data.length * 0.75
  return Math.round(Math.min(largestDocumentTokens, Math.max(smallestDocumentTokens, bytes / bytesPerDocumentToken)))
}
