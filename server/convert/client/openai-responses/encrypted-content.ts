import type { ReasoningBlock } from '../../../canonical/request.ts'
import { decodeOpaque, encodeOpaque } from '../opaque-text.ts'

/** Says that the value is the reasoning itself and not a signature of it: the item has one member for both. */
const redactedTag = 'cvr.'
/** Says that the text to which the signature belongs comes first, in base64url: the client was not shown it. */
const hiddenTextTag = 'cvt.'

/**
 * The `encrypted_content` of a reasoning item: clients keep and echo it without looking inside (clients.md §2). It brings
 * back whatever the summary does not show, so that the upstream gets its reasoning again as it gave it. `null`: there is
 * neither signature nor redacted reasoning.
 */
export function encodeEncryptedContent(block: Omit<ReasoningBlock, 'type'>, showsText: boolean): string | null {
  if (block.redacted !== undefined) return redactedTag + encodeOpaque(block.redacted)
  if (block.signature === undefined) return null
  const signature = encodeOpaque(block.signature)
  if (showsText || block.text === '') return signature
  return `${hiddenTextTag}${Buffer.from(block.text, 'utf8').toString('base64url')}.${signature}`
}

/** The inverse of `encodeEncryptedContent`; `summary` is what the item shows. Any text is accepted. */
export function decodeEncryptedContent(encrypted: string, summary: string): ReasoningBlock {
  if (encrypted.startsWith(redactedTag)) {
    const redacted = decodeOpaque(encrypted.slice(redactedTag.length))
    return redacted.value === '' ? { type: 'reasoning', text: summary } : { type: 'reasoning', text: '', redacted }
  }
  const hidden = encrypted.startsWith(hiddenTextTag)
    ? /^([\w-]+)\.(.+)$/su.exec(encrypted.slice(hiddenTextTag.length))
    : null
  if (hidden === null) return { type: 'reasoning', text: summary, signature: decodeOpaque(encrypted) }
  const text = Buffer.from(hidden[1] ?? '', 'base64url').toString('utf8')
  return { type: 'reasoning', text, signature: decodeOpaque(hidden[2] ?? '') }
}
